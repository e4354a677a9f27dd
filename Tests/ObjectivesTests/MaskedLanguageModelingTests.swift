import Randomness
import Records
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

  /// Spans of one to four tokens: as many positions as without, in runs of at most four but where spans meet.
  @Test func spansAreChosenTogether() throws {
    var runs: [Int] = []
    for (_, example) in try examples(["longest-span": 4, "masking-rate": 0.1], count: 100) {
      #expect(example.targets.filter { $0 != Batch.ignored }.count <= 10)
      var run = 0
      for target in example.targets + [Batch.ignored] {
        if target != Batch.ignored {
          run += 1
        } else if run > 0 {
          runs.append(run)
          run = 0
        }
      }
    }
    let mean = Double(runs.reduce(0, +)) / Double(runs.count)
    // Uniform on 1 … 4 is 2.5 in the mean; spans that meet lengthen it, those that do not fit shorten it.
    #expect(mean > 2 && mean < 3.2, "\(mean)")
    #expect(throws: GraftError.self) {
      try Objectives.make("masked-lm", ["longest-span": 2, "static-masks": 3], vocabulary: vocabulary)
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

  /// Tokens 10 … 259; every third begins a word, so words have three tokens.
  private func byWords(_ parameters: [String: Double], length: Int) throws -> [(
    tokens: [TokenID], example: TokenExample
  )] {
    var vocabulary = vocabulary
    vocabulary.continuesWord = (0..<400).map { $0 % 3 != 0 }
    let objective = try Objectives.make(
      "masked-lm", parameters.merging(["whole-words": 1]) { $1 }, vocabulary: vocabulary)
    return try (0..<50).map { index in
      let tokens = (0..<length).map { TokenID(12 + ($0 + 3 * index) % 240) }
      return (tokens, try #require(objective.example(from: tokens, key: RandomKey(seed: 3).folded(index))))
    }
  }

  @Test func wholeWordsAreChosenWithAllTheirTokens() throws {
    for (_, example) in try byWords([:], length: 99) {
      let chosen = example.targets.indices.filter { example.targets[$0] != Batch.ignored }
      // round(0.15 · 99) = 15 tokens are five words.
      #expect(chosen.count == 15)
      for word in stride(from: 0, to: 99, by: 3) {
        #expect([0, 3].contains((word..<word + 3).count { chosen.contains($0) }))
      }
    }
    // Two predictions leave no room for a word of three.
    for (_, example) in try byWords([:], length: 12) {
      #expect(example.targets.allSatisfy { $0 == Batch.ignored })
    }
    // Each token of a word meets its own fate.
    let mixed = try byWords([:], length: 99).contains { (_, example: TokenExample) -> Bool in
      stride(from: 0, to: 99, by: 3).contains { (word: Int) -> Bool in
        let hidden = example.inputs[word..<word + 3].count { $0 == vocabulary.mask }
        return example.targets[word] != Batch.ignored && (1...2).contains(hidden)
      }
    }
    #expect(mixed)
    #expect(throws: GraftError.self) {
      try Objectives.make("masked-lm", ["whole-words": 1], vocabulary: vocabulary)
    }
  }

  /// The same text has the same mask whatever the key, wherever it is cut, and one mask per copy.
  @Test func staticMasksBelongToTheText() throws {
    let text = (0..<120).map { (i: Int) -> TokenID in TokenID(10 + (i * i + 7 * i) % 290) }
    func masks(_ copies: Double, _ range: Range<Int>) throws -> [[TokenID]] {
      let objective = try Objectives.make("masked-lm", ["static-masks": copies], vocabulary: vocabulary)
      return try (0..<40).map { index in
        try #require(objective.example(from: Array(text[range]), key: RandomKey(seed: 9).folded(index)))
          .inputs
      }
    }
    #expect(Set(try masks(1, 0..<100)).count == 1)
    #expect(Set(try masks(3, 0..<100)).count == 3)
    #expect(Set(try masks(0, 0..<100)).count == 40)
    let (whole, shifted) = (try masks(1, 0..<100)[0], try masks(1, 20..<120)[0])
    // Away from the cuts the two windows mostly agree: both take the 15 first of nearly the same order.
    let common = 24..<96
    let differing = common.count { whole[$0] != shifted[$0 - 20] }
    #expect(differing <= 6)
  }
}
