import ArgumentParser
import Corpus
import Foundation
import Records
import Support
import Tokenization

/// `graft tokenizer compare`
struct TokenizerCompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Set two tokenizers side by side on some text.",
    discussion: """
      Text is encoded line by line. Words are what stands between white space. Shown are tokens, tokens per byte and per \
      word, how many different tokens are used and how many unknown, and as examples words that the two cut differently, \
      the most frequent first.
      """)

  @Argument(help: ArgumentHelp("A tokenizer.json or its directory.", valueName: "path"))
  var first: String

  @Argument(help: ArgumentHelp("Another.", valueName: "path"))
  var second: String

  @Option(
    parsing: .upToNextOption, help: ArgumentHelp("Files, directories or quoted patterns.", valueName: "path"))
  var corpus: [String]

  @Option(help: "How many words to show that are cut differently.")
  var examples = 10

  @OptionGroup(title: "Reading") var reading: CorpusReadingArguments

  /// What is counted of one tokenizer.
  private struct Counts {
    let tokenizer: Tokenizer
    let encoder: TokenEncoder
    var tokens = 0
    var unknown = 0
    var used: Set<TokenID> = []

    init(_ path: String) throws(GraftError) {
      tokenizer = try Tokenizer(contentsOf: path)
      encoder = tokenizer.makeEncoder()
    }

    mutating func add(_ line: UnsafeRawBufferPointer) {
      var ids: [TokenID] = []
      encoder.encode(line, into: &ids)
      tokens += ids.count
      used.formUnion(ids)
      if !tokenizer.kind.isByteLevel { unknown += ids.count { $0 == tokenizer.vocabulary.unknown } }
    }

    /// How a word in a text is cut.
    func pieces(_ word: String) -> [String] {
      tokenizer.encode(word).map { tokenizer.token($0) }
    }
  }

  func run() throws {
    guard examples >= 0 else { throw GraftError(.usage, "--examples \(examples) must not be negative") }
    var (left, right) = (try Counts(first), try Counts(second))
    var bytes = 0
    var words: [[UInt8]: Int] = [:]
    var wordCount = 0
    var documents = CorpusDocuments(try reading.options())
    for path in try CorpusFiles.expand(corpus.map { DataArguments.corpus($0) }) {
      try documents.forEachPiece(of: documents.reader(path)) { (piece) throws(GraftError) in
        for line in piece.bytes.split(separator: 0x0A) {
          let buffer = UnsafeRawBufferPointer(rebasing: line)
          left.add(buffer)
          right.add(buffer)
          bytes += line.count
          for word in line.split(whereSeparator: { $0 == 0x20 || $0 >= 0x09 && $0 <= 0x0D }) {
            wordCount += 1
            // Enough for the most frequent ones; memory stays bounded on any text.
            if words.count < 1 << 20 || words[Array(word)] != nil { words[Array(word), default: 0] += 1 }
          }
        }
      }
    }
    guard bytes > 0 else { throw GraftError(.badData, "there is no text to compare on") }
    printTable(left, right, bytes: bytes, words: wordCount)
    printExamples(left, right, words)
  }

  private func printTable(_ left: Counts, _ right: Counts, bytes: Int, words: Int) {
    standardOutput("text           \(bytes) bytes, \(words) words")
    standardOutput("               first         second")
    func row(_ name: String, _ value: (Counts) -> String) {
      let cells = [name.padded(to: 15), value(left).padded(to: 14), value(right)]
      standardOutput(cells.joined())
    }
    func ratio(_ a: Int, _ b: Int) -> String { NumberText.fixed(Double(a) / Double(max(1, b)), digits: 4) }
    row("kind") { $0.tokenizer.kind.rawValue }
    row("vocabulary") { "\($0.tokenizer.vocabulary.size)" }
    row("tokens") { "\($0.tokens)" }
    row("tokens/byte") { ratio($0.tokens, bytes) }
    row("tokens/word") { ratio($0.tokens, words) }
    row("used") { "\($0.used.count)" }
    row("unknown") { "\($0.unknown)" }
  }

  private func printExamples(_ left: Counts, _ right: Counts, _ words: [[UInt8]: Int]) {
    var shown = 0
    let order = words.sorted { ($1.value, $0.key.lexicographicKey) < ($0.value, $1.key.lexicographicKey) }
    for (word, count) in order.prefix(10_000) where shown < examples {
      let text = " " + String(decoding: word, as: UTF8.self)
      let (one, other) = (left.pieces(text), right.pieces(text))
      // Marks of spaces and of continued words differ between kinds; where the cuts are does not.
      guard one.map(Self.bare).filter({ !$0.isEmpty }) != other.map(Self.bare).filter({ !$0.isEmpty }) else {
        continue
      }
      if shown == 0 { standardOutput("\ncount\tfirst\tsecond") }
      standardOutput("\(count)\t\(one.joined(separator: " "))\t\(other.joined(separator: " "))")
      shown += 1
    }
  }

  private static func bare(_ piece: String) -> String {
    var piece = Substring(piece)
    for mark in ["##", "Ġ", "▁"] where piece.hasPrefix(mark) { piece = piece.dropFirst(mark.count) }
    return String(piece)
  }
}

extension [UInt8] {
  fileprivate var lexicographicKey: String { String(decoding: self, as: UTF8.self) }
}
