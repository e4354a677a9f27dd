import ArgumentParser
import Foundation
import Support
import Tokenization

/// `graft tokenizer export`
struct TokenizerExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a byte-level BPE tokenizer as vocab.json and merges.txt.",
    discussion: "Any other tokenizer, and what these files do not say, is in tokenizer.json.")

  @Option(name: .shortAndLong, help: ArgumentHelp("A tokenizer.json or its directory.", valueName: "path"))
  var tokenizer: String

  @Option(name: .shortAndLong, help: ArgumentHelp("The folder that the files go to.", valueName: "dir"))
  var output: String

  func run() throws {
    let files = try Tokenizer(contentsOf: tokenizer).vocabularyAndMerges()
    try makeFolder(output)
    for (name, bytes) in [("vocab.json", files.vocabulary), ("merges.txt", files.merges)] {
      let path = Paths.join(output, name)
      try AtomicFile.write(bytes, to: path)
      standardOutput(path)
    }
  }
}
