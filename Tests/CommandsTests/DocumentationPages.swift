import Foundation
import Testing

/// README.md, the pages of Docs and the READMEs of the tasks' folders.
struct DocumentationPage: Sendable, CustomTestStringConvertible {
  /// From the project's root, as `Docs/CLI.md`.
  let name: String
  let text: String
  let lines: [String]

  var testDescription: String { name }

  /// Whether a text stands on the page. Of an expectation that fails, the whole page would be printed.
  func has(_ text: some StringProtocol) -> Bool { self.text.contains(text) }

  static let all: [DocumentationPage] = {
    var names = ["README.md"]
    for folder in ["Docs", "Tasks"] {
      let files = FileManager.default.enumerator(atPath: "\(Graft.packageRoot)/\(folder)")?.allObjects
      names += (files as? [String] ?? []).filter { $0.hasSuffix(".md") }.sorted().map { "\(folder)/\($0)" }
    }
    return names.map { name in
      let text = (try? String(contentsOfFile: "\(Graft.packageRoot)/\(name)", encoding: .utf8)) ?? ""
      return DocumentationPage(name: name, text: text)
    }
  }()

  static func page(_ name: String) throws -> DocumentationPage {
    try #require(all.first { $0.name == name }, "there is no page \(name)")
  }

  init(name: String, text: String) {
    self.name = name
    self.text = text
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// A line of code, by its number on the page, from 1.
  struct Line: Sendable, Hashable {
    var number: Int
    var text: String
  }

  /// A fenced block.
  struct Block: Sendable {
    var language: String
    /// The last line with text above it.
    var introduction: String
    var lines: [Line]
  }

  /// What stands between fences.
  var blocks: [Block] {
    var blocks: [Block] = []
    var open: Block?
    var introduction = ""
    for (index, line) in lines.enumerated() {
      if line.hasPrefix("```") {
        if let block = open {
          blocks.append(block)
          open = nil
        } else {
          open = Block(language: String(line.dropFirst(3)), introduction: introduction, lines: [])
        }
      } else if open != nil {
        open?.lines.append(Line(number: index + 1, text: line))
      } else if !line.trimmingCharacters(in: .whitespaces).isEmpty {
        introduction = line
      }
    }
    return blocks
  }

  /// Lines of code: of fenced blocks, and those that are indented by four spaces. What a backslash breaks is
  /// one line.
  var code: [Line] {
    var found: [Line] = []
    var isFenced = false
    var isContinued = false
    for (index, line) in lines.enumerated() {
      if line.hasPrefix("```") {
        isFenced.toggle()
        isContinued = false
      } else if isFenced || line.hasPrefix("    ") {
        if isContinued {
          found[found.count - 1].text += " " + line
        } else {
          found.append(Line(number: index + 1, text: line))
        }
        isContinued = line.hasSuffix("\\")
        if isContinued { found[found.count - 1].text.removeLast() }
      }
    }
    return found
  }

  /// The page without fenced blocks, line by line; what is left out is empty.
  var prose: String {
    var isFenced = false
    return lines.map { line in
      if line.hasPrefix("```") { isFenced.toggle() }
      return isFenced || line.hasPrefix("```") ? "" : line
    }.joined(separator: "\n")
  }

  /// What stands between single backticks, line breaks as spaces.
  var inlineCode: [String] {
    prose.matches(of: /`([^`]+)`/).filter { !$0.output.1.contains("\n\n") }
      .map { String($0.output.1.replacing(/\s*\n\s*/, with: " ")) }
  }

  /// The anchors that links may go to: headings as GitHub spells them.
  var anchors: Set<String> {
    Set(
      prose.split(separator: "\n").filter { $0.hasPrefix("#") }.map { heading in
        heading.drop { $0 == "#" }.dropFirst().lowercased().unicodeScalars
          .filter {
            $0.properties.isAlphabetic || $0.properties.numericType != nil
              || " -_".unicodeScalars.contains($0)
          }
          .map { $0 == " " ? "-" : String($0) }.joined()
      })
  }
}

/// A command line that a page shows.
struct ShownCommand: Sendable, Hashable {
  /// What follows the name of the executable.
  var arguments: [String]
  /// Whether the page leaves parts of it out, as `…`.
  var isPartial: Bool

  /// Nil for a line that does not run graft.
  ///
  /// Worked example: `$ .build/release/graft list tasks | head  # some` gives the arguments list and tasks.
  init?(_ line: String) {
    var words = Self.words(line)
    if words.first == "$" { words.removeFirst() }
    while let first = words.first, first.contains(/^[A-Z_]+=/) { words.removeFirst() }
    guard let first = words.first, first == "graft" || first.hasSuffix("/graft") else { return nil }
    isPartial = words.contains { $0.contains("…") }
    arguments = words.dropFirst().filter { $0 != "…" }
  }

  /// Words as a shell makes them of a line, up to a pipe, a redirection or a comment.
  private static func words(_ line: String) -> [String] {
    var words: [String] = []
    var word: String?
    var quote: Character?
    for character in line {
      if let open = quote {
        if character == open { quote = nil } else { word?.append(character) }
      } else if character == "'" || character == "\"" {
        quote = character
        word = word ?? ""
      } else if character == " " {
        if let word { words.append(word) }
        word = nil
      } else if "|><;&".contains(character) || character == "#" && word == nil {
        break
      } else {
        word = (word ?? "") + String(character)
      }
    }
    if let word { words.append(word) }
    return words
  }
}

/// The commands that there are, as ArgumentParser tells them.
struct CommandTree: Decodable, Sendable {
  struct Name: Decodable, Sendable {
    var kind: String
    var name: String
    var spelled: String { kind == "long" ? "--\(name)" : "-\(name)" }
  }

  struct Argument: Decodable, Sendable {
    var names: [Name]?
    var abstract: String?
    var shouldDisplay: Bool
    var kind: String
  }

  var commandName: String
  var abstract: String?
  var shouldDisplay: Bool
  var arguments: [Argument]?
  var subcommands: [CommandTree]?

  private struct Dump: Decodable {
    var command: CommandTree
  }

  static let root = Result {
    let dump = try Graft.run(["--experimental-dump-help"])
    return try JSONDecoder().decode(Dump.self, from: Data(dump.output.utf8)).command
  }

  var options: Set<String> { Set((arguments ?? []).flatMap { $0.names ?? [] }.map(\.spelled)) }

  /// Itself and all below, but for `help`, each with what is typed to get there.
  func all(_ path: [String] = []) -> [(path: [String], command: CommandTree)] {
    [(path, self)]
      + (subcommands ?? []).filter { $0.commandName != "help" && $0.shouldDisplay }.flatMap {
        $0.all(path + [$0.commandName])
      }
  }

  /// The command that arguments begin with, as deep as they go, and what is left of them.
  func command(of arguments: ArraySlice<String>) -> (command: CommandTree, rest: ArraySlice<String>) {
    guard let next = subcommands?.first(where: { $0.commandName == arguments.first }) else {
      return (self, arguments)
    }
    return next.command(of: arguments.dropFirst())
  }
}
