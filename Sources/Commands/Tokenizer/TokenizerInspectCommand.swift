import ArgumentParser
import Corpus
import Foundation
import Records
import Support
import Tokenization

/// `graft tokenizer inspect`
struct TokenizerInspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Describe a tokenizer, how it cuts a text, and how well it fits a corpus.",
    discussion: """
      Example:
        graft tokenizer inspect tokenizer.json --text "the unhappy cats" --merges 10 --corpus books/
      """)

  @Argument(help: ArgumentHelp("A tokenizer.json or its directory.", valueName: "path"))
  var tokenizer: String

  @Option(help: "A text to cut.")
  var text: String?

  @Option(help: "How many merges to list, the first ones first.")
  var merges = 0

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Text to measure fertility, bytes per token, unused entries and speed on.", valueName: "path"))
  var corpus: [String] = []

  @Option(help: "How many unused entries to list.")
  var unused = 10

  @OptionGroup(title: "Reading") var reading: CorpusReadingArguments

  func validate() throws {
    guard merges >= 0, unused >= 0 else {
      throw ValidationError("--merges and --unused must not be negative")
    }
  }

  func run() throws {
    let tokenizer = try Tokenizer(contentsOf: tokenizer)
    describe(tokenizer)
    if merges > 0 { listMerges(tokenizer) }
    if let text {
      standardOutput("\n" + tokenizer.encode(text).map { tokenizer.token($0) }.joined(separator: " "))
    }
    if !corpus.isEmpty { try measure(tokenizer) }
  }

  private func describe(_ tokenizer: Tokenizer) {
    let vocabulary = tokenizer.vocabulary
    func named(_ id: TokenID) -> String { "\(id) \(tokenizer.token(id))" }
    standardOutput("kind           \(tokenizer.kind.rawValue)")
    standardOutput("tokens         \(vocabulary.size)")
    standardOutput("merges         \(tokenizer.mergeCount)")
    standardOutput("sentinels      \(vocabulary.sentinels.count)")
    standardOutput("normalization  \(tokenizer.normalizationName)")
    if let pattern = tokenizer.pattern { standardOutput("pattern        \(pattern.rawValue)") }
    standardOutput("padding        \(named(vocabulary.padding))")
    standardOutput("end            \(named(vocabulary.endOfSequence))")
    standardOutput("unknown        \(named(vocabulary.unknown))")
    standardOutput("start          \(named(vocabulary.start))")
    if let mask = vocabulary.mask { standardOutput("mask           \(named(mask))") }
    if let first = vocabulary.sentinels.first, let last = vocabulary.sentinels.last {
      standardOutput("sentinel ids   \(first) … \(last)")
    }
    if !tokenizer.postProcessor.isEmpty {
      let (single, pair) = (tokenizer.postProcessor.single, tokenizer.postProcessor.pair)
      standardOutput("one text       \(PostProcessor.description(single) { tokenizer.token($0) })")
      standardOutput("two texts      \(PostProcessor.description(pair) { tokenizer.token($0) })")
    }
    if tokenizer.addedWordCount > 0 {
      standardOutput("added words    \(tokenizer.addedWordCount)")
    }
    standardOutput("hash           \(tokenizer.contentHash)")
    standardOutput("unicode        \(UnicodeLibrary.unicodeVersion) (ICU \(UnicodeLibrary.icuVersion))")
  }

  private func listMerges(_ tokenizer: Tokenizer) {
    standardOutput("\nmerge  left + right = token")
    for (rank, merge) in tokenizer.merges.prefix(merges).enumerated() {
      let (left, right) = (tokenizer.token(merge.left), tokenizer.token(merge.right))
      standardOutput("\(rank + 1)".padded(to: 7) + "\(left) + \(right) = \(tokenizer.token(merge.result))")
    }
  }

  private func measure(_ tokenizer: Tokenizer) throws(GraftError) {
    let encoder = tokenizer.makeEncoder()
    var ids: [TokenID] = []
    var uses = [Int](repeating: 0, count: tokenizer.vocabulary.size)
    var (bytes, words, seconds) = (0, 0, 0.0)
    var documents = CorpusDocuments(try reading.options())
    for path in try CorpusFiles.expand(corpus.map { DataArguments.corpus($0) }) {
      try documents.forEachPiece(of: documents.reader(path)) { (piece) throws(GraftError) in
        ids.removeAll(keepingCapacity: true)
        let start = ContinuousClock.now
        encoder.encode(piece.bytes, into: &ids)
        seconds += start.secondsUntilNow
        bytes += piece.bytes.count
        words += piece.bytes.wordCount
        for id in ids { uses[Int(id)] += 1 }
      }
    }
    let count = uses.reduce(0, +)
    func ratio(_ a: Int, _ b: Int) -> String { NumberText.fixed(Double(a) / Double(max(1, b)), digits: 3) }
    standardOutput("\ntext           \(bytes) bytes, \(words) words, \(count) tokens")
    standardOutput("bytes/token    \(ratio(bytes, count))")
    standardOutput("tokens/word    \(ratio(count, words))")
    if !tokenizer.kind.isByteLevel {
      standardOutput("unknown        \(uses[Int(tokenizer.vocabulary.unknown)]) tokens")
    }
    standardOutput(
      "speed          \(NumberText.fixed(Double(bytes) / 1e6 / max(seconds, 1e-9), digits: 1)) MB/s, one thread")
    let idle = uses.indices.filter { uses[$0] == 0 && !tokenizer.isSpecial(TokenID($0)) }
    standardOutput("unused         \(idle.count) of \(uses.count - tokenizer.specialCount)")
    if !idle.isEmpty, unused > 0 {
      let shown = idle.prefix(unused).map { "\($0) \(tokenizer.token(TokenID($0)))" }
      standardOutput("               " + shown.joined(separator: ", ") + (idle.count > unused ? ", …" : ""))
    }
  }
}

extension UnsafeRawBufferPointer {
  /// How many stretches of bytes other than ASCII white space there are.
  var wordCount: Int {
    var (count, isInside) = (0, false)
    for byte in self {
      let isSpace = byte == 0x20 || byte >= 0x09 && byte <= 0x0D
      if !isSpace, !isInside { count += 1 }
      isInside = !isSpace
    }
    return count
  }
}

extension String {
  func padded(to length: Int) -> String { self + String(repeating: " ", count: Swift.max(1, length - count)) }
}
