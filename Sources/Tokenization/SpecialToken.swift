import Records

/// A token that no text is encoded to unless its name is asked to be recognised.
struct SpecialToken: Sendable, Hashable {
  var id: TokenID
  var name: String
  /// Where its name is recognised, it takes the white space before (after) it along.
  var stripsLeft = false
  var stripsRight = false
  /// Whether its name is looked for in normalised text, not in the text as it stands.
  var isNormalized = false
}
