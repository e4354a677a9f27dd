import ArgumentParser
import Corpus
import Foundation
import Support
import Tokenization

/// `graft tokenizer …`: train a tokenizer and look at what it does.
public struct TokenizerCommand: ParsableCommand {
  public static let configuration = CommandConfiguration(
    commandName: "tokenizer",
    abstract: "Train a byte-level BPE tokenizer, read those of others, and look at what they do.",
    subcommands: [
      TokenizerTrainCommand.self, TokenizerEncodeCommand.self, TokenizerDecodeCommand.self,
      TokenizerInspectCommand.self, TokenizerCompareCommand.self, TokenizerImportCommand.self,
      TokenizerExportCommand.self,
    ])

  public init() {}
}

extension Normalization: ExpressibleByArgument {}
extension DocumentBoundary: ExpressibleByArgument {}
extension CorpusFormat: ExpressibleByArgument {}
extension InvalidUTF8Policy: ExpressibleByArgument {}

/// The options that say how files become documents.
struct CorpusReadingArguments: ParsableArguments {
  @Option(help: "How files are read: \(CorpusFormat.allValueStrings.joined(separator: ", ")).")
  var format = CorpusFormat.automatic

  @Option(
    help: "Where documents of plain text end: \(DocumentBoundary.allValueStrings.joined(separator: ", ")).")
  var documentBoundary = DocumentBoundary.wholeFile

  @Option(help: "The field of a JSON line that holds the text.")
  var textField = "text"

  @Option(
    name: .customLong("invalid-utf8"),
    help: """
      What to do with bytes that are not UTF-8: \
      \(InvalidUTF8Policy.allValueStrings.joined(separator: ", ")).
      """)
  var invalidUTF8 = InvalidUTF8Policy.error

  @Flag(help: "Apply the cleaning rules of C4. They take a line for a paragraph.")
  var clean = false

  @Flag(help: "With --clean, also drop lines that occurred before.")
  var dropRepeatedLines = false

  var options: CorpusOptions {
    var options = CorpusOptions()
    options.format = format
    options.documentBoundary = documentBoundary
    options.textField = textField
    options.invalidUTF8 = invalidUTF8
    if clean { options.cleaning = dropRepeatedLines ? .c4Deduplicated : .c4 }
    return options
  }
}

/// `graft tokenizer train`
struct TokenizerTrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Learn a vocabulary from text.",
    discussion: """
      Files may be plain text or JSON lines, compressed with gzip or not. The result is a tokenizer.json that
      Hugging Face tokenizers reads too.
      """)

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Files, directories or quoted patterns.", valueName: "path"))
  var corpus: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: "Tasks whose unlabelled training prompts are read, too, as `graft pretrain --task-text` does.")
  var taskText: [String] = []

  @Option(name: .shortAndLong, help: ArgumentHelp("Where the tokenizer goes.", valueName: "file"))
  var output = "tokenizer.json"

  @Option(help: "Everything counts: special tokens, bytes, merges, sentinels.")
  var vocabularySize = 8192

  @Option(help: "How many sentinels <extra_id_0>, <extra_id_1> … there are.")
  var sentinels = 100

  @Option(
    help: "What happens to text first: \(Normalization.allValueStrings.joined(separator: ", ")).")
  var normalization = Normalization.none

  @OptionGroup(title: "Reading") var reading: CorpusReadingArguments
  @OptionGroup var data: DataArguments

  func run() throws {
    let start = Date()
    guard !(corpus.isEmpty && taskText.isEmpty) else {
      throw GraftError(.usage, "no text to learn from", hint: "give --corpus PATH … or --task-text NAME ….")
    }
    guard taskText.isEmpty || reading.format != .text else {
      throw GraftError(
        .usage, "--task-text is read as JSON lines, which --format text forbids", hint: "leave --format out.")
    }
    let cache = TaskText.defaultCache(besides: output)
    let files =
      try corpus
      + taskText.map { try TaskText.file(task: $0, data: data, cache: cache, field: reading.textField) }
    let line = ProgressLine()
    let options = TokenizerTrainingOptions(
      vocabularySize: vocabularySize, sentinelCount: sentinels, normalization: normalization)
    let tokenizer = try Tokenizer.train(files: files, reading: reading.options, options: options) {
      switch $0 {
      case .counting(let bytes, let words):
        line.show("counting: \(bytes >> 20) MiB, \(words) distinct words")
      case .merging(let merges, let target):
        line.show("merging: \(merges) of \(target)")
      }
    }
    try tokenizer.write(to: output)
    let seconds = Date().timeIntervalSince(start)
    line.finish("trained in \(String(format: "%.1f", seconds)) s")
    if tokenizer.vocabulary.size < vocabularySize {
      line.finish(
        "note: no pair was left that occurs twice, so the vocabulary has \(tokenizer.vocabulary.size) "
          + "tokens, not \(vocabularySize)")
    }
    print("\(output)\t\(tokenizer.vocabulary.size) tokens\t\(tokenizer.contentHash)")
  }
}

