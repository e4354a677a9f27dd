/// What a tokenizer's model is.
public enum TokenizerKind: String, Sendable, Hashable, CaseIterable {
  case byteLevelBPE = "byte-level-bpe"
  /// BPE of characters; what it has no token for is spelled in bytes or unknown.
  case characterBPE = "bpe"
  case wordPiece = "wordpiece"
  case unigram
  /// A token for each word, or each character.
  case wordLevel = "word-level"

  /// Whether there is a token of every byte, so that no text is unknown.
  public var isByteLevel: Bool { self == .byteLevelBPE }
}
