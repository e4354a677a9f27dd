public typealias TokenID = Int32

/// What models and objectives need to know of a tokenizer: its size and its special tokens.
public struct Vocabulary: Sendable, Hashable {
  public var size: Int
  public var padding: TokenID
  public var endOfSequence: TokenID
  public var unknown: TokenID
  /// `<extra_id_0>`, `<extra_id_1>` … in this order; ids usually descend from `size - 1`.
  public var sentinels: [TokenID]

  public init(
    size: Int, padding: TokenID = 0, endOfSequence: TokenID = 1, unknown: TokenID = 2,
    sentinels: [TokenID]
  ) {
    self.size = size
    self.padding = padding
    self.endOfSequence = endOfSequence
    self.unknown = unknown
    self.sentinels = sentinels
  }
}
