import ArgumentParser
import Foundation
import Randomness
import Records
import Support
import Tokenization

/// `graft tokenizer encode`
struct TokenizerEncodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "encode", abstract: "Print the token ids of a text, or of standard input.",
    discussion: """
      Standard input is taken as bytes, line by line, or as one text of any length with --whole.

      Example:
        graft tokenizer encode --tokenizer tokenizer.json "a cat sat"
        cat book.txt | graft tokenizer encode --tokenizer tokenizer.json --whole > ids.txt
      """)

  @Option(name: .shortAndLong, help: ArgumentHelp("A tokenizer.json or its directory.", valueName: "path"))
  var tokenizer: String

  @Flag(help: "Print tokens in printable form instead of ids.")
  var tokens = false

  @Flag(
    help: "Print a line for each token: its id, the bytes of the text it stands for as START-END, and itself."
  )
  var offsets = false

  @Flag(help: "Recognize the names of special tokens, such as <extra_id_0>, in the text.")
  var special = false

  @Flag(
    help: "Put the special tokens around each text that the tokenizer's post-processor adds, such as [CLS] and [SEP].")
  var specialTokens = false

  @Flag(
    help: "Encode as what a model writes, where a tokenizer cuts it in another way than what is read (Marian).")
  var target = false

  @Flag(help: "Take standard input for one text.")
  var whole = false

  @Option(help: "Leave out each merge with this probability (BPE dropout).")
  var dropout: Double?

  @Option(help: "What --dropout draws from; line number n draws its own.")
  var seed: UInt64 = 0

  @Argument(help: "The text; without it, standard input is encoded line by line.")
  var text: String?

  func validate() throws {
    if whole, offsets || special || specialTokens || dropout != nil || text != nil {
      throw ValidationError(
        "--whole goes with standard input, without --offsets, --special, --special-tokens and --dropout")
    }
    if offsets, specialTokens { throw ValidationError("--offsets and --special-tokens do not go together") }
    if offsets, dropout != nil { throw ValidationError("--offsets and --dropout do not go together") }
    if special, dropout != nil { throw ValidationError("--special and --dropout do not go together") }
  }

  func run() throws {
    var tokenizer = try Tokenizer(contentsOf: tokenizer)
    if target { tokenizer = tokenizer.forTargets }
    let encoder = tokenizer.makeEncoder()
    var line = 0
    func show(_ text: [UInt8]) throws(GraftError) {
      if offsets { return showOffsets(text, tokenizer) }
      var ids: [TokenID] = []
      if let dropout {
        let key = RandomKey(seed: seed).folded(line)
        let drawn: Result<[TokenID], GraftError> = text.withUnsafeBytes { bytes in
          Result { () throws(GraftError) in try encoder.encode(bytes, dropout: dropout, at: key) }
        }
        ids = try drawn.get()
      } else {
        text.withUnsafeBytes { encoder.encode($0, recognizingSpecialTokens: special, into: &ids) }
      }
      if specialTokens { ids = tokenizer.postProcessor.applied(to: ids).tokens }
      standardOutput(ids.map { printed($0, tokenizer) }.joined(separator: " "))
      line += 1
    }
    if let text {
      try show(Array(text.utf8))
    } else if whole {
      try encodeWhole(tokenizer)
    } else {
      try StandardInput.forEachLine(show)
    }
  }

  private func printed(_ id: TokenID, _ tokenizer: Tokenizer) -> String {
    tokens ? tokenizer.token(id) : String(id)
  }

  private func showOffsets(_ text: [UInt8], _ tokenizer: Tokenizer) {
    let located = text.withUnsafeBytes {
      tokenizer.encodeWithOffsets($0, recognizingSpecialTokens: special)
    }
    for token in located {
      standardOutput("\(token.id)\t\(token.range.lowerBound)-\(token.range.upperBound)\t\(tokenizer.token(token.id))")
    }
  }

  private func encodeWhole(_ tokenizer: Tokenizer) throws {
    var stream = StreamEncoder(tokenizer)
    var separator = ""
    func write(_ ids: [TokenID]) {
      guard !ids.isEmpty else { return }
      let text = separator + ids.map { printed($0, tokenizer) }.joined(separator: " ")
      StandardOutput.write(text)
      separator = " "
    }
    while let part = try StandardInput.nextPart() {
      var ids: [TokenID] = []
      part.withUnsafeBytes { stream.append($0, to: &ids) }
      write(ids)
    }
    var ids: [TokenID] = []
    stream.finish(into: &ids)
    write(ids)
    standardOutput("")
  }
}
