import Support
import TestSupport
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
    let options = TokenizerTrainingOptions(vocabularySize: 262, sentinelCount: 0, minimumCount: 1)
    let tokenizer = try Tokenizer.train(documents: ["aaaaa"], options: options)
    let merges = tokenizer.merges.map { "\(tokenizer.token($0.left)) \(tokenizer.token($0.right))" }
    #expect(merges == ["a a", "aa a", "aa aaa"])
  }

  /// 20 MB of text in a megabyte: what is frequent is kept, what is rare is forgotten and said to be.
  @Test(.tags(.slow)) func boundedMemoryKeepsFrequentWords() throws {
    var options = TokenizerTrainingOptions(vocabularySize: 262, sentinelCount: 0)
    options.memory = 1 << 20
    var trainer = try TokenizerTrainer(options: options)
    for block in 0..<20 {
      var text: [UInt8] = []
      for number in 0..<50_000 { text += Array("often often \(block)x\(number) ".utf8) }
      trainer.add(text)
    }
    var forgotten: Int64 = 0
    let tokenizer = try trainer.finish {
      if case .forgotten(let occurrences) = $0 { forgotten = occurrences }
    }
    #expect(forgotten > 500_000)
    #expect(tokenizer.token(259) == "en" || tokenizer.token(259) == "ft")
  }

  /// Two batches of 16 MiB, so that forgetting takes place between them.
  @Test(.tags(.slow)) func threadsLeaveNoTrace() throws {
    var documents: [[UInt8]] = []
    for block in 0..<8 {
      var text: [UInt8] = []
      for number in 0..<150_000 {
        text += Array("w\((number * (block + 7)) % 9973) rare\(block * 150_000 + number) ".utf8)
      }
      documents.append(text)
    }
    var hashes: Set<String> = []
    for threads in [1, 2, 5] {
      var options = TokenizerTrainingOptions(vocabularySize: 600, sentinelCount: 0)
      options.memory = 8 << 20
      options.threads = threads
      hashes.insert(try Tokenizer.train(documents: documents, options: options).contentHash)
    }
    #expect(hashes.count == 1)
  }

  /// A pair that occurs more often than 32 bits can count is still the first to be merged (huggingface/tokenizers#437).
  @Test func countsHave64Bits() {
    var words = ByteStringTable()
    for word in ["th", "he", "xy"] {
      let bytes = Array(word.utf8)
      _ = bytes.withUnsafeBufferPointer {
        words.insert($0.baseAddress!, $0.count, hash: ByteStringTable.hash($0.baseAddress!, $0.count))
      }
    }
    let byteIDs = (0..<256).map { Int32($0) }
    var learner = MergeLearner(
      words: words, counts: [3_000_000_000, 5_000_000_000, 4_999_999_999], byteIDs: byteIDs)
    var tokens = (0..<256).map { [UInt8($0)] }
    let merges = learner.learn(into: &tokens, limit: 259, minimumCount: 2) { _ in }
    #expect(tokens[256...].map { String(decoding: $0, as: UTF8.self) } == ["he", "xy", "th"])
    #expect(merges.count == 3)
  }

  @Test func specialTokensOfOnesOwn() throws {
    var options = TokenizerTrainingOptions(vocabularySize: 300, sentinelCount: 2)
    options.specialTokens = ["<sep>", "<user>"]
    let tokenizer = try Tokenizer.train(documents: ["abab abab"], options: options)
    #expect(
      tokenizer.encode("a<sep>", recognizingSpecialTokens: true).last
        == tokenizer.specialToken(named: "<sep>"))
    #expect(tokenizer.vocabulary.sentinels == [264, 263])
    #expect(tokenizer.specialToken(named: "<user>") == 262)
    for name in ["<pad>", "", "<extra_id_7>", "<sep>"] {
      options.specialTokens = ["<sep>", name]
      #expect(throws: GraftError.self) { try Tokenizer.train(documents: ["a"], options: options) }
    }
  }

  @Test func minimumFrequencyStopsMerging() throws {
    var options = TokenizerTrainingOptions(vocabularySize: 300, sentinelCount: 0)
    options.minimumCount = 3
    let tokenizer = try Tokenizer.train(documents: ["ab ab ab cd cd"], options: options)
    #expect(tokenizer.merges.map { tokenizer.token($0.result) } == ["ab"])
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
  fileprivate init(vocabularySize: Int, sentinelCount: Int, minimumCount: Int64) {
    self.init(vocabularySize: vocabularySize, sentinelCount: sentinelCount)
    self.minimumCount = minimumCount
  }
}
