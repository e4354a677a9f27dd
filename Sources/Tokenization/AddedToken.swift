import Records

/// A token that the model does not make: its name is looked for in the text before anything else.
struct AddedToken: Sendable, Hashable {
  var id: TokenID
  var name: String
  /// Whether its name is recognised only if that is asked for, and it stands for no text. The names of others become
  /// these tokens in every text.
  var isSpecial = true
  /// Whether it is found only where no word character stands beside it.
  var isSingleWord = false
  /// Where its name is recognised, it takes the white space before (after) it along.
  var stripsLeft = false
  var stripsRight = false
  /// Whether its name is looked for in normalised text, not in the text as it stands.
  var isNormalized = false
}