/// `graft tokenizer encode`
struct TokenizerEncodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "encode", abstract: "Print the token ids of a text, or of standard input.")

  @Option(name: .shortAndLong, help: ArgumentHelp("A tokenizer.json or its directory.", valueName: "path"))
  var tokenizer: String

  @Flag(help: "Print tokens in printable form instead of ids.")
  var tokens = false

  @Flag(help: "Recognize the names of special tokens, such as <extra_id_0>, in the text.")
  var special = false

  @Argument(help: "The text; without it, standard input is encoded line by line.")
  var text: String?

  func run() throws {
    let tokenizer = try Tokenizer(contentsOf: tokenizer)
    func show(_ text: String) {
      let ids = tokenizer.encode(text, recognizingSpecialTokens: special)
      print(ids.map { tokens ? tokenizer.token($0) : String($0) }.joined(separator: " "))
    }
    if let text {
      show(text)
    } else {
      while let line = readLine() { show(line) }
    }
  }
}

/// `graft tokenizer decode`
struct TokenizerDecodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decode", abstract: "Print the text that token ids stand for.")

  @Option(name: .shortAndLong, help: ArgumentHelp("A tokenizer.json or its directory.", valueName: "path"))
  var tokenizer: String

  @Flag(help: "Leave special tokens out.")
  var skipSpecial = false

  @Argument(help: "The ids; without them, standard input is decoded line by line.")
  var ids: [Int32] = []

  func run() throws {
    let tokenizer = try Tokenizer(contentsOf: tokenizer)
    func show(_ ids: [Int32], line: Int?) throws(GraftError) {
      if let outside = ids.first(where: { !tokenizer.contains($0) }) {
        throw GraftError(
          .badData, "the id \(outside) is outside the vocabulary of \(tokenizer.vocabulary.size)",
          location: line.map { SourceLocation(file: "standard input", line: $0) })
      }
      var bytes = tokenizer.decode(ids, skippingSpecialTokens: skipSpecial)
      bytes.append(0x0A)
      FileHandle.standardOutput.write(Data(bytes))
    }
    if !ids.isEmpty {
      try show(ids, line: nil)
      return
    }
    var number = 0
    while let line = readLine() {
      number += 1
      var parsed: [Int32] = []
      for word in line.split(separator: " ") {
        guard let id = Int32(word) else {
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

/// `graft tokenizer inspect`
struct TokenizerInspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Describe a tokenizer, and how well it fits some text.")

  @Argument(help: ArgumentHelp("A tokenizer.json or its directory.", valueName: "path"))
  var tokenizer: String

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Text to measure bytes per token and speed on.", valueName: "path"))
  var corpus: [String] = []

  @OptionGroup(title: "Reading") var reading: CorpusReadingArguments

  func run() throws {
    let tokenizer = try Tokenizer(contentsOf: tokenizer)
    let vocabulary = tokenizer.vocabulary
    print("kind           \(tokenizer.kind.rawValue)")
    print("tokens         \(vocabulary.size)")
    print("merges         \(tokenizer.mergeCount)")
    print("sentinels      \(vocabulary.sentinels.count)")
    print("normalization  \(tokenizer.normalizationName)")
    print("padding        \(vocabulary.padding) \(tokenizer.token(vocabulary.padding))")
    print("end            \(vocabulary.endOfSequence) \(tokenizer.token(vocabulary.endOfSequence))")
    print("unknown        \(vocabulary.unknown) \(tokenizer.token(vocabulary.unknown))")
    print("start          \(vocabulary.start) \(tokenizer.token(vocabulary.start))")
    if let mask = vocabulary.mask { print("mask           \(mask) \(tokenizer.token(mask))") }
    if let first = vocabulary.sentinels.first, let last = vocabulary.sentinels.last {
      print("sentinel ids   \(first) … \(last)")
    }
    print("hash           \(tokenizer.contentHash)")
    print("unicode        \(UnicodeLibrary.unicodeVersion) (ICU \(UnicodeLibrary.icuVersion))")
    if !corpus.isEmpty { try measure(tokenizer) }
  }

  private func measure(_ tokenizer: Tokenizer) throws(GraftError) {
    let encoder = tokenizer.makeEncoder()
    var ids: [Int32] = []
    var (bytes, count, seconds) = (0, 0, 0.0)
    for path in try CorpusFiles.expand(corpus) {
      try DocumentReader(path: path, options: reading.options).forEachPiece { (piece) throws(GraftError) in
        ids.removeAll(keepingCapacity: true)
        let start = ContinuousClock.now
        encoder.encode(piece.bytes, into: &ids)
        seconds += (ContinuousClock.now - start) / .seconds(1)
        bytes += piece.bytes.count
        count += ids.count
      }
    }
    print("text           \(bytes) bytes, \(count) tokens")
    print("bytes/token    \(String(format: "%.3f", Double(bytes) / Double(max(1, count))))")
    let rate = Double(bytes) / 1e6 / max(seconds, 1e-9)
    print("speed          \(String(format: "%.1f", rate)) MB/s, one thread")
  }
}

/// One line on standard error that is written over on a terminal, and left out elsewhere.
private struct ProgressLine {
  private let isTerminal = isatty(STDERR_FILENO) != 0

  func show(_ text: String) {
    guard isTerminal else { return }
    FileHandle.standardError.write(Data("\r\u{1B}[K\(text)".utf8))
  }

  func finish(_ text: String) {
    FileHandle.standardError.write(Data(((isTerminal ? "\r\u{1B}[K" : "") + text + "\n").utf8))
  }
}
