import Support

/// What a pretraining run has read of one text source.
public struct CorpusUse: Sendable, Codable, Hashable {
  /// As it was given.
  public var path: String
  /// How often it is read while the others are read once.
  public var repetition: Double
  /// Documents to train on, those that a held-out block cut in two counted twice.
  public var documents: Int
  /// Bytes of text to train on, after cleaning and screening.
  public var bytes: Int
  /// Tokens to train on.
  public var tokens: Int
  /// Tokens that are kept from training.
  public var heldOutTokens: Int
  /// The part of the training samples so far that came from it; labelled examples of tasks have a share, too.
  public var share: Double
  /// How often it was read through.
  public var passes: Double

  /// A table of several in Markdown, for a model card.
  static func table(_ uses: [CorpusUse]) -> String {
    let head = "| source | documents | bytes | tokens | held-out tokens | share of samples | passes |"
    let rows = uses.map {
      "| `\($0.path)` | \($0.documents) | \($0.bytes) | \($0.tokens) | \($0.heldOutTokens) | "
        + "\(NumberText.fixed(100 * $0.share, digits: 2)) % | \(NumberText.fixed($0.passes, digits: 3)) |"
    }
    return ([head, "|---|---:|---:|---:|---:|---:|---:|"] + rows).joined(separator: "\n")
  }

  /// One line for people.
  var summary: String {
    "\(path): \(NumberText.fixed(passes, digits: 3)) passes, "
      + "\(NumberText.fixed(100 * share, digits: 2)) % of the samples"
  }
}
