import Scoring
import Support

/// Pairs of words and how similar people find them.
public struct WordSimilarities: Sendable {
  public struct Pair: Sendable, Hashable {
    public var first: String
    public var second: String
    public var score: Double
  }

  public private(set) var pairs: [Pair] = []

  /// Reads lines `word word score`, with tabs, spaces or commas between; a first line whose third cell is no number is
  /// a head, and what begins with # a comment.
  /// - Throws: `.badData` naming a line that is something else; as reading throws.
  public init(contentsOf path: String) throws(GraftError) {
    var pairs: [Pair] = []
    try LineReader(try TextInput(path)).forEachLine { (line, number) throws(GraftError) in
      let text = String(decoding: line, as: UTF8.self)
      let separator: (Character) -> Bool = { $0.isWhitespace || $0 == "," }
      let cells = text.split(whereSeparator: separator).map(String.init)
      guard !cells.isEmpty, !text.hasPrefix("#") else { return }
      guard cells.count >= 3, let score = Double(cells[2]), score.isFinite else {
        guard number == 1 else {
          throw GraftError(
            .badData, "the line is not `word word score`", hint: "write `tiger cat 7.35`.",
            location: SourceLocation(file: path, line: number))
        }
        return
      }
      pairs.append(Pair(first: cells[0], second: cells[1], score: score))
    }
    guard !pairs.isEmpty else {
      throw GraftError(.badData, "there is no pair of words in the file", location: SourceLocation(file: path))
    }
    self.pairs = pairs
  }

  /// How cosines go with what people said.
  public struct Result: Sendable, Encodable {
    public var file: String
    public var pairs: Int
    /// Those whose words both have vectors; the others are left out.
    public var covered: Int
    /// Spearman's rho of these with its bootstrap interval; nil where it is undefined.
    public var spearman: Estimate?
  }

  public func result(
    of space: Neighbourhood, named name: String, ignoringCase: Bool, bootstrap: BootstrapOptions
  ) -> Result {
    let found = pairs.compactMap { pair -> NumberPair? in
      guard let a = space.row(pair.first, ignoringCase: ignoringCase),
        let b = space.row(pair.second, ignoringCase: ignoringCase)
      else { return nil }
      return NumberPair(prediction: space.cosine(a, b), reference: pair.score)
    }
    let metric = Spearman()
    let estimate = Estimate.bootstrap(found, options: bootstrap) { metric.score($0, multiplicities: $1) }
    return Result(file: name, pairs: pairs.count, covered: found.count, spearman: estimate)
  }
}
