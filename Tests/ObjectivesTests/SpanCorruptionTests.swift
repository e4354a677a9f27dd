import Randomness
import Records
import Support
import TestSupport
import Testing

@testable import Objectives

@Suite struct SpanCorruptionTests {
  /// Raw tokens and target length that fill inputs of a given length, from the reference's own length helper.
  struct Lengths: Sendable {
    var inputs, raw, targets: Int
    var density = 0.15
    var mean = 3.0
  }

  @Test(arguments: [
    Lengths(inputs: 64, raw: 70, targets: 14), Lengths(inputs: 128, raw: 141, targets: 29),
    Lengths(inputs: 256, raw: 284, targets: 58), Lengths(inputs: 512, raw: 568, targets: 114),
    Lengths(inputs: 1024, raw: 1137, targets: 229),
    Lengths(inputs: 512, raw: 552, targets: 126, mean: 2),
    Lengths(inputs: 512, raw: 581, targets: 105, mean: 5),
    Lengths(inputs: 512, raw: 591, targets: 99, mean: 10),
    Lengths(inputs: 512, raw: 548, targets: 74, density: 0.1),
    Lengths(inputs: 512, raw: 614, targets: 206, density: 0.25),
    // One more raw token would still fit the inputs, but not the targets: the reference drops it.
    Lengths(inputs: 512, raw: 766, targets: 512, density: 0.5),
  ])
  func lengthsAreTheReferences(_ expected: Lengths) throws {
    // Enough sentinels that none of these is short of them.
    let objective = try spanCorruption(density: expected.density, mean: expected.mean, sentinels: 300)
    let (raw, targets) = objective.rawLength(forSequenceLength: expected.inputs, .encoderDecoder)
    #expect(raw == expected.raw)
    #expect(targets == expected.targets)
    let example = try #require(objective.example(from: Array(0..<TokenID(raw)), key: RandomKey(seed: 1)))
    #expect(example.inputs.count <= expected.inputs)
    #expect(example.targets.count == targets)
  }

  /// Every way to corrupt six tokens with two noise tokens in two spans, written out: a b c d e f with one
  /// noise token each, the plain runs 1+3, 2+2 or 3+1 long.
  @Test func workedExample() throws {
    let objective = try spanCorruption(density: 0.34, mean: 1, sentinels: 3)
    let (s0, s1) = (objective.testSentinels[0], objective.testSentinels[1])
    let possible: Set<TokenExample> = [
      TokenExample(inputs: [10, s0, 12, 13, 14, s1, 1], targets: [s0, 11, s1, 15, 1]),
      TokenExample(inputs: [10, 11, s0, 13, 14, s1, 1], targets: [s0, 12, s1, 15, 1]),
      TokenExample(inputs: [10, 11, 12, s0, 14, s1, 1], targets: [s0, 13, s1, 15, 1]),
    ]
    var seen: Set<TokenExample> = []
    for seed in 0..<100 {
      seen.insert(
        try #require(objective.example(from: [10, 11, 12, 13, 14, 15], key: RandomKey(seed: UInt64(seed)))))
    }
    #expect(seen == possible)
  }

  @Test func sameTokensAndKeyGiveTheSameExample() throws {
    let objective = try spanCorruption()
    let tokens = (0..<141).map { TokenID(3 + $0) }
    let key = RandomKey(seed: 7).folded("corruption").folded(12)
    let first = objective.example(from: tokens, key: key)
    #expect(first != nil)
    #expect(objective.example(from: tokens, key: key) == first)
    #expect(objective.example(from: tokens, key: RandomKey(seed: 7).folded("corruption").folded(13)) != first)
  }

  @Test(.tags(.slow), arguments: [2, 3, 4, 5, 7, 16, 70, 141, 568])
  func interleavingRecoversTheText(_ length: Int) throws {
    let objective = try spanCorruption()
    let tokens = (0..<length).map { TokenID(3 + $0) }
    for seed in 0..<20 {
      let example = try #require(objective.example(from: tokens, key: RandomKey(seed: UInt64(seed))))
      let noise = try #require(Runs(example.targets, sentinels: objective.testSentinels))
      let plain = try #require(Runs(example.inputs, sentinels: objective.testSentinels))
      #expect(example.inputs.last == 1 && example.targets.last == 1)
      // Starts with what stays and ends with what is taken: the targets begin with a sentinel, the inputs end
      // with one, and no run is empty.
      #expect(noise.head.isEmpty)
      #expect(!plain.head.isEmpty)
      #expect(plain.runs.last?.isEmpty == true)
      #expect(noise.runs.allSatisfy { !$0.isEmpty })
      #expect(plain.runs.dropLast().allSatisfy { !$0.isEmpty })
      #expect(noise.runs.count == plain.runs.count)
      var text = plain.head
      for (taken, kept) in zip(noise.runs, plain.runs) { text += taken + kept }
      #expect(text == tokens)
      let (noiseCount, spans) = objective.counts(length: length)
      #expect(noise.runs.joined().count == noiseCount)
      #expect(noise.runs.count == spans)
    }
  }

  @Test func sentinelsDescendFromTheEndOfTheVocabulary() throws {
    let objective = try spanCorruption()
    let example = try #require(
      objective.example(from: (0..<70).map { TokenID(3 + $0) }, key: RandomKey(seed: 3)))
    let last = TokenID(vocabularySize - 1)
    // Round(70 × 0.15) = 10 (half to even), in round(10 / 3) = 3 spans.
    #expect(example.inputs.filter { $0 > last - 100 } == [last, last - 1, last - 2])
    #expect(example.targets.filter { $0 > last - 100 } == [last, last - 1, last - 2])
  }

