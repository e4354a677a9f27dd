import ArgumentParser
import Records
import Support
import Tokenization

/// `graft tokenizer import`
struct TokenizerImportCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Write the tokenizer.json of a tokenizer that is kept in other files.",
    discussion: """
      With --pattern the path is a rank file of tiktoken, otherwise a folder with vocab.txt of BERT or with \
      vocab.json and merges.txt of GPT-2, or a tokenizer.json.
      """)

  @Argument(help: ArgumentHelp("A rank file or a folder.", valueName: "path"))
  var path: String

  @Option(
    help: "How text is cut, of a rank file: \(BytePattern.allValueStrings.joined(separator: ", ")).")
  var pattern: BytePattern?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "Of a rank file: a special token and its id, by default what tiktoken has.", valueName: "name=id"))
  var special: [String] = []

  @Option(name: .shortAndLong, help: ArgumentHelp("Where the tokenizer goes.", valueName: "file"))
  var output = "tokenizer.json"

  func files() -> CommandFiles {
    CommandFiles(.tokenizer(output), reading: [path])
  }

  func run() throws {
    let tokenizer: Tokenizer
    if let pattern {
      tokenizer = try Tokenizer(
        rankFile: path, pattern: pattern, specialTokens: special.isEmpty ? nil : try specialTokens())
    } else {
      guard special.isEmpty else {
        throw GraftError(.usage, "--special is for rank files", hint: "give --pattern, too.")
      }
      tokenizer = try Tokenizer(contentsOf: path)
    }
    try tokenizer.write(to: output)
    standardOutput("\(output)\t\(tokenizer.vocabulary.size) tokens\t\(tokenizer.contentHash)")
  }

  private func specialTokens() throws(GraftError) -> [String: TokenID] {
    var result: [String: TokenID] = [:]
    for text in special {
      guard let sign = text.lastIndex(of: "="), sign > text.startIndex,
        let id = TokenID(text[text.index(after: sign)...]), id >= 0
      else {
        throw GraftError(
          .usage, "'\(text)' is no special token and its id", hint: "as in `<|endoftext|>=50256`.")
      }
      guard result.updateValue(id, forKey: String(text[..<sign])) == nil else {
        throw GraftError(.usage, "the special token '\(text[..<sign])' is given twice")
      }
    }
    return result
  }
}
