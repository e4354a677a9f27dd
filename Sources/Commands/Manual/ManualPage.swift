/// What the parser knows of a command, as `--experimental-dump-help` prints it.
struct CommandDescription: Decodable {
  struct Name: Decodable {
    var kind: String
    var name: String
    var spelled: String { kind == "long" ? "--\(name)" : "-\(name)" }
  }

  struct Argument: Decodable {
    var kind: String
    var shouldDisplay: Bool
    var sectionTitle: String?
    var isOptional: Bool
    var isRepeating: Bool
    var names: [Name]?
    var valueName: String?
    var defaultValue: String?
    var abstract: String?
    var discussion: String?
  }

  var commandName: String
  var shouldDisplay: Bool
  var abstract: String?
  var discussion: String?
  var arguments: [Argument]?
  var subcommands: [CommandDescription]?
}

/// A manual page of a command in the language of mdoc(7), made of what its help is made of.
///
/// Worked example: a flag `--dry-run` with the help "Say what would be done." is `.It Fl -dry-run` and the sentence.
struct ManualPage {
  /// What people type, `graft` first.
  let path: [String]
  let command: CommandDescription
  /// Of the program, for the foot of the page.
  let version: String

  /// `graft-data-fetch`, of section 1.
  var name: String { path.joined(separator: "-") }

  /// The pages of a command and of all below it.
  static func all(of command: CommandDescription, above: [String] = [], version: String) -> [ManualPage] {
    let path = above + [command.commandName]
    let below = (command.subcommands ?? []).filter { $0.shouldDisplay && $0.commandName != "help" }
    return [ManualPage(path: path, command: command, version: version)]
      + below.flatMap { all(of: $0, above: path, version: version) }
  }

  private var arguments: [CommandDescription.Argument] { (command.arguments ?? []).filter(\.shouldDisplay) }
  private var subcommands: [CommandDescription] {
    (command.subcommands ?? []).filter { $0.shouldDisplay && $0.commandName != "help" }
  }

  /// The page's text.
  var text: String {
    var lines = [
      ".\\\" Made by `graft manual` of what the help is made of.", ".Dd $Mdocdate$", ".Dt \(name.uppercased()) 1",
      ".Os Graft \(version)", ".Sh NAME", ".Nm \(name)",
      ".Nd \(Self.macro(Self.withoutStop(command.abstract ?? "")))", ".Sh SYNOPSIS",
      ".Nm \(Self.macro(path.joined(separator: " ")))",
    ]
    if !subcommands.isEmpty { lines.append(".Ar command") }
    lines += arguments.map(synopsis)
    lines.append(".Sh DESCRIPTION")
    let (description, example) = Self.parts(command.discussion ?? "")
    lines += Self.paragraphs([command.abstract ?? ""] + description)
    if !subcommands.isEmpty {
      lines += ["The commands are:", ".Bl -tag -width Ds"]
      for below in subcommands {
        lines += [".It Cm \(Self.macro(below.commandName))", Self.prose(below.abstract ?? "")]
      }
      lines.append(".El")
    }
    for (title, arguments) in groups { lines += options(arguments, title: title) }
    if !example.isEmpty { lines += [".Sh EXAMPLES", ".Bd -literal"] + example.map(Self.verbatim) + [".Ed"] }
    lines += [".Sh SEE ALSO"] + related
    return lines.joined(separator: "\n") + "\n"
  }

  private var related: [String] {
    let above = path.count > 1 ? [path.dropLast().joined(separator: "-")] : []
    let names = (above + subcommands.map { name + "-" + $0.commandName }).sorted()
    return names.enumerated().map { index, name in
      ".Xr \(Self.macro(name)) 1\(index + 1 < names.count ? " ," : "")"
    }
  }

  /// Arguments, options without a title and titled groups, in the order of the help.
  private var groups: [(title: String, arguments: [CommandDescription.Argument])] {
    var titles: [String] = []
    for argument in arguments {
      let title = Self.title(of: argument)
      if !titles.contains(title) { titles.append(title) }
    }
    titles.sort { (Self.standardTitles.firstIndex(of: $0) ?? 9) < (Self.standardTitles.firstIndex(of: $1) ?? 9) }
    return titles.map { title in (title, arguments.filter { Self.title(of: $0) == title }) }
  }

  private static let standardTitles = ["ARGUMENTS", "OPTIONS"]

