import Examples
import Support

/// Trains a byte-level BPE tokenizer from text that is handed over piece by piece; only the distinct words
/// and their counts are kept.
///
/// The pair that occurs most often is merged next. Of pairs that occur equally often, the one whose left
/// token has the lower id wins, then the lower right id. The result therefore depends on the counts alone,
/// not on the order of the text.
///
/// Worked example: "abab abab" has the words `abab` and ` abab`. The pair (a, b) occurs 4 times, (b, a) and
/// (ab, ab) then twice; the merges are `a b`, `ab ab`.
public struct TokenizerTrainer: ~Copyable {
  /// In training, longer words (binary data, text without spaces) are counted in pieces of this many bytes,
  /// so that a merge never has to look through a megabyte.
  static let longestWord = 256

  private let options: TokenizerTrainingOptions
  private var words = ByteStringTable()
  private var counts: [Int64] = []
  private var pruningThreshold: Int64 = 1
  /// How much text was counted.
  public private(set) var byteCount = 0
  /// How many occurrences of words were forgotten to bound memory; 0 means that the counts are exact.
  public private(set) var forgottenWords: Int64 = 0

  /// - Throws: `.usage` if the options fit no vocabulary.
  public init(options: TokenizerTrainingOptions) throws(GraftError) {
    try options.validate()
    self.options = options
  }

  public var distinctWords: Int { words.count }

  /// Counts the words of a document, or of a piece of one that ends where words end.
  public mutating func add(_ document: UnsafeRawBufferPointer) {
    byteCount += document.count
    if let normalized = options.normalization.normalized(document) {
      normalized.withUnsafeBytes { count($0) }
    } else {
      count(document)
    }
  }

  private mutating func count(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.bindMemory(to: UInt8.self).baseAddress else { return }
    let scanner = ByteLevelScanner(bytes, base: base)
    var start = 0
    while start < bytes.count {
      let end = scanner.end(ofWordAt: start)
      while start < end {
        let length = min(end - start, Self.longestWord)
        let hash = ByteStringTable.hash(base + start, length)
        let index = words.insert(base + start, length, hash: hash)
        if index == counts.count { counts.append(1) } else { counts[index] += 1 }
        start += length
      }
      if words.count > options.maximumDistinctWords { forgetRareWords() }
    }
  }

  /// Drops the rarest words until a quarter of the room is free.
  private mutating func forgetRareWords() {
    while words.count > options.maximumDistinctWords / 4 * 3, words.count > 1 {
      var kept = ByteStringTable()
      var keptCounts: [Int64] = []
      for index in 0..<words.count {
        guard counts[index] > pruningThreshold else {
          forgottenWords += counts[index]
          continue
        }
        let word = words.string(index)
        if let base = word.baseAddress {
          _ = kept.insert(base, word.count, hash: ByteStringTable.hash(base, word.count))
          keptCounts.append(counts[index])
        }
      }
      words = kept
      counts = keptCounts
      pruningThreshold += 1
    }
    pruningThreshold = max(1, pruningThreshold - 1)
  }

  /// Learns the merges.
  public consuming func finish(
    progress: (TokenizerTrainingProgress) -> Void = { _ in }
  ) throws(GraftError) -> Tokenizer {
    guard words.count > 0 else {
      throw GraftError(.badData, "there is no text to train a tokenizer on")
    }
    let special = [SpecialTokens.padding, SpecialTokens.endOfSequence, SpecialTokens.unknown]
    var tokens = [[UInt8]](repeating: [], count: special.count)
    var byteIDs = [TokenID](repeating: 0, count: 256)
    for byte in ByteAlphabet.order {
      byteIDs[Int(byte)] = TokenID(tokens.count)
      tokens.append([byte])
    }
    var learner = MergeLearner(words: words, counts: counts, byteIDs: byteIDs)
    let merges = learner.learn(
      into: &tokens, limit: options.vocabularySize - options.sentinelCount,
      minimumCount: options.minimumPairCount, progress: progress)
    let size = tokens.count + options.sentinelCount
    var specials = special.enumerated().map { SpecialToken(id: TokenID($0.offset), name: $0.element) }
    var sentinels: [TokenID] = []
    for number in 0..<options.sentinelCount {
      sentinels.append(TokenID(size - 1 - number))
      specials.append(SpecialToken(id: TokenID(size - 1 - number), name: SpecialTokens.sentinel(number)))
    }
    tokens += [[UInt8]](repeating: [], count: options.sentinelCount)
    return Tokenizer(
      .byteLevel(
        vocabulary: Vocabulary(size: size, sentinels: sentinels), normalization: options.normalization,
        pieces: tokens, specials: specials, byteIDs: byteIDs, merges: merges))
  }
}

extension Tokenizer {
  /// Trains on documents in memory. For files, see the Corpus module.
  public static func train(
    documents: some Sequence<String>, options: TokenizerTrainingOptions,
    progress: (TokenizerTrainingProgress) -> Void = { _ in }
  ) throws(GraftError) -> Tokenizer {
    var trainer = try TokenizerTrainer(options: options)
    for document in documents {
      var document = document
      document.withUTF8 { trainer.add(UnsafeRawBufferPointer($0)) }
    }
    return try trainer.finish(progress: progress)
  }

  /// Trains on documents of arbitrary bytes in memory.
  public static func train(
    documents: some Sequence<[UInt8]>, options: TokenizerTrainingOptions,
    progress: (TokenizerTrainingProgress) -> Void = { _ in }
  ) throws(GraftError) -> Tokenizer {
    var trainer = try TokenizerTrainer(options: options)
    for document in documents { document.withUnsafeBytes { trainer.add($0) } }
    return try trainer.finish(progress: progress)
  }
}
