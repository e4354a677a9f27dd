import Foundation
import Support

/// What a trained vocabulary consists of.
public enum VocabularyUnit: String, Sendable, Hashable, CaseIterable {
  /// Byte-level byte-pair encoding (Sennrich et al. 2016, Radford et al. 2019).
  case bpe
  /// The 256 bytes.
  case byte
  /// The most frequent characters; others are unknown.
  case character
  /// The most frequent words, cut at white space; others are unknown.
  case word

  /// Whether there is a token of every byte, so that no text is unknown.
  var isByteLevel: Bool { self == .bpe || self == .byte }
}

/// How a tokenizer is trained.
public struct TokenizerTrainingOptions: Sendable, Hashable {
  /// What the vocabulary consists of, beside special tokens.
  public var unit = VocabularyUnit.bpe
  /// Counts everything: 3 special tokens, 256 bytes or the characters or words, merges, special tokens of one's own,
  /// sentinels. Text with too little in it gives a smaller vocabulary.
  public var vocabularySize: Int
  /// How many `<extra_id_…>` tokens stand at the end of the vocabulary.
  public var sentinelCount: Int
  /// Names of further special tokens, before the sentinels.
  public var specialTokens: [String] = []
  /// What happens to text first, one after the other.
  public var normalization: [Normalization] = []
  /// How a byte-level tokenizer cuts text into the words that merges never cross.
  public var pattern = BytePattern.gpt2
  /// A pair, character or word that occurs less often gets no token.
  public var minimumCount: Int64 = 2
  /// Bytes that counted words, and what learning merges from them needs, may take. When counting comes to half of it,
  /// the rarest words are forgotten, all that occurred equally often together, until three eighths are taken.
  public var memory = 2 << 30
  /// Has no influence on the result.
  public var threads = ProcessInfo.processInfo.activeProcessorCount

  /// Byte-level BPE; other values are set afterwards and checked when training begins.
  public init(vocabularySize: Int = 8192, sentinelCount: Int = 100) {
    self.vocabularySize = vocabularySize
    self.sentinelCount = sentinelCount
  }

  /// The tokens that are there before anything is learned.
  var reservedCount: Int {
    SpecialTokens.always.count + (unit.isByteLevel ? 256 : 0) + specialTokens.count + sentinelCount
  }

  /// - Throws: `.usage` if no vocabulary can be like this.
  func validate() throws(GraftError) {
    guard sentinelCount >= 0 else {
      throw GraftError(.usage, "the number of sentinels is \(sentinelCount), it must not be negative")
    }
    guard vocabularySize >= reservedCount else {
      let bytes = unit.isByteLevel ? ", 256 bytes" : ""
      throw GraftError(
        .usage, "a vocabulary of \(vocabularySize) is too small",
        hint:
          "\(SpecialTokens.always.count + specialTokens.count) special tokens\(bytes) and \(sentinelCount) "
          + "sentinels take \(reservedCount) ids.")
    }
    guard vocabularySize <= 1 << 24 else {
      throw GraftError(.usage, "a vocabulary of \(vocabularySize) is too large", hint: "at most \(1 << 24).")
    }
    guard minimumCount >= 1, threads >= 1 else {
      throw GraftError(.usage, "the smallest count and the number of threads must be positive")
    }
    guard memory >= 1 << 20 else {
      throw GraftError(.usage, "\(memory) bytes are too little to count words in", hint: "give 1m or more.")
    }
    var taken = Set(SpecialTokens.always)
    for name in specialTokens {
      guard !name.isEmpty, taken.insert(name).inserted, SpecialTokens.sentinelNumber(name) == nil else {
        throw GraftError(
          .usage, "'\(name)' cannot be a further special token",
          hint:
            "\(SpecialTokens.always.joined(separator: ", ")) and the sentinels <extra_id_0> … are there anyway; "
            + "each name stands once.")
      }
    }
  }
}

/// What training is doing, for a progress line.
public enum TokenizerTrainingProgress: Sendable {
  /// - fraction: of the files, nil if that cannot be known.
  case counting(bytes: Int, distinctWords: Int, fraction: Double?)
  /// So many merges of those that are wanted have been learned.
  case merging(merges: Int, of: Int)
  /// To bound memory; without this the counts are exact.
  case forgotten(occurrences: Int64)
}
