import Records

/// A changed example beside the one it was made from.
public struct StressMember: Sendable, Hashable {
  /// The example as the task has it.
  public var original: Example
  /// Its target is the first of `expected`.
  public var changed: Example
  /// The labels of the task that are right now.
  public var expected: [String]
  /// Whether the label is to be what it was.
  public var isPreserved: Bool
  /// The name of the transform that made it.
  public var transform: String

  /// - Parameter expected: at least one label; the first is the target of `changed`.
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
  /// In the order of the examples they were made from, where one transform made them.
  public var members: [StressMember]
  /// How many examples were offered to it; to several, how many in all.
  public var offered: Int
  /// How often it did not apply, by reason.
  public var notApplicable: [String: Int]
  /// What makes it balanced, for its provenance; nil if nothing but a cut does.
  public var design: String?

  /// A set that nothing balances; set `design` where something does.
  public init(name: String, members: [StressMember], offered: Int, notApplicable: [String: Int]) {
    self.name = name
    self.members = members
    self.offered = offered
    self.notApplicable = notApplicable
  }

  /// Whether every member keeps its label.
  public var isPreserved: Bool { members.allSatisfy(\.isPreserved) }
}
