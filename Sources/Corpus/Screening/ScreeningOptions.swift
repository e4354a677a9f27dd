import Support

/// Which repeated documents are taken out of a corpus.
public struct Deduplication: Sendable, Hashable, Codable {
  /// What counts as repeated.
  public enum Kind: String, Sendable, Hashable, CaseIterable, Codable {
    /// The same text, outer white space aside.
    case exact
    /// Also texts that share most of their runs of five words (`DocumentSketch`).
    case near
  }

  /// What counts as repeated.
  public var kind: Kind
  /// The Jaccard similarity from which on texts count as near, above 0 and at most 1.
  public var threshold: Double

  /// Where nothing else is said (Lee et al. 2022, "Deduplicating Training Data Makes Language Models Better").
  public static let standardThreshold = 0.8

  /// Of one kind, at the usual threshold.
  public init(_ kind: Kind, threshold: Double = Deduplication.standardThreshold) {
    self.kind = kind
    self.threshold = threshold
  }

  /// - Throws: `.usage` for a threshold at which everything or nothing is similar.
  public func validate() throws(GraftError) {
    guard threshold >= 0.2, threshold <= 1 else {
      throw GraftError(
        .usage, "the similarity \(threshold) must lie from 0.2 to 1", hint: "0.8 is usual: 1 is the same runs of words."
      )
    }
  }

  var signature: String { kind == .exact ? "exact" : "near \(threshold)" }
}

/// What is taken out where a corpus and evaluation examples share words.
public enum ContaminatedPart: String, Sendable, Hashable, CaseIterable, Codable {
  /// The lines that the shared words stand in; a document of which nothing is left goes.
  case lines
  /// The documents.
  case documents
  /// Nothing: it is only counted.
  case none
}

/// Texts that a model is to be evaluated on, such as those of a split of a task.
public struct EvaluationTexts: Sendable, Hashable {
  /// For reports: a task and split, or a file.
  public var name: String
  /// The texts of each example.
  public var examples: [[String]]

  /// The texts of each example under one name.
  public init(name: String, examples: [[String]]) {
    self.name = name
    self.examples = examples
  }

  /// Stands for the texts; the name is not in it.
  var contentHash: String {
    var hash = ContentHash()
    for example in examples {
      hash.update("\(example.count)\n")
      for text in example { hash.update("\(text.utf8.count)\n\(text)") }
    }
    return hash.hexadecimal()
  }
}

/// What is looked for in a corpus before it is read.
public struct ScreeningOptions: Sendable, Hashable {
  /// Nil leaves repeated documents.
  public var deduplication: Deduplication?
  /// What must not stand in the corpus.
  public var evaluations: [EvaluationTexts]
  /// What is done about it.
  public var contaminated: ContaminatedPart

  /// Nothing is looked for by default.
  public init(
    deduplication: Deduplication? = nil, evaluations: [EvaluationTexts] = [],
    contaminated: ContaminatedPart = .lines
  ) {
    self.deduplication = deduplication
    self.evaluations = evaluations
    self.contaminated = contaminated
  }

  /// Stands for the evaluation texts, whatever their order; for a run that is resumed.
  public var evaluationHash: String {
    ContentHash.of(evaluations.map(\.contentHash).sorted().joined(separator: "\n"))
  }

  /// Everything the outcome depends on besides the corpus and how it is read, as text to hash.
  var signature: String {
    let sought =
      evaluations.isEmpty
      ? "none"
      : "\(contaminated.rawValue), \(NGramOverlap.standardLength) words, "
        + evaluations.map { "\($0.name.jsonLiteral) \($0.contentHash)" }.joined(separator: ", ")
    return "deduplication \(deduplication?.signature ?? "none"); evaluations \(sought)"
  }
}
