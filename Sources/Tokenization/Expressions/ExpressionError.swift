/// Why a regular expression cannot be taken over.
struct ExpressionError: Error, Hashable {
  /// What stands in the expression: "'\X' in '…', which Graft does not know".
  var message: String
}
