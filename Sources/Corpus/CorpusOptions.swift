import Support

/// Where one document of a plain text file ends and the next begins.
public enum DocumentBoundary: String, Sendable, Hashable, CaseIterable, Codable {
  /// The file is one document.
  case wholeFile = "whole-file"
  /// One or more lines with nothing but white space.
  case blankLines = "blank-lines"
}

/// What a corpus file holds, before compression.
public enum CorpusFormat: String, Sendable, Hashable, CaseIterable, Codable {
  /// By what the file begins with: JSON lines, a JSON array, a table with a column of the text field's name, else plain
  /// text. Names that end in `.jsonl`, `.ndjson`, `.jsonlines`, `.csv` or `.tsv` (or the same with `.gz`) are believed.
  case automatic
  /// Plain text; see `DocumentBoundary`.
  case text
  /// One object per line.
  case jsonLines = "json-lines"
  /// One array of objects or strings, or objects one after the other.
  case json
  /// Tables with a header.
  case csv, tsv
}

/// What happens to a document that is not UTF-8.
public enum InvalidUTF8Policy: String, Sendable, Hashable, CaseIterable, Codable {
  /// It is refused, with its place.
  case error
  /// The bytes are kept; a byte-level tokenizer encodes them like any others.
  case accept
  /// U+FFFD takes their place.
  case replace
  /// The document is read as text of older Windows programs, which is what most Western text is that is not UTF-8.
  case windows1252 = "windows-1252"
}

/// How files become documents and documents become training and held-out text.
public struct CorpusOptions: Sendable, Hashable {
  /// How files are read; told by their beginnings by default.
  public var format = CorpusFormat.automatic
  /// Where documents of plain text end.
  public var documentBoundary = DocumentBoundary.wholeFile
  /// The member of each object that holds the text, in JSON, and the column in tables.
  public var textField = "text"
  /// What is done about bytes that are no text.
  public var invalidUTF8 = InvalidUTF8Policy.error
  /// Nil leaves the text as it is.
  public var cleaning: CleaningOptions?
  /// The part of the tokens that is held out, 0 to 0.5.
  public var heldOutFraction = 0.01

  /// What is done where nothing else is said.
  public static let standard = CorpusOptions()
  /// Another seed holds out other blocks.
  public var heldOutSeed: UInt64 = 0

  /// Plain reading, told by the files' beginnings, with one per cent held out.
  public init() {}

  /// - Throws: `.usage` for values no corpus can be read with.
  func validate() throws(GraftError) {
    guard heldOutFraction >= 0, heldOutFraction <= 0.5 else {
      throw GraftError(.usage, "the held-out fraction is \(heldOutFraction), it must be from 0 to 0.5")
    }
    guard !textField.isEmpty else { throw GraftError(.usage, "the name of the text field is empty") }
  }

  /// Everything the tokens of a file depend on besides the file and the tokenizer, as text to hash.
  /// Boundaries of the held-out part are not among it: they are drawn when a corpus is opened.
  var signature: String {
    """
    format \(format.rawValue); boundary \(documentBoundary.rawValue); field \(textField.jsonLiteral); \
    invalid-utf8 \(invalidUTF8.rawValue); cleaning \(cleaning?.signature ?? "none")
    """
  }
}
