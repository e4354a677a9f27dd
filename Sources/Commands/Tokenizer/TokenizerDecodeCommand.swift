import ArgumentParser
import Foundation
import Records
import Support
import Tokenization

/// `graft tokenizer decode`
struct TokenizerDecodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decode", abstract: "Print the text that token ids stand for.")

  @Option(name: .shortAndLong, help: ArgumentHelp("A tokenizer.json or its directory.", valueName: "path"))
  var tokenizer: String

  @Flag(help: "Leave special tokens out.")
  var skipSpecial = false

  @Argument(help: "The ids; without them, standard input is decoded line by line.")
  var ids: [TokenID] = []

  func run() throws {
    let tokenizer = try Tokenizer(contentsOf: tokenizer)
    func show(_ ids: [TokenID], line: Int?) throws(GraftError) {
      if let outside = ids.first(where: { !tokenizer.contains($0) }) {
        throw GraftError(
          .badData, "the id \(outside) is outside the vocabulary of \(tokenizer.vocabulary.size)",
          location: line.map { SourceLocation(file: "standard input", line: $0) })
      }
      var bytes = tokenizer.decode(ids, skippingSpecialTokens: skipSpecial)
      bytes.append(0x0A)
      StandardOutput.write(bytes: bytes)
    }
    if !ids.isEmpty {
      try show(ids, line: nil)
      return
    }
    var number = 0
    try StandardInput.forEachLine { line in
      number += 1
      var parsed: [TokenID] = []
      for word in String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace) {
        guard let id = TokenID(word) else {
          throw GraftError(
            .badData, "'\(word)' is not a token id",
            location: SourceLocation(file: "standard input", line: number))
        }
        parsed.append(id)
      }
      try show(parsed, line: number)
    }
  }
}
