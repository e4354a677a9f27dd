/// Where a model that is written stands among the parameters of a store.
public struct StorePart: Sendable, Hashable {
  /// Begins the names of what it does not share with the rest; nil for the rest itself.
  public var prefix: String?
  /// Begin the names of what is left out.
  public var others: [String]

  public init(prefix: String? = nil, others: [String] = []) { (self.prefix, self.others) = (prefix, others) }
}
