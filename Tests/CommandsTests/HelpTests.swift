import ArgumentParser
import Commands
import Foundation
import Testing

/// The help of every command as a file, so that a review sees what a change does to it. With the environment
/// variable GRAFT_WRITE_HELP set the files are written anew:
///
///     GRAFT_WRITE_HELP=1 swift test --filter HelpTests
@Suite struct HelpTests {
  private static let folder = "\(Graft.packageRoot)/Tests/Fixtures/help"
  private static let isWriting = ProcessInfo.processInfo.environment["GRAFT_WRITE_HELP"] != nil

  /// Commands by what people type, with hyphens in between: `tokenizer-train`.
  private static func commands(
    _ command: any ParsableCommand.Type = GraftCommand.self, _ path: [String] = []
  ) -> [(name: String, type: any ParsableCommand.Type)] {
    let path = path + [command.configuration.commandName ?? "\(command)"]
    return [(path.joined(separator: "-"), command)]
      + command.configuration.subcommands.flatMap { commands($0, path) }
  }

  @Test func helpIsAsItIsInTheFiles() throws {
    let commands = Self.commands()
    #expect(commands.count > 30)
    if Self.isWriting {
      try? FileManager.default.removeItem(atPath: Self.folder)
      try FileManager.default.createDirectory(atPath: Self.folder, withIntermediateDirectories: true)
    }
    for (name, type) in commands {
      #expect(!type.configuration.abstract.isEmpty, "\(name) has no abstract")
      let help = GraftCommand.helpMessage(for: type, columns: 110) + "\n"
      let path = "\(Self.folder)/\(name).txt"
      if Self.isWriting { try Data(help.utf8).write(to: URL(fileURLWithPath: path)) }
      let expected = try? String(contentsOfFile: path, encoding: .utf8)
      #expect(expected == help, "\(name).txt differs; GRAFT_WRITE_HELP=1 writes it anew")
    }
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder)
    #expect(Set(files) == Set(commands.map { "\($0.name).txt" }))
  }
}
