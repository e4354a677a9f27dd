import ArgumentParser
import Reporting
import Support
import WordVectors

/// `graft vectors …`: vectors of single words.
struct VectorsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vectors",
    abstract: "Vectors of single words: train, convert, neighbours, analogies, similarity.",
    subcommands: [
      VectorsTrainCommand.self, VectorsConvertCommand.self, VectorsNeighboursCommand.self,
      VectorsAnalogiesCommand.self, VectorsSimilarityCommand.self,
    ])
}

extension WordVectorFormat: ExpressibleByArgument {}

extension CommandOutput {
  /// A file of word vectors, known by its first line: how many words, and how many numbers.
  static func wordVectors(_ path: String) -> CommandOutput {
    CommandOutput(
      path: path,
      kind: .file { (path) throws(GraftError) in
        try MappedFile(path).withBytes { bytes in
          let line = bytes.prefix(64).prefix { $0 != 0x0A }
          let parts = String(decoding: line, as: UTF8.self).split(separator: " ").map { Int($0) }
          return parts.count == 2 && parts.allSatisfy { $0 != nil }
        }
      })
  }
}

/// Flags of the commands that ask vectors something.
struct VectorArguments: ParsableArguments {
  @Option(help: "A file of word vectors in the text or binary format of word2vec, gzip or not.")
  var vectors: String

  @Option(help: "Only the first so many words take part, which are the most frequent ones in most files.")
  var most: Int?

  @Flag(inversion: .prefixedNo, help: "Look words up in lower case where they have no vector as they are.")
  var ignoreCase = true

  /// - Throws: `.usage` for an impossible number; as reading throws.
  func space() throws(GraftError) -> Neighbourhood {
    guard (most ?? 1) >= 1 else {
      throw GraftError(.usage, "--most \(most ?? 0) leaves nothing", hint: "give a positive number, or leave it out.")
    }
    return try Neighbourhood(WordVectors(opening: vectors), most: most)
  }
}
