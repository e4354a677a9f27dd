import Synchronization

/// An explicit, alphabetised table of plugins of one kind. A plugin is one file plus one entry here.
public struct Registry<Plugin: Sendable>: Sendable {
  /// A plugin with its name and, for lists, a line about it.
  public typealias Entry = (name: String, summary: String, plugin: Plugin)

  /// What a plugin of this table is called in messages: "objective", "backbone" …
  public let kind: String
  /// The command that lists the table, for hints.
  public let listCommand: String
  /// In alphabetical order of their names.
  public let entries: [Entry]

  /// - Precondition: names are unique and in alphabetical order, so that lists and help are.
  public init(kind: String, listCommand: String, _ entries: [Entry]) {
    precondition(
      zip(entries, entries.dropFirst()).allSatisfy { $0.name < $1.name },
      "the table of \(kind)s must be alphabetical without repeats")
    self.kind = kind
    self.listCommand = listCommand
    self.entries = entries
  }

  /// What can be chosen, in alphabetical order.
  public var names: [String] { entries.map(\.name) }

  /// The line about a plugin; empty for an unknown name.
  public func summary(of name: String) -> String { entries.first { $0.name.isExactly(name) }?.summary ?? "" }

  /// - Throws: `.usage` with the closest known name.
  public func callAsFunction(_ name: String, location: SourceLocation? = nil) throws(GraftError) -> Plugin {
    guard let entry = entries.first(where: { $0.name.isExactly(name) }) else {
      throw .unknownName(kind, name, known: names, list: listCommand, location: location)
    }
    return entry.plugin
  }

  /// The table with more plugins, in any order.
  /// - Throws: `.usage` for a name that is taken.
  public func adding(_ more: [Entry]) throws(GraftError) -> Registry {
    var all = entries
    for entry in more {
      guard !all.contains(where: { $0.name == entry.name }) else {
        throw GraftError(
          .usage, "the \(kind) '\(entry.name)' is there already", hint: "give it another name.")
      }
      all.append(entry)
    }
    return Registry(kind: kind, listCommand: listCommand, all.sorted { $0.name < $1.name })
  }
}

/// A table that a program may add to before anything is looked up in it, and not after: what was found once
/// is found again.
public final class OpenRegistry<Plugin: Sendable>: Sendable {
  private let state: Mutex<(registry: Registry<Plugin>, isRead: Bool)>

  /// A table that is still open.
  public init(_ registry: Registry<Plugin>) { state = Mutex((registry, false)) }

  /// Closes the table.
  public var registry: Registry<Plugin> {
    state.withLock { state in
      state.isRead = true
      return state.registry
    }
  }

  /// - Throws: `.usage` for a name that is taken; `.internalError` once the table is closed.
  public func add(_ more: [Registry<Plugin>.Entry]) throws(GraftError) {
    try state.withLock { (state) throws(GraftError) in
      guard !state.isRead else {
        throw GraftError(
          .internalError, "the table of \(state.registry.kind)s was read before plugins were added to it",
          hint: "add them before anything else is done.")
      }
      state.registry = try state.registry.adding(more)
    }
  }
}