  private static func title(of argument: CommandDescription.Argument) -> String {
    argument.sectionTitle?.uppercased() ?? (argument.kind == "positional" ? "ARGUMENTS" : "OPTIONS")
  }

  private func options(_ arguments: [CommandDescription.Argument], title: String) -> [String] {
    var lines = [".Sh \(Self.macro(title))", ".Bl -tag -width Ds"]
    for argument in arguments {
      let names = (argument.names ?? []).map { "Fl \(Self.macro(String($0.spelled.dropFirst())))" }
      let value = argument.kind == "flag" ? "" : "Ar \(Self.macro(argument.valueName ?? "value"))"
      let head =
        argument.kind == "positional" ? value : names.joined(separator: " , ") + (value.isEmpty ? "" : " " + value)
      lines.append(".It \(head)")
      let help = [argument.abstract, argument.discussion].compactMap(\.self).filter { !$0.isEmpty }
      lines += help.flatMap { Self.sentences($0) }
      if let value = argument.defaultValue, argument.kind != "flag" { lines.append(Self.prose("(default: \(value))")) }
    }
    return lines + [".El"]
  }

  private func synopsis(_ argument: CommandDescription.Argument) -> String {
    let value = argument.kind == "flag" ? "" : " Ar \(Self.macro(argument.valueName ?? "value"))"
    let more = argument.isRepeating && argument.kind != "flag" ? " ..." : ""
    let name = (argument.names ?? []).last.map { "Fl \(Self.macro(String($0.spelled.dropFirst())))" } ?? ""
    let whole = (name + value).trimmingPrefix(" ") + more
    return argument.isOptional ? ".Op \(whole)" : ".\(whole)"
  }

  /// The description's paragraphs, and the lines of the example at its end.
  static func parts(_ discussion: String) -> (paragraphs: [String], example: [String]) {
    let lines = discussion.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let start = lines.firstIndex { $0.hasPrefix("Example") && $0.hasSuffix(":") }
    let prose = lines[..<(start ?? lines.endIndex)].split { $0.isEmpty }.map { $0.joined(separator: " ") }
    let rest = start.map { lines[($0 + 1)...] } ?? []
    let example = rest.map { $0.hasPrefix("  ") ? String($0.dropFirst(2)) : $0 }
    return (prose, Array(example.reversed().drop { $0.isEmpty }.reversed()))
  }

  private static func paragraphs(_ texts: [String]) -> [String] {
    Array(texts.filter { !$0.isEmpty }.map { sentences($0) }.joined(separator: [".Pp"]))
  }

  /// A sentence a line, as mdoc wants it.
  private static func sentences(_ text: String) -> [String] {
    var lines: [String] = [""]
    for word in text.split(whereSeparator: \.isWhitespace) {
      lines[lines.count - 1] += (lines[lines.count - 1].isEmpty ? "" : " ") + word
      if word.hasSuffix("."), word.count > 2, !Self.abbreviations.contains(String(word)) { lines.append("") }
    }
    return lines.filter { !$0.isEmpty }.map(prose)
  }

  private static let abbreviations = ["al.", "e.g.", "etc.", "i.e.", "vs."]

  private static func withoutStop(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ").trimmingSuffix(".")
  }

  /// A line of running text: `\` spelled out, nothing at its beginning that would be a macro.
  static func prose(_ text: String) -> String {
    let escaped = text.replacing("\\", with: "\\e")
    return escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" + escaped : escaped
  }

  /// A line that stands as it is, its hyphens and quotes those that are typed.
  private static func verbatim(_ text: String) -> String {
    let escaped = text.replacing("\\", with: "\\e").replacing("-", with: "\\-").replacing("'", with: "\\(aq")
      .replacing("`", with: "\\(ga")
    return escaped.hasPrefix(".") ? "\\&" + escaped : escaped
  }

  /// Words after a macro, of which none is taken for another macro.
  static func macro(_ text: String) -> String {
    text.split(separator: " ").map { word in
      let escaped = word.replacing("\\", with: "\\e").replacing("\"", with: "\\(dq")
      let isMacro =
        (2...3).contains(word.count) && word.first?.isUppercase == true && word.dropFirst().allSatisfy(\.isLowercase)
      return isMacro || word.allSatisfy(\.isPunctuation) ? "\\&" + escaped : escaped
    }.joined(separator: " ")
  }
}

extension String {
  fileprivate func trimmingSuffix(_ suffix: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
  }
}