  @Test func roundingIsHalfToEven() throws {
    let objective = try spanCorruption()
    // 10 × 0.15 = 1.5 → 2; 30 × 0.15 = 4.5 → 4; 4 / 3 → 1.
    #expect(objective.counts(length: 10) == (2, 1))
    #expect(objective.counts(length: 30) == (4, 1))
    #expect(try spanCorruption(mean: 2).counts(length: 33).spans == 2)  // 5 / 2 = 2.5 → 2
    #expect(try spanCorruption(mean: 2).counts(length: 47).spans == 4)  // 7 / 2 = 3.5 → 4
  }

  @Test func shortTexts() throws {
    let objective = try spanCorruption()
    #expect(objective.example(from: [], key: RandomKey(seed: 0)) == nil)
    #expect(objective.example(from: [5], key: RandomKey(seed: 0)) == nil)
    let s0 = objective.testSentinels[0]
    #expect(
      objective.example(from: [5, 6], key: RandomKey(seed: 0))
        == TokenExample(inputs: [5, s0, 1], targets: [s0, 6, 1]))
  }

  @Test func extremeParametersKeepEveryTokenOnce() throws {
    for (density, mean) in [(0.9, 1.0), (0.9, 100), (0.01, 1), (0.01, 100), (0.5, 1)] {
      let objective = try spanCorruption(density: density, mean: mean)
      for length in [2, 3, 9, 100, 400] {
        let tokens = (0..<length).map { TokenID(3 + $0) }
        let example = try #require(objective.example(from: tokens, key: RandomKey(seed: 5)))
        let kept = (example.inputs + example.targets).filter { (3..<TokenID(3 + length)).contains($0) }
        #expect(kept.sorted() == tokens, "density \(density), mean \(mean), \(length) tokens")
      }
    }
  }

  @Test func fewerSentinelsThanSpansMakeLongerSpans() throws {
    let objective = try spanCorruption(sentinels: 2)
    let tokens = (0..<141).map { TokenID(3 + $0) }
    let example = try #require(objective.example(from: tokens, key: RandomKey(seed: 0)))
    let noise = try #require(Runs(example.targets, sentinels: objective.testSentinels))
    #expect(noise.runs.count == 2)
    #expect(noise.runs.joined().count == 21)
    #expect(example.inputs.count == 141 - 21 + 2 + 1)
    // The announced lengths hold for few sentinels, too.
    let (raw, targets) = objective.rawLength(forSequenceLength: 128, .encoderDecoder)
    let full = try #require(
      objective.example(from: (0..<raw).map { TokenID(3 + $0) }, key: RandomKey(seed: 0)))
    #expect(full.inputs.count <= 128)
    #expect(full.targets.count == targets)
  }

  @Test func withoutSentinelsThereIsNoSpanCorruption() throws {
    let error = #expect(throws: GraftError.self) {
      try Objectives.make("span-corruption", vocabulary: Vocabulary(size: 300, sentinels: []))
    }
    #expect(error?.code == .usage)
    #expect(error?.message.contains("sentinel") == true)
    #expect(error?.hint?.contains("--sentinels") == true)
  }

  // MARK: Uniformity

  @Test func compositionsAreUniform() {
    // 6 = three positive numbers in C(5, 2) = 10 ways.
    var counts: [[Int]: Int] = [:]
    let draws = 20_000
    for index in 0..<draws {
      var random = RandomKey(seed: 11).folded(index).generator()
      counts[SpanCorruption.composition(of: 6, into: 3, &random), default: 0] += 1
    }
    #expect(counts.count == 10)
    #expect(counts.keys.allSatisfy { $0.count == 3 && $0.reduce(0, +) == 6 && $0.allSatisfy { $0 > 0 } })
    // The 0.999 quantile of χ² with 9 degrees of freedom.
    #expect(chiSquare(Array(counts.values), expected: Double(draws) / 10) < 27.88)
  }

  @Test func masksAreUniform() throws {
    // 10 tokens, 4 of them noise in 2 spans: 3 ways to divide the noise × 5 to divide the rest.
    let objective = try spanCorruption(density: 0.4, mean: 2)
    #expect(objective.counts(length: 10) == (4, 2))
    var counts: [TokenExample: Int] = [:]
    let draws = 15_000
    let tokens = (0..<10).map { TokenID(3 + $0) }
    for index in 0..<draws {
      counts[
        try #require(objective.example(from: tokens, key: RandomKey(seed: 2).folded(index))), default: 0] +=
        1
    }
    #expect(counts.count == 15)
    // The 0.999 quantile of χ² with 14 degrees of freedom.
    #expect(chiSquare(Array(counts.values), expected: Double(draws) / 15) < 36.12)
  }

  private func chiSquare(_ counts: [Int], expected: Double) -> Double {
    counts.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
  }
}

private let vocabularySize = 2000

private func spanCorruption(density: Double = 0.15, mean: Double = 3, sentinels: Int = 100) throws
  -> SpanCorruption
{
  let ids = (0..<sentinels).map { TokenID(vocabularySize - 1 - $0) }
  return try SpanCorruption(
    ["noise-density": density, "mean-span-length": mean],
    vocabulary: Vocabulary(size: vocabularySize, sentinels: ids))
}

extension SpanCorruption {
  /// More than any test uses: `spanCorruption` numbers them downwards from the end.
  fileprivate var testSentinels: [TokenID] { (0..<300).map { TokenID(vocabularySize - 1 - $0) } }
}

/// A text cut at its sentinels, which must be the first ones in their order; end-of-sequence left out.
private struct Runs {
  var head: [TokenID] = []
  var runs: [[TokenID]] = []

  init?(_ tokens: [TokenID], sentinels: [TokenID]) {
    for token in tokens.dropLast() {
      if sentinels.contains(token) {
        guard token == sentinels[runs.count] else { return nil }
        runs.append([])
      } else if runs.isEmpty {
        head.append(token)
      } else {
        runs[runs.count - 1].append(token)
      }
    }
  }
}
