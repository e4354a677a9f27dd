import Support

/// What screening found and what was taken out.
public struct ScreeningReport: Sendable, Hashable, Codable, KindedFile {
  public static let kind = FileKind.screening

  /// Documents and bytes that were taken out for one reason.
  public struct Removed: Sendable, Hashable, Codable {
    public var documents = 0
    public var bytes = 0

    static func += (left: inout Removed, right: Removed) {
      left.documents += right.documents
      left.bytes += right.bytes
    }
  }

  /// One text source.
  public struct Source: Sendable, Hashable, Codable {
    /// As it was given.
    public var path: String
    /// Documents read, after cleaning, and their bytes.
    public var read = Removed()
    /// The same text as an earlier document's.
    public var exactDuplicates = Removed()
    /// Nearly the same.
    public var nearDuplicates = Removed()
    /// Documents that share words with evaluation examples, and their bytes; duplicates are not looked at.
    public var contaminated = Removed()
    /// Of these documents, those that were taken out, with their bytes.
    public var contaminatedRemoved = Removed()
    /// Lines that were taken out of contaminated documents of which something is left, and their bytes.
    public var linesRemoved = 0
    public var lineBytesRemoved = 0

    /// All bytes that were taken out.
    public var bytesRemoved: Int {
      exactDuplicates.bytes + nearDuplicates.bytes + contaminatedRemoved.bytes + lineBytesRemoved
    }
  }

  /// One set of evaluation texts.
  public struct Evaluation: Sendable, Hashable, Codable {
    /// A task and split, or a file.
    public var name: String
    public var examples: Int
    /// Examples of which a text, in whole or in part, stands in the corpus.
    public var found = 0
    /// For each source, how many of its documents share words with the examples.
    public var documents: [Int]
  }

  /// A document that was taken out as a duplicate.
  public struct Duplicate: Sendable, Hashable, Codable {
    public var file: String
    /// Counted from 1.
    public var document: Int
    public var originalFile: String
    public var originalDocument: Int
    /// The estimated Jaccard similarity of runs of five words.
    public var similarity: Double
    /// How it begins.
    public var text: String
  }

  /// A line that shares words with an evaluation example.
  public struct Contamination: Sendable, Hashable, Codable {
    public var evaluation: String
    /// Counted from 1.
    public var example: Int
    public var file: String
    public var document: Int
    public var line: Int
    /// How it begins.
    public var text: String
  }

  public var deduplication: Deduplication?
  /// What was taken out of contaminated documents; nil if nothing was sought.
  public var contaminatedPart: ContaminatedPart?
  public var sources: [Source] = []
  public var evaluations: [Evaluation] = []
  /// Runs of words that were found in more than ten documents and therefore count as common phrases.
  public var commonRuns = 0
  /// The first few.
  public var duplicates: [Duplicate] = []
  /// The first few of each evaluation.
  public var contaminations: [Contamination] = []

  /// Documents and bytes of all sources that were taken out as repeated.
  public var removedDuplicates: Removed {
    sources.reduce(into: Removed()) {
      $0 += $1.exactDuplicates
      $0 += $1.nearDuplicates
    }
  }
}
