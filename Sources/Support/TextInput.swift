/// A file as text in UTF-8, piece by piece: gzip is undone, UTF-16 and UTF-32 are converted, a byte-order mark is read
/// over, the rows of Parquet become JSON lines, and what is no text at all is refused with the command that makes text
/// of it. Told by the first bytes, whatever the name.
///
/// Memory: a piece of at most a mebibyte, whatever the size of the file; of Parquet a page of every column.
public final class TextInput {
  /// How much longer than the file its text may be, and from which length that matters: gzip makes at most a thousandth
  /// of anything, and a tenth of ordinary text.
  static let greatestExpansion = 64
  static let smallestRefused = 64 << 20
  private static let piece = 1 << 20

  /// As it was given; `-` for standard input.
  public let path: String
  /// How the file spells its text; what is read is UTF-8 anyway.
  public let order: ByteOrder
  /// Whether the file has no text at all: nothing, or a byte-order mark alone.
  public let isEmpty: Bool
  private let file: MappedFile
  private let inflater: GzipInflater?
  private var parquet: ParquetRows?
  private let isBounded: Bool
  private var decoder: TextDecoder?
  private var offset = 0
  private var pending: [UInt8] = []
  private var isAtEnd = false
  private var produced = 0

  /// - Parameters:
  ///   - convertsText: whether marks and other forms than UTF-8 are looked for; not for files whose form is known.
  ///   - isBounded: whether gzip and Parquet that become more than 64 times as long, and 64 MiB, are refused, which
  ///     callers want who keep what they read.
  /// - Throws: `.missingInput`, `.inputOutput`, `.badData` for what is no text.
  public convenience init(
    _ path: String, convertsText: Bool = true, isBounded: Bool = true
  ) throws(GraftError) {
    try self.init(MappedFile(path), convertsText: convertsText, isBounded: isBounded)
  }

  /// As `init(_:convertsText:isBounded:)`, of a file that is mapped already.
  public init(_ file: MappedFile, convertsText: Bool = true, isBounded: Bool) throws(GraftError) {
    self.file = file
    self.isBounded = isBounded
    path = file.path
    inflater = GzipInflater.isGzip(file.bytes) ? try GzipInflater(file.bytes, path: file.path) : nil
    var pending: [UInt8] = []
    parquet = ParquetRows.isParquet(file.bytes) ? try ParquetRows(file) : nil
    if let inflater {
      while pending.count < Self.piece, try inflater.read(into: &pending, limit: Self.piece) {}
    } else if parquet != nil {
      _ = try parquet?.read(into: &pending, limit: Self.piece)
    } else {
      offset = min(Self.piece, file.bytes.count)
      pending.append(contentsOf: UnsafeRawBufferPointer(rebasing: file.bytes[..<offset]))
    }
    produced = pending.count
    var found: (order: ByteOrder, mark: Int) = (.utf8, 0)
    var failure: GraftError?
    let path = file.path
    pending.withUnsafeBytes { bytes in
      if convertsText { found = ByteOrder.of(bytes) }
      do throws(GraftError) {
        if found.order == .utf8 { try ForeignFile.checkText(bytes, path: path) }
      } catch { failure = error }
    }
    order = found.order
    if let failure { throw failure }
    pending.removeFirst(found.mark)
    self.pending = pending
    isEmpty = pending.isEmpty
    if order != .utf8 {
      decoder = TextDecoder(order, path: path, after: found.mark)
      Notices.post("\(path): \(order.rawValue), converted")
    }
  }

  /// How much of the file has been read, 0 to 1.
  public var fractionRead: Double {
    if let parquet { return parquet.fractionRead }
    let size = Double(max(1, file.bytes.count))
    return inflater.map { 1 - Double($0.unread) / size } ?? Double(offset) / size
  }

  /// Appends the next piece of the text. False at the end.
  /// - Throws: `.badData` for damaged gzip or Parquet, for text that is not of the form its beginning has, and for what
  ///   becomes too long.
  public func read(into text: inout [UInt8]) throws(GraftError) -> Bool {
    while !isAtEnd {
      var piece = pending
      pending = []
      if piece.isEmpty { try fill(&piece) }
      isAtEnd = piece.isEmpty
      guard decoder != nil else {
        text += piece
        return !isAtEnd
      }
      let before = text.count
      try decoder?.decode(piece, isLast: isAtEnd, into: &text)
      if text.count > before { return true }
    }
    return false
  }

  private func fill(_ piece: inout [UInt8]) throws(GraftError) {
    if let inflater {
      _ = try inflater.read(into: &piece, limit: Self.piece)
    } else if parquet != nil {
      _ = try parquet?.read(into: &piece, limit: Self.piece)
    } else {
      let end = min(file.bytes.count, offset + Self.piece)
      piece.append(contentsOf: UnsafeRawBufferPointer(rebasing: file.bytes[offset..<end]))
      file.release(offset..<end)
      offset = end
    }
    produced += piece.count
    if isBounded, inflater != nil || parquet != nil {
      try Self.checkExpansion(of: file.bytes.count, to: produced, path: path, isGzip: inflater != nil)
    }
  }

  /// - Throws: `.badData` for the first bytes of a stream that is not UTF-8 text, which is not converted on its way.
  public static func checkPlain(_ bytes: UnsafeRawBufferPointer, path: String) throws(GraftError) {
    let order = ByteOrder.of(bytes).order
    guard order == .utf8 else {
      throw GraftError(
        .badData, "the text is \(order.rawValue)",
        hint: "convert it on the way: `iconv -f \(order.rawValue) -t UTF-8`.",
        location: SourceLocation(file: path))
    }
    try ForeignFile.checkText(bytes, path: path)
  }

  /// - Throws: `.badData` for gzip or Parquet that has become too long.
  static func checkExpansion(
    of size: Int, to produced: Int, path: String, isGzip: Bool = true
  ) throws(GraftError) {
    guard produced > smallestRefused, produced / greatestExpansion > size else { return }
    throw GraftError(
      .badData, "\(isGzip ? "gzip" : "Parquet") that becomes more than \(greatestExpansion) times as long",
      hint: isGzip
        ? "if that is meant, unpack it first: `gunzip \(path)`." : "if that is meant, write it as JSON lines first.",
      location: SourceLocation(file: path))
  }
}

extension MappedFile {
  /// Whether the first bytes are no text that a corpus is made of: a container, or zeros that no form of Unicode
  /// explains.
  public var isBinary: Bool {
    withBytes { bytes in
      if GzipInflater.isGzip(bytes) || ParquetRows.isParquet(bytes) { return false }
      let start = UnsafeRawBufferPointer(rebasing: bytes.prefix(8192))
      if let kind = ForeignFile(start), !kind.isText { return true }
      return ByteOrder.of(start).order == .utf8 && start.contains(0)
    }
  }
}
