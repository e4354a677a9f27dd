/// What a tokenizer's model is.
public enum TokenizerKind: String, Sendable, Hashable, CaseIterable {
  /// BPE of bytes (Radford et al. 2019).
  case byteLevelBPE = "byte-level-bpe"
  /// BPE of characters; what it has no token for is spelled in bytes or unknown.
  case characterBPE = "bpe"
  /// Longest match from the beginning of a word on (Schuster and Nakajima 2012; Wu et al. 2016), as in BERT.
  case wordPiece = "wordpiece"
  /// The likeliest cut by a unigram model of pieces (Kudo 2018), as in T5.
  case unigram
  /// Two unigram models with one vocabulary, for what is read and for what is written, as in Marian.
  case unigramPair = "unigram-pair"
  /// A token for each word, or each character.
  case wordLevel = "word-level"

  /// Whether there is a token of every byte, so that no text is unknown.
  public var isByteLevel: Bool { self == .byteLevelBPE }
}
