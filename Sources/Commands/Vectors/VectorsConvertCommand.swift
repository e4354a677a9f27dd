import ArgumentParser
import Support
import WordVectors

/// `graft vectors convert`
struct VectorsConvertCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Write word vectors in the other of word2vec's formats.",
    discussion: """
      Text to binary and back gives the same file of Graft's.

      Example:
        graft vectors convert --vectors books.vectors --format binary --output books.bin
      """)

  @Option(help: "A file of word vectors in the text or binary format of word2vec, gzip or not.")
  var vectors: String

  @Option(help: "How the file is written: text, binary.")
  var format: WordVectorFormat

  @Option(name: .shortAndLong, help: "The file to write.")
  var output: String

  func files() -> CommandFiles { CommandFiles(.wordVectors(output), reading: [vectors]) }

  func run() throws {
    let vectors = try WordVectors(opening: vectors)
    try vectors.write(to: output, format)
    standardOutput("\(output)\t\(vectors.count) words, \(vectors.size) numbers each")
  }
}
