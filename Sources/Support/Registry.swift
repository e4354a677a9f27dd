/// An explicit, alphabetised table of plugins of one kind. A plugin is one file plus one entry here.
public struct Registry<Plugin: Sendable>: Sendable {
  /// What a plugin of this table is called in messages: "objective", "backbone" …
  public let kind: String
  /// The command that lists the table, for hints.
  public let listCommand: String
  public let entries: [(name: String, summary: String, plugin: Plugin)]

  /// - Precondition: names are unique and in alphabetical order, so that lists and help are.
  public init(
    kind: String, listCommand: String, _ entries: [(name: String, summary: String, plugin: Plugin)]
  ) {
    precondition(
      zip(entries, entries.dropFirst()).allSatisfy { $0.name < $1.name },
      "the table of \(kind)s must be alphabetical without repeats")
    self.kind = kind
    self.listCommand = listCommand
    self.entries = entries
  }

  public var names: [String] { entries.map(\.name) }

  /// - Throws: `.usage` with the closest known name.
  public func callAsFunction(_ name: String, location: SourceLocation? = nil) throws(GraftError) -> Plugin {
    guard let entry = entries.first(where: { $0.name.isExactly(name) }) else {
      throw .unknownName(kind, name, known: names, list: listCommand, location: location)
    }
    return entry.plugin
  }
}
