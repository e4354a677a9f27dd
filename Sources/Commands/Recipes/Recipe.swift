import ArgumentParser
import Foundation
import Support

/// The flags of a command from a YAML file. The keys are their names; what stands in the file is put before the flags
/// that a person gives, and so is read and checked as they are.
struct Recipe: Sendable {
  struct Entry: Sendable {
    var flag: CommandFlag
    var location: SourceLocation
    var values: [String]
  }

  private(set) var entries: [Entry] = []

  /// - Parameters:
  ///   - flags: of the command.
  ///   - command: its name, for errors.
  /// - Throws: `.badData` with line and column for an unknown key or a value that no flag has; `.missingInput` without
  ///   the file.
  init(contentsOf path: String, flags: [CommandFlag], command: String) throws(GraftError) {
    for entry in try YAMLValue.file(path).entries() {
      guard let flag = flags.first(where: { $0.name == entry.key }) else {
        throw .unknownName(
          "key of a recipe for `\(command)`", entry.key, known: flags.map(\.name), location: entry.location,
          code: .badData)
      }
      guard !entry.value.isNull else { continue }
      let values: [String]
      switch flag.kind {
      case .flag: values = [try entry.value.boolean() ? "true" : "false"]
      case .option: values = [try entry.value.string()]
      case .list: values = entry.value.isSequence ? try entry.value.strings() : [try entry.value.string()]
      }
      entries.append(Entry(flag: flag, location: entry.location, values: values))
    }
  }

  /// Leaves out what `words` give themselves, and what stands for it.
  mutating func giveWay(to words: [String], flags: [CommandFlag], alternatives: [[String]]) {
    var given = Set(words.prefix { $0 != "--" }.compactMap { flags.flag(of: $0)?.flag.name })
    for group in alternatives where !given.isDisjoint(with: group) { given.formUnion(group) }
    entries.removeAll { given.contains($0.flag.name) }
  }

  /// As a person would type it.
  var words: [String] { entries.flatMap { $0.flag.words($0.values) } }

  /// The place of the first flag that `message` names and that stands in the file.
  func location(of message: String) -> SourceLocation? {
    for match in message.matches(of: /--([a-z][a-z-]*)/) {
      if let entry = entries.first(where: { $0.flag.name == match.output.1 }) { return entry.location }
    }
    return nil
  }
}
