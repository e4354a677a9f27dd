import Records

/// A token and the bytes of the source it stands for.
public struct LocatedToken: Sendable, Hashable {
  /// The token.
  public var id: TokenID
  /// In bytes of the text as it was given, before normalisation. Tokens that stand for a part of something that
  /// normalisation made of one thing, such as `f` and `i` for `ﬁ`, have the range of all of it.
  public var range: Range<Int>

  /// - Parameter range: in bytes of the text as it was given.
  public init(id: TokenID, range: Range<Int>) {
    self.id = id
    self.range = range
  }
}
