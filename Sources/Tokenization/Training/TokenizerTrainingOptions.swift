import Support

/// How a tokenizer is trained.
public struct TokenizerTrainingOptions: Sendable, Hashable {
  /// Counts everything: 3 special tokens, 256 bytes, merges, sentinels. A corpus with too few different pairs
  /// gives a smaller vocabulary.
  public var vocabularySize: Int
  /// How many `<extra_id_…>` tokens stand at the end of the vocabulary.
  public var sentinelCount: Int
  public var normalization: Normalization
  /// A pair that occurs less often is not merged.
  public var minimumPairCount: Int64
  /// When more distinct words than this have been seen, the rarest are forgotten, which bounds memory
  /// (about 60 bytes per word) at the price of exact counts for words at the edge.
  public var maximumDistinctWords: Int

  public init(
    vocabularySize: Int = 8192, sentinelCount: Int = 100, normalization: Normalization = .none,
    minimumPairCount: Int64 = 2, maximumDistinctWords: Int = 8_000_000
  ) {
    self.vocabularySize = vocabularySize
    self.sentinelCount = sentinelCount
    self.normalization = normalization
    self.minimumPairCount = minimumPairCount
    self.maximumDistinctWords = maximumDistinctWords
  }

  /// - Throws: `.usage` if no vocabulary can be like this.
  func validate() throws(GraftError) {
    guard sentinelCount >= 0 else {
      throw GraftError(.usage, "the number of sentinels is \(sentinelCount), it must not be negative")
    }
    let smallest = 3 + 256 + sentinelCount
    guard vocabularySize >= smallest else {
      throw GraftError(
        .usage, "a vocabulary of \(vocabularySize) is too small",
        hint: "3 special tokens, 256 bytes and \(sentinelCount) sentinels take \(smallest) ids.")
    }
    guard vocabularySize <= 1 << 24 else {
      throw GraftError(.usage, "a vocabulary of \(vocabularySize) is too large", hint: "at most \(1 << 24).")
    }
    guard minimumPairCount >= 1, maximumDistinctWords >= 1 else {
      throw GraftError(.usage, "the smallest pair count and the largest number of words must be positive")
    }
  }
}

/// What training is doing, for a progress line.
public enum TokenizerTrainingProgress: Sendable {
  case counting(bytes: Int, distinctWords: Int)
  case merging(merges: Int, of: Int)
}
