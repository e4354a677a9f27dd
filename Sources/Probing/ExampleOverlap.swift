import Corpus
import Support

/// Which texts of examples occur in other texts, by runs of words (Brown et al. 2020, "Language Models are Few-Shot
/// Learners", appendix C).
///
/// Texts are compared in lower case and without punctuation (`OverlapWords`); `NGramOverlap` says which runs are
/// sought.
public struct ExampleOverlap: Sendable {
  /// By set, example and field of the example.
  let words: [[[[UInt64]]]]
  /// Words of the longest runs sought.
  public let length: Int

  /// - Parameter sets: the texts of the fields of the examples of each set.
  public init(_ sets: [[[String]]], length: Int = ProbeOptions().overlapLength) {
    words = sets.map { $0.map { $0.map { OverlapWords.hashes($0) } } }
    self.length = length
  }

  /// Whether each field of each example of each set occurs in one of the texts.
  public func found(inTexts texts: some Sequence<String>) -> [[[Bool]]] {
    found(in: texts.lazy.map { OverlapWords.hashes($0) })
  }

  /// The same for texts as words.
  func found(in texts: some Sequence<[UInt64]>) -> [[[Bool]]] {
    var overlap = NGramOverlap(all, length: length)
    for text in texts { overlap.read(text) }
    return bySet(overlap.found)
  }

  /// The same for files, read as running text: texts below eight words are not sought in them.
  /// - Throws: as `DocumentReader`.
  public func found(
    inFiles files: [(path: String, options: CorpusOptions)]
  ) throws(GraftError) -> [[[Bool]]] {
    var overlap = NGramOverlap(all, length: length)
    var reader = NGramOverlap.Reader(overlap)
    for (path, options) in files {
      var options = options
      options.invalidUTF8 = .accept
      var words = OverlapWords()
      try DocumentReader(path: path, options: options).forEachPiece { (piece) throws(GraftError) in
        words.read(piece.bytes) { reader.read($0, &overlap) }
        if piece.endsDocument {
          words.finish { reader.read($0, &overlap) }
          reader.reset()
        }
      }
    }
    return bySet(overlap.found)
  }

  private var all: [[UInt64]] { words.flatMap { $0.flatMap { $0 } } }

  private func bySet(_ found: [Bool]) -> [[[Bool]]] {
    var rest = found[...]
    return words.map { set in
      set.map { fields in
        defer { rest = rest.dropFirst(fields.count) }
        return Array(rest.prefix(fields.count))
      }
    }
  }
}
