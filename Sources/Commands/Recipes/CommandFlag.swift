import ArgumentParser
import Foundation
import Support

/// A flag of a command as its help tells of it.
struct CommandFlag: Sendable, Hashable {
  enum Kind: Sendable {
    /// Without a value.
    case flag
    case option
    /// With several values.
    case list
  }

  /// Without dashes, as it stands in a recipe.
  var name: String
  var kind: Kind
  /// Whether `--no-NAME` is the contrary.
  var isInvertible = false
  /// Whether the values of a list follow each other; else each has the flag before it.
  var takesAll = false
  /// As the help shows it.
  var defaultValue: String?

  /// Those that decide what a command does, in the order of its help: not its recipe, not its help.
  /// - Throws: `.internalError` if the help is in another form than this graft knows.
  static func all(of command: any ParsableCommand.Type) throws(GraftError) -> [CommandFlag] {
    let help: Help
    do {
      help = try JSONFile.value(Help.self, in: command._dumpHelp().utf8)
    } catch {
      throw GraftError(.internalError, "the help of \(GraftCommand.name(of: command)) cannot be read", cause: error)
    }
    let arguments = help.command.arguments ?? []
    let flags = Set(arguments.filter { $0.kind == "flag" }.compactMap(\.name))
    return arguments.compactMap { argument -> CommandFlag? in
      guard let name = argument.name, !RecipeArguments.names.contains(name), !["help", "version"].contains(name)
      else { return nil }
      guard argument.kind == "flag" else {
        return CommandFlag(
          name: name, kind: argument.isRepeating ? .list : .option,
          takesAll: argument.parsingStrategy == "upToNextOption", defaultValue: argument.defaultValue)
      }
      if name.hasPrefix("no-"), flags.contains(String(name.dropFirst(3))) { return nil }
      return CommandFlag(
        name: name, kind: .flag, isInvertible: flags.contains("no-\(name)"), defaultValue: argument.defaultValue)
    }
  }

  /// "--beam, --labels" of what a person gave beside other flags.
  /// - Parameter names: without dashes.
  static func list(_ names: [String]) -> String { names.map { "--\($0)" }.joined(separator: ", ") }

  private struct Help: Decodable {
    struct Command: Decodable { var arguments: [Argument]? }

    struct Argument: Decodable {
      struct Name: Decodable { var kind, name: String }

      var kind: String
      var isRepeating: Bool
      var parsingStrategy: String?
      var names: [Name]?
      var defaultValue: String?

      /// The long one; nil for an argument without flag.
      var name: String? { names?.first { $0.kind == "long" }?.name }
    }

    var command: Command
  }

  /// The words that give the flag `values`; `true` and `false` where it has none.
  func words(_ values: [String]) -> [String] {
    switch kind {
    case .flag:
      if values == ["true"] { return ["--\(name)"] }
      return values == ["false"] && isInvertible ? ["--no-\(name)"] : []
    case .option: return values.flatMap(word)
    case .list:
      guard takesAll, !values.isEmpty, !values.contains(where: { $0.hasPrefix("-") }) else {
        return values.flatMap(word)
      }
      return ["--\(name)"] + values
    }
  }

  /// A value that looks like a flag is tied to its own.
  private func word(_ value: String) -> [String] {
    value.hasPrefix("-") ? ["--\(name)=\(value)"] : ["--\(name)", value]
  }
}

extension [CommandFlag] {
  /// What words of a command line give each flag: of one without value `true` or `false`, of a list all values.
  /// - Parameter words: without the command; the parser must have taken them.
  func values(in words: [String]) -> [String: [String]] {
    var values: [String: [String]] = [:]
    var rest = words[...]
    while let word = rest.popFirst() {
      guard let (flag, isNegative, attached) = self.flag(of: word) else { continue }
      switch flag.kind {
      case .flag: values[flag.name] = [isNegative ? "false" : "true"]
      case .option: if let value = attached ?? rest.popFirst() { values[flag.name] = [value] }
      case .list:
        var given: [String] = attached.map { [$0] } ?? []
        while let next = rest.first, flag.takesAll || given.isEmpty, next == "-" || !next.hasPrefix("-") {
          given.append(next)
          rest.removeFirst()
        }
        values[flag.name, default: []] += given
      }
    }
    return values
  }

  /// The flag that a word names, whether it is its contrary, and the value behind `=`.
  func flag(of word: String) -> (flag: CommandFlag, isNegative: Bool, attached: String?)? {
    guard word.hasPrefix("--") else { return nil }
    let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = parts.first.map(String.init) ?? ""
    let attached = parts.count == 2 ? String(parts[1]) : nil
    if let flag = first(where: { $0.name == name }) { return (flag, false, attached) }
    guard name.hasPrefix("no-"), let flag = first(where: { $0.isInvertible && $0.name == name.dropFirst(3) }) else {
      return nil
    }
    return (flag, true, nil)
  }
}

extension ParsableCommand {
  /// Refuses what was given in vain.
  /// - Parameters:
  ///   - allowed: the flags that have a bearing, without dashes.
  ///   - setting: the flag because of which others have none, as it was given.
  /// - Throws: `.usage` that names every other flag of this process's command line.
  static func refuse(allBut allowed: [String], for setting: String) throws(GraftError) {
    let flags = try CommandFlag.all(of: self)
    let given = Set(flags.values(in: try Invocation.process.get().parsed).keys)
    try refuse(flags.map(\.name).filter { given.contains($0) && !allowed.contains($0) }, for: setting)
  }

  /// - Parameter names: of flags that were given in vain, without dashes.
  /// - Throws: `.usage` that names them, if there are any.
  static func refuse(_ names: [String], for setting: String) throws(GraftError) {
    guard !names.isEmpty else { return }
    throw GraftError(
      .usage, "\(CommandFlag.list(names)) \(names.count == 1 ? "has" : "have") no bearing on \(setting)",
      hint: "leave \(names.count == 1 ? "it" : "them") out.")
  }
}
