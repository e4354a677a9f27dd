import ArgumentParser
import Compute
import Foundation
import Inference
import ModelKit
import Reporting
import Support

/// `graft embed`
struct EmbedCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "embed",
    abstract: "Vectors of whole texts, for search, clustering and similarity.",
    discussion: """
      A vector is read off the states of an encoder or a decoder: the mean of all tokens, the first or the last one's. A \
      folder of sentence-transformers says itself which, how long texts may be, and whether vectors have length 1.

      Texts on the command line are compared: the table has the cosine of each with each. Else a file, or standard input, \
      has a text a line, and each gets a vector: as JSON lines, or as a matrix that NumPy reads for a name that ends in .npy.

      Example:
        graft embed --checkpoint all-MiniLM-L6-v2 'A man eats.' 'Someone is eating.' 'It rains.'
        graft embed --checkpoint all-MiniLM-L6-v2 --input sentences.txt --output sentences.npy
      """)

  @Option(help: "A checkpoint, run directory or Hugging Face folder.", completion: .checkpoints)
  var checkpoint: String

  @OptionGroup var adapter: BaseArguments

  @Option(help: "A file with a text a line, gzip or not; - for standard input.")
  var input: String?

  @Option(
    help: "Where the vectors go: a file for NumPy if its name ends in .npy, else JSON lines; - for standard output.")
  var output: String?

  @Option(help: "What of a text's states is its vector: first, last, mean; by default what the folder says, else mean.")
  var pooling: Pooling?

  @Flag(inversion: .prefixedNo, help: "Whether vectors have length 1; by default what the folder says, else not.")
  var normalize: Bool?

  @Option(
    help: """
      Longest text in tokens, special ones included; by default what the folder says, else what the model has positions \
      for, at most 512. What is longer loses its end, and a note says of how many texts.
      """)
  var inputLength: Int?

  @Option(help: "Operands of matrix products: bf16, f32.")
  var precision = Precision.f32

  @Argument(help: "Texts to compare.")
  var text: [String] = []

  /// A line of the output.
  private struct Line: Encodable {
    var text: String
    var vector: [Float]
  }

  func files() -> CommandFiles {
    let written = output.flatMap { $0 == "-" ? nil : $0 }
    return CommandFiles(
      written.map { path in
        isArray(path)
          ? CommandOutput(
            path: path,
            kind: .file { (path) throws(GraftError) in
              try MappedFile(path).withBytes { $0.starts(with: NumberArray.magic) }
            })
          : .text(path, marker: "\"vector\"")
      }, reading: [checkpoint, adapter.base, input.flatMap { $0 == "-" ? nil : $0 }])
  }

  private func isArray(_ path: String) -> Bool { path.hasSuffix(".npy") }

  func run() throws {
    guard text.isEmpty || input == nil else {
      throw GraftError(.usage, "--input and texts exclude each other", hint: "give one of them.")
    }
    let embedder = try TextEmbedder(
      opening: checkpoint, base: adapter.base, pooling: pooling, isNormalized: normalize, length: inputLength,
      precision: precision,
      shardCount: ProcessInfo.processInfo.activeProcessorCount)
    if !text.isEmpty, output == nil { return try compare(embedder) }
    let place = output ?? "-"
    func line(_ text: String, _ vector: [Float]) throws(GraftError) -> String {
      String(decoding: try JSONFile.line(Line(text: text, vector: vector)), as: UTF8.self)
    }
    var cut = 0
    if isArray(place) {
      try NumberArray.write(columns: embedder.width, to: place) { (writer) throws(GraftError) in
        var rows = 0
        cut = try forEachVector(embedder) { (_, vector) throws(GraftError) in
          try NumberArray.append(vector, to: &writer)
          rows += 1
        }
        return rows
      }
    } else if place == "-" {
      cut = try forEachVector(embedder) { (text, vector) throws(GraftError) in standardOutput(try line(text, vector)) }
    } else {
      try AtomicFile.write(to: place) { (writer) throws(GraftError) in
        cut = try forEachVector(embedder) { (text, vector) throws(GraftError) in
          try writer.append(try line(text, vector) + "\n")
        }
      }
    }
    if cut > 0 { standardError("note: \(cut) texts are longer than \(embedder.length) tokens and lose their ends") }
  }

  /// The texts in their order, some thousands of which are in memory at once.
  /// - Returns: how many were longer than the model reads.
  private func forEachVector(
    _ embedder: TextEmbedder, _ body: (_ text: String, _ vector: [Float]) throws(GraftError) -> Void
  ) throws(GraftError) -> Int {
    var (pending, cut) = (text, 0)
    func flush() throws(GraftError) {
      cut += embedder.cutCount(pending)
      for (text, vector) in zip(pending, try embedder.embeddings(pending)) { try body(text, vector) }
      pending = []
    }
    func take(_ line: some BidirectionalCollection<UInt8>) throws(GraftError) {
      pending.append(String(decoding: line.last == 0x0D ? line.dropLast() : line[...], as: UTF8.self))
      if pending.count >= 4096 { try flush() }
    }
    if let input, input != "-" {
      try LineReader(try TextInput(input)).forEachLine { (line, _) throws(GraftError) in try take(line) }
    } else if text.isEmpty {
      do { try StandardInput.forEachLine { try take($0) } } catch {
        throw error as? GraftError ?? GraftError(.inputOutput, "cannot read standard input", cause: error)
      }
    }
    try flush()
    return cut
  }

  /// The cosine of each text with each.
  private func compare(_ embedder: TextEmbedder) throws(GraftError) {
    let vectors = try embedder.embeddings(text)
    var table = Table([.init("text")] + text.indices.map { .init("\($0 + 1)", .right) })
    for (index, vector) in vectors.enumerated() {
      table.append(
        ["\(index + 1) \(text[index])"]
          + vectors.map { NumberText.fixed(TextEmbedder.cosine(vector, $0), digits: 4) })
    }
    standardOutput(table.plainText, terminator: "")
  }
}

extension Pooling: ExpressibleByArgument {}
