/// The number of a token in a vocabulary, from 0; negative numbers stand for no token.
public typealias TokenID = Int32

/// What models and objectives need to know of a tokenizer: its size and its special tokens.
public struct Vocabulary: Sendable, Hashable {
  /// Ids are in `0 ..< size`.
  public var size: Int
  /// `<pad>` in T5, whose decoder starts with it; batches have no padding.
  public var padding: TokenID
  /// Ends a text; `</s>` in T5, `[SEP]` in BERT.
  public var endOfSequence: TokenID
  /// Stands for what has no token; `<unk>` in T5.
  public var unknown: TokenID
  /// What a decoder or an encoder reads first: `<pad>` in T5, `[CLS]` in BERT.
  public var start: TokenID
  /// What stands before every text that an encoder-decoder reads or writes: `<s>` in BART. Nil for nothing.
  public var opening: TokenID?
  /// What stands for a hidden token in masked language modelling: `[MASK]` in BERT, else the first sentinel. Nil if
  /// the tokenizer has neither.
  public var mask: TokenID?
  /// By id, whether a token goes on a word that the token before it began; empty if that is not known.
  public var continuesWord: [Bool] = []
  /// `<extra_id_0>`, `<extra_id_1>` … in this order; ids usually descend from `size - 1`.
  public var sentinels: [TokenID]

  /// - Parameters:
  ///   - start: `padding` by default.
  ///   - mask: the first sentinel by default.
  public init(
    size: Int, padding: TokenID = 0, endOfSequence: TokenID = 1, unknown: TokenID = 2, start: TokenID? = nil,
    mask: TokenID? = nil, sentinels: [TokenID]
  ) {
    self.size = size
    self.padding = padding
    self.endOfSequence = endOfSequence
    self.unknown = unknown
    self.start = start ?? padding
    self.mask = mask ?? sentinels.first
    self.sentinels = sentinels
  }
}
