import ArgumentParser
import Foundation
import TestSupport
import Testing

@testable import Commands

/// Every option that names an output is declared, so that what stands there is looked at before any work.
@Suite(.tags(.process)) struct DeclaredOutputTests {
  /// A command as `--experimental-dump-help` shows it.
  private struct Help: Decodable {
    struct Name: Decodable {
      var kind: String
      var name: String
    }

    struct Argument: Decodable {
      var kind: String
      var isOptional: Bool
      var names: [Name]?
      var abstract: String?
      var allValues: [String]?

      var flag: String? { names?.first { $0.kind == "long" }.map { "--\($0.name)" } }

      /// Whether the command writes to the place that the option names: by its name, or by what its help says.
      var isOutput: Bool {
        guard kind == "option", let flag, let abstract else { return false }
        let phrases = [
          "to this file", "to this folder", "Folder for ", "older to write", "The run directory.", "A new folder",
          "The page,", "The folder of the ", "folder that the files go to", "Where the tokenizer goes",
        ]
        return ["--json", "--output", "--to"].contains(flag) || phrases.contains { abstract.contains($0) }
      }
    }

    var commandName: String
    var arguments: [Argument]?
    var subcommands: [Help]?

    func leaves(_ above: [String] = []) -> [(path: [String], help: Help)] {
      let path = above + [commandName]
      guard let subcommands, !subcommands.isEmpty else { return [(path, self)] }
      return subcommands.filter { $0.commandName != "help" }.flatMap { $0.leaves(path) }
    }
  }

  private struct Dump: Decodable { var command: Help }

  private static let commands: [(path: [String], help: Help)] = {
    guard let dump = try? Graft.run(["--experimental-dump-help"]),
      let found = try? JSONDecoder().decode(Dump.self, from: Data(dump.output.utf8))
    else { return [] }
    return found.command.leaves()
  }()

  @Test func everyOutputIsDeclared() throws {
    #expect(Self.commands.count > 30)
    var outputs: [String] = []
    for (path, help) in Self.commands {
      let name = path.joined(separator: " ")
      var words = Array(path.dropFirst())
      var expected: [String: String] = [:]
      for argument in help.arguments ?? [] {
        let value = argument.allValues?.first ?? "x"
        if argument.isOutput, let flag = argument.flag {
          expected[flag] = "/nowhere/\(flag.dropFirst(2))"
          words += [flag, "/nowhere/\(flag.dropFirst(2))"]
        } else if argument.kind == "positional", !argument.isOptional {
          words.append(value)
        } else if argument.kind == "option", !argument.isOptional, let flag = argument.flag {
          words += [flag, value]
        }
      }
      guard !expected.isEmpty else { continue }
      outputs += expected.keys.map { "\(name) \($0)" }
      let command = try #require(try? GraftCommand.parseAsRoot(words), "graft \(words)")
      let writer = try #require(
        command as? any WritingCommand, "\(name) has \(expected.keys) and declares no outputs")
      let declared = try writer.files().outputs.map(\.path)
      for (flag, place) in expected { #expect(declared.contains(place), "\(name) does not declare \(flag)") }
    }
    // Enough for a rule by which an option counts as an output not to have come to nothing.
    #expect(outputs.count >= 26, "\(outputs)")
  }

  @Test func commandsAreNamedAsTheyAreTyped() {
    #expect(GraftCommand.name(of: TokenizerTrainCommand.self) == "graft tokenizer train")
    #expect(GraftCommand.name(of: MetricCommand.self) == "graft metric")
    #expect(Set(GraftCommand.leaves.map(\.name)) == Set(Self.commands.map { $0.path.joined(separator: " ") }))
  }
}
