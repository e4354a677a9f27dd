/// What a tokenizer's model is.
public enum TokenizerKind: String, Sendable, Hashable, CaseIterable {
  case byteLevelBPE = "byte-level-bpe"
  case wordPiece = "wordpiece"
  case unigram
}
