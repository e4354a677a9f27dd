import ArgumentParser
import Corpus
import Foundation
import Reporting
import Support
import Tokenization

/// `graft benchmark tokenizer`
struct TokenizerBenchmarkCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenizer",
    abstract: "Time training a byte-level BPE tokenizer on a file, and encoding the file line by line.",
    discussion: """
      Training begins with the file and ends with the tokenizer. Encoding makes a list of ids of every line, on one \
      thread and on all; each rate is the median of --rounds. A megabyte is a million bytes.

      Example:
        graft benchmark tokenizer books.txt --vocabulary-size 16384
      """)

  @Argument(help: ArgumentHelp("A text, plain or gzip.", valueName: "file"))
  var file: String

  @Option(help: "Tokens of the vocabulary.")
  var vocabularySize = 16384

  @Option(help: "Encode only so many lines of the file, its first; all by default.")
  var lines: Int?

  @Option(help: "How often each thing is timed.")
  var rounds = 3

  @Option(help: "Write the figures as JSON to this file, - for standard output.")
  var json: String?

  struct Report: Encodable {
    struct Training: Encodable {
      var megabytesPerSecond: Double
      var seconds: Double
      var peakMemoryBytes: Int
    }

    struct Encoding: Encodable {
      var oneThreadMegabytesPerSecond: Double
      var allThreadsMegabytesPerSecond: Double
      var threads: Int
    }

    struct Latency: Encodable {
      /// From the path of a `tokenizer.json` to a tokenizer.
      var loadMilliseconds: Double
      /// The first text of ten words after that.
      var firstCallMilliseconds: Double
    }

    var file: String
    var bytes: Int
    /// Lines that were encoded.
    var lines: Int
    var vocabularySize: Int
    var train: Training
    var encode: Encoding
    var latency: Latency
    var tokensPerByte: Double
    var peakMemoryBytes: Int
  }

  func files() -> CommandFiles {
    CommandFiles(.json(json, .tokenizerBenchmark, keys: ["train", "encode", "latency"]), reading: [file])
  }

  func validate() throws {
    guard rounds > 0 else { throw ValidationError("--rounds must be positive") }
    guard (lines ?? 1) > 0 else { throw ValidationError("--lines must be positive") }
  }

  func run() throws {
    let report = try measure()
    if let json { try JSONOutput.write(report, to: json) }
    if json != "-" { show(report) }
  }

  private func measure() throws -> Report {
    var options = TokenizerTrainingOptions(vocabularySize: vocabularySize)
    options.threads = ProcessInfo.processInfo.activeProcessorCount
    var reading = CorpusOptions()
    reading.invalidUTF8 = .accept
    var trained: Tokenizer?
    let seconds = try median {
      trained = try Tokenizer.train(files: [file], reading: reading, options: options)
    }
    guard let tokenizer = trained else { throw GraftError(.internalError, "no round was run") }
    let trainingPeak = ProcessMemory.peakBytes

    let content = try FileContents.read(file)
    // By bytes: to Swift, "\r\n" is one character, which is no line feed.
    let lines = content.split(separator: 0x0A).prefix(lines ?? .max).map { String(decoding: $0, as: UTF8.self) }
    let bytes = lines.reduce(0) { $0 + $1.utf8.count }
    var tokens = 0
    let oneThread = median {
      tokens = tokenizer.encode(batch: lines, threads: 1).reduce(0) { $0 + $1.count }
    }
    let allThreads = median { _ = tokenizer.encode(batch: lines) }
    let size = Double(content.count)
    return Report(
      file: file, bytes: Int(size), lines: lines.count, vocabularySize: tokenizer.vocabulary.size,
      train: .init(
        megabytesPerSecond: size / 1e6 / seconds, seconds: seconds, peakMemoryBytes: trainingPeak),
      encode: .init(
        oneThreadMegabytesPerSecond: Double(bytes) / 1e6 / oneThread,
        allThreadsMegabytesPerSecond: Double(bytes) / 1e6 / allThreads, threads: options.threads),
      latency: try latency(of: tokenizer), tokensPerByte: Double(tokens) / Double(max(1, bytes)),
      peakMemoryBytes: ProcessMemory.peakBytes)
  }

  private func latency(of tokenizer: Tokenizer) throws -> Report.Latency {
    let path = FileManager.default.temporaryDirectory.path + "/graft-benchmark-\(getpid()).json"
    try tokenizer.write(to: path)
    defer { try? FileManager.default.removeItem(atPath: path) }
    var firstCalls: [Double] = []
    let load = try median {
      let loaded = try Tokenizer(contentsOf: path)
      let start = ContinuousClock.now
      _ = loaded.encode("The quick brown fox jumps over the very lazy dog.")
      firstCalls.append(start.secondsUntilNow)
    }
    return .init(
      loadMilliseconds: 1e3 * load, firstCallMilliseconds: 1e3 * firstCalls.sorted()[firstCalls.count / 2])
  }

  /// Seconds of the median round.
  private func median(_ body: () throws -> Void) rethrows -> Double {
    var seconds: [Double] = []
    for _ in 0..<rounds {
      let start = ContinuousClock.now
      try body()
      seconds.append(start.secondsUntilNow)
    }
    return seconds.sorted()[rounds / 2]
  }

  private func show(_ report: Report) {
    func rate(_ value: Double) -> String { NumberText.fixed(value, digits: 1) + " MB/s" }
    func memory(_ bytes: Int) -> String { NumberText.fixed(Double(bytes) / 1e6, digits: 0) + " MB" }
    var table = Table([.init(""), .init("", .right)])
    table.append(["text", NumberText.fixed(Double(report.bytes) / 1e6, digits: 1) + " MB"])
    table.append(["vocabulary", "\(report.vocabularySize)"])
    table.append(["training", rate(report.train.megabytesPerSecond)])
    table.append(["peak memory of training", memory(report.train.peakMemoryBytes)])
    table.append(["encoding, one thread", rate(report.encode.oneThreadMegabytesPerSecond)])
    table.append([
      "encoding, \(report.encode.threads) threads", rate(report.encode.allThreadsMegabytesPerSecond),
    ])
    table.append(["tokens per byte", NumberText.fixed(report.tokensPerByte, digits: 4)])
    table.append([
      "loading tokenizer.json", NumberText.fixed(report.latency.loadMilliseconds, digits: 1) + " ms",
    ])
    table.append([
      "first call, ten words", NumberText.fixed(report.latency.firstCallMilliseconds, digits: 3) + " ms",
    ])
    table.append(["peak memory", memory(report.peakMemoryBytes)])
    standardOutput(table.plainText, terminator: "")
  }
}

extension TokenizerBenchmarkCommand.Report: KindedFile {
  static let kind = FileKind.tokenizerBenchmark
}
