/// Where a model that is written stands among the parameters of a store.
struct StorePart: Sendable, Hashable {
  /// Begins the names of what it does not share with the rest; nil for the rest itself.
  var prefix: String?
  /// Begin the names of what is left out.
  var others: [String] = []
}
