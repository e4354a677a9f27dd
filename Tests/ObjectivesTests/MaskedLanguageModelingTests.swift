import Examples
import Randomness
import Support
import Testing

@testable import Objectives

@Suite struct MaskedLanguageModelingTests {
  private let vocabulary = Vocabulary(size: 400, sentinels: (0..<100).map { TokenID(399 - $0) })

  private func examples(_ parameters: [String: Double] = [:], length: Int = 100, count: Int = 200) throws
    -> [(tokens: [TokenID], example: TokenExample)]
  {
    let objective = try Objectives.make("masked-lm", parameters, vocabulary: vocabulary)
    return try (0..<count).map { index in
      let tokens = (0..<length).map { TokenID(10 + ($0 * 7 + index) % 250) }
      return (tokens, try #require(objective.example(from: tokens, key: RandomKey(seed: 3).folded(index))))
    }
  }

  /// max(1, round(0.15 · length)) positions are asked for, and their targets are what stood there.
  @Test(arguments: [(1, 1), (3, 1), (10, 2), (100, 15), (128, 19)])
  func soManyPositionsHaveTargets(_ length: Int, _ expected: Int) throws {
    for (tokens, example) in try examples(length: length, count: 20) {
      #expect(example.inputs.count == length && example.targets.count == length)
      #expect(example.targets.filter { $0 != Batch.ignored }.count == expected)
      for (position, target) in example.targets.enumerated() {
        #expect(
          target == Batch.ignored ? example.inputs[position] == tokens[position] : target == tokens[position])
      }
    }
  }

  /// 3000 chosen positions: the shares of the three fates are within four standard deviations.
  @Test func eightInTenBecomeTheMaskAndOneARandomToken() throws {
    var (masked, random, kept) = (0, 0, 0)
    for (tokens, example) in try examples() {
      for (position, target) in example.targets.enumerated() where target != Batch.ignored {
        let input = example.inputs[position]
        if input == vocabulary.sentinels[0] {
          masked += 1
        } else if input == tokens[position] {
          kept += 1
        } else {
          random += 1
        }
      }
    }
    #expect(masked + random + kept == 3000)
    #expect(abs(masked - 2400) < 88 && abs(random - 300) < 66 && abs(kept - 300) < 66)
  }

  @Test func sharesAreParameters() throws {
    for (tokens, example) in try examples(["mask-share": 0, "random-share": 0], count: 5) {
      #expect(example.inputs == tokens)
    }
    for (_, example) in try examples(["mask-share": 1, "random-share": 0, "masking-rate": 0.4], count: 5) {
      #expect(example.inputs.filter { $0 == vocabulary.sentinels[0] }.count == 40)
    }
    #expect(throws: GraftError.self) {
      try Objectives.make("masked-lm", ["mask-share": 0.9, "random-share": 0.2], vocabulary: vocabulary)
    }
  }

  @Test func specialTokensAreNeitherHiddenNorDrawn() throws {
    let objective = try Objectives.make(
      "masked-lm", ["masking-rate": 0.9, "mask-share": 0, "random-share": 1], vocabulary: vocabulary)
    #expect(objective.example(from: [0, 1, 2, 399], key: RandomKey(seed: 1)) == nil)
    for seed in 0..<50 {
      let example = try #require(
        objective.example(from: [1, 20, 21, 22, 1], key: RandomKey(seed: UInt64(seed))))
      #expect(example.inputs[0] == 1 && example.inputs[4] == 1)
      #expect(example.targets[0] == Batch.ignored && example.targets[4] == Batch.ignored)
      #expect(example.inputs[1...3].allSatisfy { (3..<300).contains($0) })
    }
  }
}
