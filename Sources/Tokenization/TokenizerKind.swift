/// What a tokenizer's model is.
public enum TokenizerKind: String, Sendable, Hashable, CaseIterable {
  case byteLevelBPE = "byte-level-bpe"
  case wordPiece = "wordpiece"
  case unigram

  /// Whether there is a token of every byte, so that no text is unknown.
  public var isByteLevel: Bool { self == .byteLevelBPE }
}
