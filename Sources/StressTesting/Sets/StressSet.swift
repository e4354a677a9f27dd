import Records

/// A changed example beside the one it was made from.
public struct StressMember: Sendable, Hashable {
  public var original: Example
  /// Its target is the first of `expected`.
  public var changed: Example
  /// The labels of the task that are right now.
  public var expected: [String]
  /// Whether the label is to be what it was.
  public var isPreserved: Bool
  public var transform: String

  public init(original: Example, changed: Example, expected: [String], isPreserved: Bool, transform: String) {
    self.original = original
    self.changed = changed
    self.expected = expected
    self.isPreserved = isPreserved
    self.transform = transform
  }
}

/// What a transform, or several together, made of some examples.
public struct StressSet: Sendable, Hashable {
  /// The transform's name, or one for several.
  public var name: String
  public var members: [StressMember]
  /// How many examples were offered to it; to several, how many in all.
  public var offered: Int
  /// How often it did not apply, by reason.
  public var notApplicable: [String: Int]
  /// What makes it balanced, for its provenance; nil if nothing but a cut does.
  public var design: String?

  public init(name: String, members: [StressMember], offered: Int, notApplicable: [String: Int]) {
    self.name = name
    self.members = members
    self.offered = offered
    self.notApplicable = notApplicable
  }

  /// Whether every member keeps its label.
  public var isPreserved: Bool { members.allSatisfy(\.isPreserved) }
}
