import TestSupport
import Testing

@testable import Microworld

@Suite struct InferencePairTests {
  private func world(_ strength: Double, seed: UInt64 = 7) throws -> Microworld {
    try Microworld(MicroworldOptions(seed: seed, artifactStrength: strength))
  }

  @Test(.tags(.slow), arguments: [Split.train, .test])
  func labelsAreTrueInAllStatesOfTheWorld(_ split: Split) throws {
    let world = try world(0.5)
    let evaluator = SceneEvaluator()
    for index in 0..<600 {
      let pair = world.inference(split, index)
      let found = try evaluator.inference(premise: pair.premise, hypothesis: pair.hypothesis)
      #expect(found == pair.label, "\(pair.premise) / \(pair.hypothesis)")
    }
  }

  @Test func textsAndClaimsAgree() throws {
    let world = try world(0)
    for index in 0..<300 {
      let pair = world.inference(.test, index)
      let fromClaims = pair.premiseClaims.map { $0.inference(to: pair.hypothesisClaim) }
      let decided = fromClaims.first { $0 != .neutral } ?? .neutral
      #expect(decided == pair.label)
      // No scale is both compared on and placed on, so that slots are independent.
      let scale = pair.hypothesisClaim.slot.scale
      for claim in pair.premiseClaims where scale != nil && claim.slot.scale == scale {
        #expect(claim.slot.name == pair.hypothesisClaim.slot.name)
      }
    }
  }

  @Test func labelsAreBalancedInEveryBlock() throws {
    let world = try world(0.9)
    for block in 0..<60 {
      let labels = Set((0..<3).map { world.inference(.train, block * 3 + $0).label })
      #expect(labels.count == 3)
    }
  }

  @Test(.tags(.slow), arguments: [0.0, 0.4, 0.9, 1.0])
  func countingRecoversTheArtifactsStrength(_ strength: Double) throws {
    let world = try world(strength)
    let count = 1500
    let pairs = (0..<count).map { world.inference(.train, $0) }
    let share = Double(pairs.filter { $0.marker.label == $0.label }.count) / Double(count)
    // The share is s + (1 - s) / 3; four standard errors of the estimate of s.
    let expected = strength + (1 - strength) / 3
    let tolerance = 4 * (expected * (1 - expected) / Double(count)).squareRoot() * 1.5
    #expect(abs((3 * share - 1) / 2 - strength) <= max(tolerance, 1e-9))
  }

  @Test(.tags(.slow)) func theStressTwinPointsTheOtherWay() throws {
    let world = try world(0.9)
    let count = 900
    var plain = 0
    var stressed = 0
    for index in 0..<count {
      let pair = world.inference(.test, index)
      let twin = world.stressedInference(index)
      #expect(pair.premise == twin.premise && pair.label == twin.label)
      #expect(pair.hypothesisClaim == twin.hypothesisClaim)
      #expect(statement(pair) == statement(twin))
      if pair.marker.label == pair.label { plain += 1 }
      if twin.marker.label == twin.label { stressed += 1 }
    }
    #expect(plain > count * 88 / 100)
    #expect(stressed < count * 8 / 100)
  }

  @Test(.tags(.slow)) func withoutArtifactNoMarkerGoesWithALabel() throws {
    let world = try world(0)
    let plain = (0..<3000).map { world.inference(.train, $0) }
    let stressed = (0..<1500).map { world.stressedInference($0) }
    // 6 markers by 3 labels: 10 degrees of freedom, critical value at 0.1 %.
    #expect(chiSquare(plain.map { ($0.marker.rawValue, $0.label.rawValue) }) < 29.59)
    #expect(chiSquare(stressed.map { ($0.marker.rawValue, $0.label.rawValue) }) < 29.59)
    // The same test sees even a weak artifact.
    let weak = try self.world(0.15)
    let cued = (0..<3000).map { weak.inference(.train, $0) }
    #expect(chiSquare(cued.map { ($0.marker.rawValue, $0.label.rawValue) }) > 29.59)
  }

  @Test(.tags(.slow)) func theHypothesisAloneTellsNothing() throws {
    let world = try world(0)
    let pairs = (0..<3000).map { world.inference(.train, $0) }
    // 1 and 7 × 2 degrees of freedom, critical values at 0.1 %.
    let negations = pairs.map { (String($0.hypothesisClaim.isNegated), $0.label.rawValue) }
    #expect(chiSquare(negations) < 13.82)
    #expect(chiSquare(pairs.map { ($0.topic, $0.label.rawValue) }) < 36.13)
  }

  @Test func strengthsDifferInMarkersOnly() throws {
    let (none, strong) = (try world(0), try world(1))
    for index in 0..<50 {
      let one = none.inference(.train, index)
      let other = strong.inference(.train, index)
      #expect(one.premise == other.premise && statement(one) == statement(other))
    }
  }

  /// The hypothesis without its marker.
  private func statement(_ pair: InferencePair) -> Substring {
    pair.hypothesis.dropFirst(pair.marker.rawValue.count)
  }
}
