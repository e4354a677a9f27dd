import Support

/// How probabilities are made of counts.
public enum NGramSmoothing: String, Sendable, Hashable, Codable, CaseIterable {
  /// Interpolated modified Kneser-Ney smoothing (Chen & Goodman 1998).
  case kneserNey = "kneser-ney"
  /// Relative frequencies of all lengths, mixed by weights that are found on held-out text (Jelinek & Mercer 1980).
  case mixture
  /// Every word is equally probable.
  case uniform
}

/// `ngrams.json`: what a model of n-grams is and how it was made.
public struct NGramDescription: Sendable, Hashable, Codable {
  /// What is counted.
  public enum Unit: String, Sendable, Hashable, Codable { case words, tokens }

  /// One of the models that are mixed; of a model that is no mixture the only one.
  public struct Part: Sendable, Hashable, Codable {
    /// Of its trie, in the folder.
    public var file: String
    /// All weights add up to 1.
    public var weight: Double
    /// Nil for a model that was read from an ARPA file.
    public var smoothing: NGramSmoothing?
    /// The number of n-grams by length.
    public var counts: [Int]
    /// Discounts by length, of counts of 1, of 2, and of 3 and more; of a mixture of orders its weights.
    public var parameters: [[Double]]
    /// By length, the greatest number of occurrences that left an n-gram out.
    public var cutOffs: [Int]
    /// Words of the text it was made of, ends of sentences included.
    public var tokens: Int?
  }

  public var unit: Unit
  public var parts: [Part]

  /// - Throws: `.badData` for impossible weights and names of files.
  func validate(_ path: String) throws(GraftError) {
    let isOne = abs(parts.reduce(0) { $0 + $1.weight } - 1) < 1e-6
    guard !parts.isEmpty, isOne, parts.allSatisfy({ $0.weight >= 0 && !$0.file.contains("/") }) else {
      throw GraftError(
        .badData, "'\(path)' has impossible weights or names of files", hint: "make it again with `graft ngram`.")
    }
  }
}
