import ArgumentParser
import Foundation
import Support

/// `graft manual`
struct ManualCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "manual",
    abstract: "Write a manual page for every command, for `man graft-pretrain` and the like.",
    discussion: """
      `make install` does it. The pages are made of the same texts as the help.

      Example:
        graft manual --output ~/.local/share/man/man1
      """)

  @Option(help: "The folder, usually man1 of a folder of manual pages; other files in it stay.")
  var output: String

  /// Among manual pages of section 1, whoever wrote them, and nowhere else.
  func files() -> CommandFiles { CommandFiles(.folder(output) { $0.allSatisfy { $0.contains(".1") } }) }

  /// What the parser prints of itself.
  private struct Dump: Decodable {
    var command: CommandDescription
  }

  /// The pages of this program.
  static func pages() throws(GraftError) -> [ManualPage] {
    let dump = Data(GraftCommand._dumpHelp().utf8)
    do {
      let command = try JSONFile.value(Dump.self, in: dump).command
      return ManualPage.all(of: command, version: GraftVersion.number)
    } catch {
      throw GraftError(.internalError, "cannot read what the parser says of the commands", cause: error)
    }
  }

  func run() throws {
    let pages = try Self.pages()
    try makeFolder(output)
    for page in pages { try AtomicFile.write(page.text, to: Paths.join(output, "\(page.name).1")) }
    standardOutput("written: \(pages.count) pages in \(output)")
  }
}
