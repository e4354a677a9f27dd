import Support
import Testing

@testable import Tokenization

@Suite struct TrainingTests {
  /// The worked example of `TokenizerTrainer`: (a, b) 4 times, then (ab, ab) 2 times; (Ġ, abab) is rarer.
  @Test func workedExample() throws {
    let options = TokenizerTrainingOptions(vocabularySize: 300, sentinelCount: 2)
    let tokenizer = try Tokenizer.train(documents: ["abab abab"], options: options)
    let merges = tokenizer.merges.map { "\(tokenizer.token($0.left)) \(tokenizer.token($0.right))" }
    #expect(merges == ["a b", "ab ab"])
    #expect(tokenizer.vocabulary.size == 3 + 256 + 2 + 2)
    #expect(tokenizer.vocabulary.sentinels == [262, 261])
    #expect(tokenizer.encode("abab").count == 1)
  }

  /// (b, c) and (a, b) both occur twice; the lower left id, a's, wins.
  @Test func tiesGoToTheLowerIds() throws {
    let options = TokenizerTrainingOptions(vocabularySize: 260, sentinelCount: 0)
    let tokenizer = try Tokenizer.train(documents: ["abc\nabc"], options: options)
    #expect(tokenizer.token(259) == "ab")
  }

  @Test func theOrderOfTextDoesNotMatter() throws {
    let documents = try Fixture.trainingDocuments()
    let forwards = try Tokenizer.train(documents: documents, options: Fixture.trainingOptions)
    let backwards = try Tokenizer.train(documents: documents.reversed(), options: Fixture.trainingOptions)
    #expect(forwards.contentHash == backwards.contentHash)
  }

  @Test func overlappingPairsAreCountedExactly() throws {
    // In "aaaaa" (a, a) stands four times, yet only two merges of it fit.
    let options = TokenizerTrainingOptions(vocabularySize: 262, sentinelCount: 0, minimumPairCountOf: 1)
    let tokenizer = try Tokenizer.train(documents: ["aaaaa"], options: options)
    let merges = tokenizer.merges.map { "\(tokenizer.token($0.left)) \(tokenizer.token($0.right))" }
    #expect(merges == ["a a", "aa a", "aa aaa"])
  }

  @Test func forgettingRareWordsKeepsFrequentOnes() throws {
    var options = TokenizerTrainingOptions(vocabularySize: 262, sentinelCount: 0)
    options.maximumDistinctWords = 50
    var trainer = try TokenizerTrainer(options: options)
    for number in 0..<500 {
      let text = Array("often often x\(number)y ".utf8)
      text.withUnsafeBytes { trainer.add($0) }
    }
    #expect(trainer.distinctWords <= 51)
    #expect(trainer.forgottenWords > 0)
    let tokenizer = try trainer.finish()
    #expect(tokenizer.token(259) == "en" || tokenizer.token(259) == "ft")
  }

  @Test func impossibleOptionsAreErrors() {
    #expect(throws: GraftError.self) {
      try Tokenizer.train(documents: ["a"], options: TokenizerTrainingOptions(vocabularySize: 300))
    }
    #expect(throws: GraftError.self) {
      try Tokenizer.train(documents: ["a"], options: TokenizerTrainingOptions(sentinelCount: -1))
    }
    #expect(throws: GraftError.self) {
      try Tokenizer.train(documents: [String](), options: TokenizerTrainingOptions())
    }
  }
}

extension TokenizerTrainingOptions {
  fileprivate init(vocabularySize: Int, sentinelCount: Int, minimumPairCountOf count: Int64) {
    self.init(vocabularySize: vocabularySize, sentinelCount: sentinelCount)
    minimumPairCount = count
  }
}
