import Foundation
import ModelKit
import Support
import Testing

@testable import Optimization

@Suite struct ParameterRuleTests {
  private static let store = ParameterStore([
    ParameterDeclaration(name: "embedding.weight", shape: [8, 4], role: .embedding),
    ParameterDeclaration(name: "encoder.blocks.0.attention.query.weight", shape: [4, 4], role: .matrix, depth: 0),
    ParameterDeclaration(name: "encoder.blocks.0.attention_norm.weight", shape: [4], role: .gain, depth: 0),
    ParameterDeclaration(name: "encoder.blocks.1.attention.query.weight", shape: [4, 4], role: .matrix, depth: 1),
    ParameterDeclaration(name: "encoder.final_norm.weight", shape: [4], role: .gain),
    ParameterDeclaration(name: "output_embedding.weight", shape: [8, 4], role: .head),
  ])

  private func trained(_ rules: [String], layerDecay: Double? = nil) throws -> [TrainedParameter] {
    try ParameterRules(rules.map { try ParameterRule(parsing: $0) }, layerDecay: layerDecay)(Self.store.entries)
  }

  @Test func rulesMatchRolesAndNames() throws {
    let found = try trained(["embedding:rate=0.5,decay=0", "encoder.blocks.*.query.*:rate=2", "*.blocks.1.*:frozen"])
    #expect(
      found.map(\.entry.name) == [
        "embedding.weight", "encoder.blocks.0.attention.query.weight", "encoder.blocks.0.attention_norm.weight",
        "encoder.final_norm.weight", "output_embedding.weight",
      ])
    #expect(found.map(\.rateFactor) == [0.5, 2, 1, 1, 1])
    #expect(found.map(\.weightDecay) == [0, nil, nil, nil, nil])
    // Later rules win, and can thaw what an earlier one froze.
    let last = try trained(["*:frozen", "head:rate=3"])
    #expect(last.map(\.entry.name) == ["output_embedding.weight"] && last[0].rateFactor == 3)
  }

  @Test func layerDecayFallsFromTheHeadToTheEmbeddings() throws {
    let found = try trained(["matrix:rate=10"], layerDecay: 0.5)
    // Two blocks: heads 1, block 1 ½, block 0 ¼, embeddings ⅛; what lies above the blocks counts with the heads.
    #expect(found.map(\.rateFactor) == [0.125, 2.5, 0.25, 5, 1, 1])
  }

  @Test(arguments: [
    "embedding", "embedding:", ":frozen", "embedding:rate", "embedding:rate=-1", "embedding:rate=nan", "gain:speed=2",
    "gain:rate=2,", "embeding:frozen", "encoder.*.bias:frozen",
  ])
  func rulesThatMakeNoSenseAreRefused(_ text: String) throws {
    do throws(GraftError) {
      _ = try ParameterRules([ParameterRule(parsing: text)])(Self.store.entries)
      Issue.record("'\(text)' was accepted")
    } catch {
      #expect(error.code == .usage && error.hint?.contains("embedding") == true)
    }
  }

  @Test func notAllCanBeFrozen() {
    #expect(throws: GraftError.self) { try trained(["*:frozen"]) }
  }

  @Test func ratesAndDecaysOfAParameterAreItsOwn() throws {
    for name in ["adamw", "adafactor", "muon"] {
      func values(_ rules: [String], rate: Double, decay: Double? = nil) throws -> [Float] {
        let store = ParameterStore(Self.store.entries.map(\.declaration))
        for i in store.values.indices { store.values[i] = Float(i % 7) - 3 }
        var options = OptimizerOptions()
        if let decay { options.values["weight-decay"] = .number(decay) }
        let rules = try rules.map { try ParameterRule(parsing: $0) }
        let optimizer = try Optimizers.make(name, parameters: ParameterRules(rules)(store.entries), options: options)
        let gradients = store.values.map { $0 * 0.25 + 0.5 }
        gradients.withUnsafeBufferPointer {
          let update = OptimizerUpdate(values: store.values, gradients: $0, learningRate: rate, step: 1)
          optimizer.apply(update, makeWork())
        }
        return withExtendedLifetime(store) { Array(store.values) }
      }
      let range = Self.store.entries[1].range
      // Twice the rate for one matrix is what twice the rate for all makes of it.
      let factor = try values(["encoder.blocks.0.attention.query.weight:rate=2"], rate: 0.01)
      let faster = try values([], rate: 0.02)
      let plain = try values([], rate: 0.01)
      #expect(Array(factor[range]) == Array(faster[range]) && factor[range] != plain[range])
      #expect(factor[..<range.lowerBound] == plain[..<range.lowerBound])
      #expect(factor[range.upperBound...] == plain[range.upperBound...])
      // Frozen parameters stay.
      let frozen = try values(["matrix:frozen"], rate: 0.01)
      #expect(frozen[range] == ArraySlice(range.map { Float($0 % 7) - 3 }) && frozen[..<8] == plain[..<8])
      guard name != "adafactor" else { continue }
      let decayed = try values(["matrix:decay=0.5"], rate: 0.01, decay: 0)
      #expect(decayed[range] == (try values([], rate: 0.01, decay: 0.5))[range])
    }
  }

  /// The worked example, and that a loss which was never measured before the first update is none.
  @Test func aLossThatIsNoBetterThanLongBeforeIsStalled() {
    func stall(_ losses: [Double], _ patience: Int, first: Int = 10) -> Int? {
      ValueAverage.stall(losses.enumerated().map { (first + 10 * $0, $1) }, patience: patience)
    }
    #expect(stall([5, 4, 3, 3.5, 3.2, 3.1], 2) == 60 && stall([5, 4, 3, 3.5, 3.2], 2) == nil)
    #expect(stall([5, 4, 3, 3.5], 1) == nil && stall([5, 4, 3, 3.5, 3.2], 1) == 50)
    #expect(stall([1, 5, 4, 3, 3.5, 3.2, 2], 1, first: 0) == 50 && stall([1, 5, 4, 3, 2, 1.5], 1, first: 0) == nil)
    #expect(stall([], 5) == nil)
  }

  @Test func averagesAreReadAsTheyAreWritten() throws {
    for (text, average) in [("0.999", ValueAverage.moving(decay: 0.999)), ("stalled:5", .sinceStalled(patience: 5))] {
      #expect(ValueAverage(argument: text) == average && average.description == text)
      let data = try JSONEncoder().encode([average])
      #expect(try JSONDecoder().decode([ValueAverage].self, from: data) == [average])
    }
    // As run.json had it before there was another.
    #expect(try JSONDecoder().decode([ValueAverage].self, from: Data("[0.9]".utf8)) == [.moving(decay: 0.9)])
    for text in ["1", "-0.1", "stalled:0", "stalled:", "stalled:x", "stalled", "nan"] {
      #expect(ValueAverage(argument: text) == nil, "\(text)")
    }
  }

  /// From the update that found the loss stalled on, all values count alike; before it the values are evaluated.
  @Test func theMeanBeginsWhereTheLossStalls() throws {
    let store = ParameterStore([("a", [3])])
    let parameters = try ParameterRules([])(store.entries)
    let optimizer = AveragedOptimizer(
      try Optimizers.make("sgd", parameters: parameters), parameters: parameters, .sinceStalled(patience: 1))
    var losses: [(step: Int, loss: Double)] = []
    var kept: [[Double]] = []
    for step in 1...8 {
      [Float(1), -2, Float(step)].withUnsafeBufferPointer {
        let update = OptimizerUpdate(values: store.values, gradients: $0, learningRate: 0.1, step: step)
        optimizer.apply(update, makeWork())
      }
      if step >= 5 { kept.append(store.values.map(Double.init)) }
      losses.append((step, [9, 8, 7, 7.5, 7.2, 6, 5, 4][step - 1]))
      optimizer.heldOut(losses, at: step, values: store.values)
      #expect(optimizer.exchangeEvaluationValues(with: store.values) == (step >= 5))
      if step >= 5 {
        for place in 0..<3 {
          let mean = kept.reduce(0) { $0 + $1[place] } / Double(kept.count)
          #expect(abs(Double(store.values[place]) - mean) < 1e-5, "update \(step)")
        }
      }
      optimizer.exchangeEvaluationValues(with: store.values)
    }
  }

  @Test func averagesAreWhatIsEvaluated() throws {
    let store = ParameterStore([("a", [3]), ("b", [2])])
    let trained = ParameterRules([ParameterRule("b", isFrozen: true)])
    let parameters = try trained(store.entries)
    let optimizer = AveragedOptimizer(
      try Optimizers.make("adamw", parameters: parameters), parameters: parameters, .moving(decay: 0.2))
    var expected: [Double] = []
    for step in 1...6 {
      let gradients: [Float] = [1, -2, Float(step), 0, 0]
      gradients.withUnsafeBufferPointer {
        let update = OptimizerUpdate(values: store.values, gradients: $0, learningRate: 0.1, step: step)
        optimizer.apply(update, makeWork())
      }
      let now = store.values.prefix(3).map(Double.init)
      // 0, 1/11, 1/6, then the decay that was asked for.
      let decay = min(0.2, Double(step - 1) / Double(step + 9))
      expected = step == 1 ? now : zip(expected, now).map { decay * $0 + (1 - decay) * $1 }
    }
    let last = Array(store.values)
    optimizer.exchangeEvaluationValues(with: store.values)
    for (value, average) in zip(store.values, expected) { #expect(abs(Double(value) - average) < 1e-6) }
    #expect(Array(store.values)[..<3] != last[..<3] && Array(store.values)[3...] == last[3...])
    optimizer.exchangeEvaluationValues(with: store.values)
    #expect(Array(store.values) == last)
    #expect(optimizer.state.map(\.name) == ["a.first_moment", "a.second_moment", "a.average"])
  }
}
