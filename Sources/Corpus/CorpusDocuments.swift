import Support

/// The documents of a corpus as they are tokenised: read, cleaned, without what was screened out. Cleaning remembers
/// the lines of earlier files.
public struct CorpusDocuments {
  private let options: CorpusOptions
  private var cleaner: DocumentCleaner?

  /// What cleaning did so far, nil if there is none.
  public var cleaningReport: CleaningReport? { cleaner?.report }

  /// Before the first file.
  public init(_ options: CorpusOptions) {
    self.options = options
    cleaner = options.cleaning.map(DocumentCleaner.init)
  }

  /// One document or, if it need not be whole, a piece of one.
  public struct Piece {
    /// Its number among those of the file.
    public var document: Int
    /// Valid while it is handed over.
    public var bytes: UnsafeRawBufferPointer
    /// True for the last or only piece of a document.
    public var endsDocument: Bool
    /// Bytes of the file's text that have been read with it.
    public var bytesRead: Int
  }

  /// Hands over what is left of the documents of a file, in their order.
  /// - Parameters:
  ///   - reader: of `reader(_:isWhole:)`; with a selection its documents must come whole.
  ///   - selection: what is left out; nil for nothing.
  /// - Throws: as `DocumentReader.forEachPiece`, and what `body` throws.
  public mutating func forEachPiece(
    of reader: DocumentReader, _ selection: DocumentSelection? = nil,
    _ body: (Piece) throws(GraftError) -> Void
  ) throws(GraftError) {
    var (document, bytesRead) = (0, 0)
    try reader.forEachPiece { (piece) throws(GraftError) in
      bytesRead += piece.bytes.count
      defer { if piece.endsDocument { document += 1 } }
      guard cleaner != nil || selection != nil else {
        return try body(
          Piece(document: document, bytes: piece.bytes, endsDocument: piece.endsDocument, bytesRead: bytesRead))
      }
      guard let cleaned = cleaner == nil ? Array(piece.bytes) : cleaner?.clean(piece.bytes) else { return }
      guard let text = selection == nil ? cleaned : selection?.selected(cleaned, document: document) else { return }
      var failure: GraftError?
      text.withUnsafeBytes { bytes in
        do throws(GraftError) {
          try body(Piece(document: document, bytes: bytes, endsDocument: true, bytesRead: bytesRead))
        } catch { failure = error }
      }
      if let failure { throw failure }
    }
  }

  /// A reader whose documents come as these need them.
  /// - Parameter isWhole: whether documents must come whole, also if they are not cleaned.
  /// - Throws: `.missingInput` or `.inputOutput` if the file cannot be read.
  public func reader(_ path: String, isWhole: Bool = false) throws(GraftError) -> DocumentReader {
    let reader = try DocumentReader(path: path, options: options)
    if isWhole { reader.wholeDocuments = true }
    return reader
  }
}
