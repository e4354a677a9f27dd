import Randomness
import Records
import Support
import Testing

@testable import Objectives

@Suite struct HybridLanguageModelingTests {
  private let vocabulary = Vocabulary(size: 400, sentinels: (0..<100).map { TokenID(399 - $0) })

  private func examples(_ parameters: [String: Double] = [:]) throws -> [(tokens: [TokenID], example: TokenExample)] {
    let objective = try Objectives.make("hybrid-lm", parameters, vocabulary: vocabulary)
    return try (0..<400).map { index in
      let tokens = (0..<60).map { TokenID(10 + ($0 * 7 + index) % 250) }
      return (tokens, try #require(objective.example(from: tokens, key: RandomKey(seed: 3).folded(index))))
    }
  }

  /// A text is either written from the left as it is, or read from both sides with a third of it hidden.
  @Test func textsAreCausalOrMasked() throws {
    var causal = 0
    for (tokens, example) in try examples(["causal-share": 0.25]) {
      if !example.predictsInputs {
        causal += 1
        #expect(example.inputs.isEmpty && example.targets == tokens)
        continue
      }
      #expect(example.inputs.count == 60)
      let asked = example.targets.indices.filter { example.targets[$0] != Batch.ignored }
      #expect((15...18).contains(asked.count))
      for position in 0..<60 where !asked.contains(position) {
        #expect(example.inputs[position] == tokens[position])
      }
      #expect(asked.allSatisfy { example.targets[$0] == tokens[$0] })
      #expect(asked.contains { example.inputs[$0] == vocabulary.sentinels[0] })
    }
    // 400 draws with probability 1 / 4: mean 100, four deviations of 8.7.
    #expect(abs(causal - 100) < 35)
  }

  @Test(arguments: [0.0, 1.0]) func eitherAlone(_ share: Double) throws {
    #expect(try examples(["causal-share": share]).allSatisfy { $0.example.predictsInputs == (share == 0) })
  }

  @Test func needsAMask() {
    #expect(throws: GraftError.self) {
      try Objectives.make("hybrid-lm", vocabulary: Vocabulary(size: 40, sentinels: []))
    }
  }
}
