import ArgumentParser
import Foundation
import Support
import Tokenization

/// `graft tokenizer export`
struct TokenizerExportCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a byte-level BPE tokenizer as vocab.json and merges.txt.",
    discussion: "Any other tokenizer, and what these files do not say, is in tokenizer.json.")

  @Option(name: .shortAndLong, help: ArgumentHelp("A tokenizer.json or its directory.", valueName: "path"))
  var tokenizer: String

  @Option(name: .shortAndLong, help: ArgumentHelp("The folder that the files go to.", valueName: "dir"))
  var output: String

  func files() -> CommandFiles {
    CommandFiles(.folder(output) { $0.isSubset(of: ["vocab.json", "merges.txt"]) }, reading: [tokenizer])
  }

  func run() throws {
    let files = try Tokenizer(contentsOf: tokenizer).vocabularyAndMerges()
    let named = [("vocab.json", files.vocabulary), ("merges.txt", files.merges)]
    try DurableFolder.replace(output) { (folder) throws(GraftError) in
      for (name, bytes) in named { try AtomicFile.write(bytes, to: Paths.join(folder, name)) }
    }
    for (name, _) in named { standardOutput(Paths.join(output, name)) }
  }
}
