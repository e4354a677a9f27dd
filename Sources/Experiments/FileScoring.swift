import Compute
import Foundation
import Inference
import Records
import Reporting
import Scoring
import Support

/// What `graft score --file` does.
public struct FileScoring {
  private let scorer: any TextLineScoring
  private let remembering: (any TextLineScoring)?
  private let world: any World

  /// - Parameters:
  ///   - scorer: of the model, with its windows.
  ///   - remembering: of the same model with a cache or dynamic evaluation, whose scores stand beside; nil for none.
  ///   - world: the processes that score together. Standard input is that of rank 0.
  public init(
    scorer: any TextLineScoring, remembering: (any TextLineScoring)? = nil, world: any World = Alone()
  ) {
    (self.scorer, self.remembering, self.world) = (scorer, remembering, world)
  }

  /// What `--json` writes.
  public struct Results: Encodable {
    struct File: Encodable {
      var file: String
      var rates: TextRates
      /// With memory of the text before.
      var remembering: TextRates?
    }

    /// Nil for a model that reads a text in one go.
    var window: Int?
    var stride: Int?
    var files: [File]
    /// Of several files together.
    var all: TextRates?
  }

  /// - Parameter paths: `-` for standard input.
  /// - Throws: as `TextLineScoring.lines`; `.badData` for what is no text.
  public func results(_ paths: [String]) throws(GraftError) -> Results {
    var files: [Results.File] = []
    var lines: [TextCounts] = []
    for path in paths {
      let text = try text(path)
      let own = try scorer.lines(text)
      let remembered = try remembering.map { (scorer) throws(GraftError) in TextRates(lines: try scorer.lines(text)) }
      files.append(Results.File(file: path, rates: TextRates(lines: own), remembering: remembered))
      lines += own
    }
    return Results(
      window: scorer.windows?.length, stride: scorer.windows?.stride, files: files,
      all: paths.count > 1 ? TextRates(lines: lines) : nil)
  }

  /// - Parameter path: `-` for standard input.
  private func text(_ path: String) throws(GraftError) -> [UInt8] {
    var bytes: [UInt8] = []
    if path == "-" {
      try world.onRoot { () throws(GraftError) in while let part = try StandardInput.nextPart() { bytes += part } }
      try world.share(&bytes)
    } else {
      bytes = try FileContents.read(path)
    }
    if bytes.starts(with: byteOrderMark) { bytes.removeFirst(byteOrderMark.count) }
    let name = path == "-" ? "standard input" : path
    if let offset = bytes.withUnsafeBytes({ UTF8Decoding.firstInvalid(in: $0) }) {
      let line = bytes[..<offset].count { $0 == 0x0A } + 1
      throw GraftError(
        .badData, "not valid UTF-8", hint: "convert the file, for instance with iconv.",
        location: SourceLocation(file: name, line: line))
    }
    guard !bytes.isEmpty else {
      throw GraftError(
        .badData, "there is nothing to score in \(name)", hint: "give a file with text in it.")
    }
    return bytes
  }

  /// A row for each file, and one for all.
  public static func table(_ results: Results) -> Table {
    var table = Table([
      .init("file"), .init("tokens", .right), .init("words", .right), .init("bytes", .right),
      .init("nats", .right), .init("ppl token", .right), .init("ppl word", .right),
      .init("nats/char", .right), .init("bits/byte", .right),
    ])
    func append(_ name: String, _ rates: TextRates) {
      table.append(
        [name, "\(rates.counts.tokens)", "\(rates.counts.words)", "\(rates.counts.bytes)"]
          + [NumberText.fixed(-rates.counts.nats, digits: 2)]
          + [rates.perplexityPerToken, rates.perplexityPerWord].map { shown($0, digits: 2) }
          + [rates.perCharacter, rates.bitsPerByte].map { shown($0, digits: 4) })
    }
    for file in results.files {
      append(file.file, file.rates)
      if let rates = file.remembering { append("  with memory", rates) }
    }
    if let all = results.all { append("all", all) }
    return table
  }

  private static func shown(_ estimate: Estimate?, digits: Int) -> String {
    guard let estimate else { return "–" }
    let value = NumberText.fixed(estimate.value, digits: digits)
    guard let interval = estimate.interval else { return value }
    return value + " [\(NumberText.fixed(interval.lower, digits: digits)),"
      + " \(NumberText.fixed(interval.upper, digits: digits))]"
  }
}

extension FileScoring.Results: KindedFile {
  public static let kind = FileKind.fileScores
}
