import ArgumentParser
import Experiments
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
    try self.init(YAMLValue.file(path).entries(), flags: flags, command: command)
  }

  /// The same of keys with their places and values.
  init(
    _ settings: [(key: String, location: SourceLocation, value: YAMLValue)], flags: [CommandFlag], command: String
  ) throws(GraftError) {
    for entry in settings {
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
    let given = Set(words.prefix { $0 != "--" }.compactMap { flags.flag(of: $0)?.flag.name })
    let displaced = GridRecipe.displaced(by: given, alternatives)
    entries.removeAll { displaced.contains($0.flag.name) }
  }

  /// As a person would type it.
  var words: [String] { entries.flatMap { $0.flag.words($0.values) } }

  /// The place of the first flag that `message` names and that stands in the file, else of the one that has a value
  /// that it quotes.
  func location(of message: String) -> SourceLocation? {
    for match in message.matches(of: /(?:--|`)([a-z][a-z-]*)/) {
      if let entry = entries.first(where: { $0.flag.name == match.output.1 }) { return entry.location }
    }
    for match in message.matches(of: /'([^']+)'/) {
      let having = entries.filter { $0.values.contains(String(match.output.1)) }
      if let entry = having.first, having.count == 1 { return entry.location }
    }
    return nil
  }

  /// An error about a flag that stands in the file, with its place.
  func located(_ error: GraftError) -> GraftError {
    guard error.code == .usage, error.location == nil, let location = location(of: error.message) else { return error }
    var error = error
    (error.code, error.location) = (.badData, location)
    return error
  }
}
