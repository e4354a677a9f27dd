import Foundation
import Support
import Tokenization

/// Reads the documents of one file as `TextInput` opens it, or of standard input, in bounded memory: text, JSON lines,
/// JSON or a table, told by its beginning (`DocumentForm`).
///
/// Text with `wholeFile` boundaries comes in pieces of a few megabytes that end where a word ends, so that
/// the tokens of the pieces are the tokens of the whole. Everything else comes a document at a time.
///
/// Memory: a few mebibytes, and the longest document where documents come whole: of JSON and tables 64 MiB, of text
/// that is cleaned or divided at blank lines 1 GiB. Longer ones are refused.
public final class DocumentReader {
  /// One document, or a piece of one.
  public struct Piece {
    /// Valid while it is handed over; UTF-8 unless the policy accepts other bytes.
    public var bytes: UnsafeRawBufferPointer
    /// True for the last or only piece of a document.
    public var endsDocument: Bool
  }

  static let chunk = 1 << 20
  private static let pieceSize = 4 << 20

  /// The longest document of plain text that has to come whole.
  private static let longestDocument = 1 << 30

  enum Source {
    case file(TextInput, MappedFile)
    case standardInput
  }

  /// What stands for standard input among paths.
  public static let standardInput = "-"

  let source: Source
  /// For errors.
  let name: String
  let options: CorpusOptions
  /// What the file holds; of standard input it is known once something has been read.
  private(set) var form = DocumentForm.text
  /// Whether the file is neither JSON nor a table.
  public var isPlainText: Bool { form == .text }
  private var isOpen = false
  /// Whether the bracket of a JSON array is open.
  var isInArray = false
  /// Documents must come whole, however long (cleaning and screening look at all of one).
  var wholeDocuments: Bool

  var buffer: [UInt8] = []
  /// Where the buffer starts in the (uncompressed) text.
  private var bufferOffset = 0
  var lineNumber = 0
  /// Of the document at the start of the buffer: where its next unread line starts and where its text ends.
  private var nextLine = 0
  var textEnd = 0
  /// Bytes of text read so far, after decompression.
  public internal(set) var bytesRead = 0

  /// - Throws: `.missingInput` or `.inputOutput` if the file cannot be read.
  public convenience init(path: String, options: CorpusOptions) throws(GraftError) {
    if path == Self.standardInput {
      try self.init(.standardInput, "standard input", options)
    } else {
      try self.init(file: try MappedFile(path), options: options)
    }
  }

  private init(_ source: Source, _ name: String, _ options: CorpusOptions) throws(GraftError) {
    (self.source, self.name, self.options) = (source, name, options)
    wholeDocuments = options.cleaning != nil
    if case .file = source { try open() }
  }

  /// Reads the beginning and looks at it.
  private func open() throws(GraftError) {
    isOpen = true
    let hasMore = try refill()
    if case .standardInput = source {
      var failure: GraftError?
      buffer.withUnsafeBytes { bytes in
        do throws(GraftError) { try TextInput.checkPlain(bytes, path: name) } catch { failure = error }
      }
      if let failure { throw failure }
      if buffer.starts(with: byteOrderMark) { discard(byteOrderMark.count) }
    }
    let isWhole = !hasMore || buffer.count < Self.chunk / 2
    let found = buffer.withUnsafeBytes { DocumentForm.of($0, isWhole: isWhole, name: name, options) }
    form = found.form
    guard found.isSurprising else { return }
    switch form {
    case .text: Notices.post("\(name): read as plain text, not as JSON")
    case .jsonLines, .json:
      Notices.post(
        "\(name): read as \(form == .json ? "JSON" : "JSON lines"), field '\(options.textField)'")
    case .csv, .tsv: Notices.post("\(name): read as \(form.name.uppercased()), column '\(options.textField)'")
    }
  }

  convenience init(file: MappedFile, options: CorpusOptions) throws(GraftError) {
    let isNamedGzip = file.path.lowercased().hasSuffix(".gz")
    guard GzipInflater.isGzip(file.bytes) || !isNamedGzip else {
      throw GraftError(
        .badData,
        file.bytes.isEmpty
          ? "'\(file.path)' is empty, not gzip" : "'\(file.path)' is called .gz but is not gzip",
        hint: "fetch the file again, or rename it if it is plain text.")
    }
    try self.init(.file(try TextInput(file, isBounded: false), file), file.path, options)
  }

  /// How much of the file has been read; nil for standard input.
  public var fractionRead: Double? {
    switch source {
    case .file(let input, _): input.fractionRead
    case .standardInput: nil
    }
  }

  /// Hands over all documents, in order; empty ones are left out.
  /// - Throws: `.badData` for damaged gzip, JSON lines that are none, invalid UTF-8 (by policy); and what
  ///   `body` throws.
  public func forEachPiece(_ body: (Piece) throws(GraftError) -> Void) throws(GraftError) {
    // The inflater reads from the mapping without mentioning the file.
    defer { withExtendedLifetime(source) {} }
    if !isOpen { try open() }
    if form.separator != nil { return try readTable(body) }
    var isAtEnd = false
    while !isAtEnd {
      isAtEnd = try !refill()
      let consumed: Int
      if form == .jsonLines {
        consumed = try readJSONLines(isAtEnd, body)
      } else if form == .json {
        consumed = try readJSON(isAtEnd, body)
      } else if options.documentBoundary == .blankLines {
        consumed = try readParagraphs(isAtEnd, body)
      } else {
        consumed = try readWhole(isAtEnd, body)
      }
      discard(consumed)
      let isJSON = form != .text
      guard buffer.count <= (isJSON ? LineReader.longest : Self.longestDocument) else {
        throw GraftError(
          .badData, "a document of '\(name)' is longer than \(isJSON ? "64 MiB" : "1 GiB")",
          hint: isJSON ? "is the file JSON lines?" : "`document-boundary:` blank-lines may divide it.",
          location: isJSON ? SourceLocation(file: name, line: lineNumber + 1) : nil)
      }
    }
  }

  private func discard(_ count: Int) {
    guard count > 0 else { return }
    buffer.removeFirst(count)
    bufferOffset += count
    nextLine = max(0, nextLine - count)
    textEnd = max(0, textEnd - count)
  }

  private func refill() throws(GraftError) -> Bool {
    let before = buffer.count
    switch source {
    case .file(let input, _): _ = try input.read(into: &buffer)
    case .standardInput:
      if let part = try StandardInput.nextPart() { buffer += part }
      if bytesRead == 0, buffer.withUnsafeBytes(GzipInflater.isGzip) {
        throw GraftError(
          .badData, "\(name) is gzip", hint: "unpack it on the way: `gunzip -c FILE | graft …`.")
      }
    }
    bytesRead += buffer.count - before
    return buffer.count > before
  }

  // MARK: Formats; each returns how much of the buffer it is done with

  private func readWhole(
    _ isAtEnd: Bool, _ body: (Piece) throws(GraftError) -> Void
  ) throws(GraftError) -> Int {
    if isAtEnd {
      if !buffer.isEmpty { try deliver(0..<buffer.count, endsDocument: true, body) }
      return buffer.count
    }
    guard !wholeDocuments, buffer.count >= Self.pieceSize else { return 0 }
    guard let cut = buffer.withUnsafeBytes({ StreamEncoder.lastPlaceToCut($0, after: nextLine) }) else {
      // What has been searched once is not searched again.
      nextLine = buffer.count - 1
      return 0
    }
    try deliver(0..<cut, endsDocument: false, body)
    return cut
  }

  private func readParagraphs(
    _ isAtEnd: Bool, _ body: (Piece) throws(GraftError) -> Void
  ) throws(GraftError) -> Int {
    var start = 0
    while let end = lineEnd(of: nextLine, searchFrom: nextLine, isAtEnd) {
      var last = end
      while last > nextLine, ASCII.isSpace(buffer[last - 1]) { last -= 1 }
      if last > nextLine {
        // Trailing white space is kept inside a document, not at its end.
        textEnd = last
      } else {
        if textEnd > start { try deliver(start..<textEnd, endsDocument: true, body) }
        start = min(end + 1, buffer.count)
        textEnd = start
      }
      nextLine = end + 1
    }
    if isAtEnd {
      if textEnd > start { try deliver(start..<textEnd, endsDocument: true, body) }
      return buffer.count
    }
    return start
  }

  private func readJSONLines(
    _ isAtEnd: Bool, _ body: (Piece) throws(GraftError) -> Void
  ) throws(GraftError) -> Int {
    var start = 0
    while let end = lineEnd(of: start, searchFrom: max(start, nextLine), isAtEnd) {
      lineNumber += 1
      let line = start..<end
      if !buffer[line].allSatisfy(ASCII.isSpace) {
        var text: [UInt8] = []
        var failure: GraftError?
        buffer.withUnsafeBytes { bytes in
          do throws(GraftError) {
            text = try textField(of: UnsafeRawBufferPointer(rebasing: bytes[line]))
          } catch { failure = error }
        }
        if let failure { throw failure }
        if !text.isEmpty { try deliver(text, endsDocument: true, body) }
      }
      start = end + 1
    }
    // A line that is not complete is searched from where this search ended.
    nextLine = buffer.count
    return min(start, buffer.count)
  }

  private func textField(of line: UnsafeRawBufferPointer) throws(GraftError) -> [UInt8] {
    var text: [UInt8]?
    var names: [String] = []
    let wanted = Array(options.textField.utf8)
    var scanner = JSONScanner(line)
    scanner.replacesUnpairedSurrogates = options.invalidUTF8 != .error
    do throws(JSONSyntaxError) {
      guard scanner.peek() == UInt8(ascii: "{") else {
        throw JSONSyntaxError("a line of JSON lines must be an object", at: 0)
      }
      try scanner.forEachMember { (key, scanner) throws(JSONSyntaxError) in
        if key == wanted {
          guard scanner.peek() == UInt8(ascii: "\"") else {
            let place = scanner.offset
            try scanner.skipValue()
            throw JSONSyntaxError("the field '\(options.textField)' is not a string", at: place)
          }
          var value: [UInt8] = []
          try scanner.string(into: &value)
          text = value
        } else {
          names.append(String(decoding: key, as: UTF8.self))
          try scanner.skipValue()
        }
      }
      try scanner.expectEnd()
    } catch {
      throw error.graftError(
        in: line, file: name, firstLine: lineNumber,
        hint: "each line must be an object whose field '\(options.textField)' is a string; `text-field:` names"
          + " another field.")
    }
    guard let text else {
      let close = closestName(to: options.textField, in: names).map { "did you mean '\($0)'? " } ?? ""
      throw GraftError(
        .badData, "the line has no field '\(options.textField)'",
        hint: close + "it has: \(names.joined(separator: ", ")).",
        location: SourceLocation(file: name, line: lineNumber))
    }
    return text
  }

  // MARK: JSON in any number of lines, and tables; in DocumentReader+Values.swift

  /// Hands over the text of one value of JSON, which is an object with the text field or a string.
  func deliverValue(
    _ value: Range<Int>, _ body: (Piece) throws(GraftError) -> Void
  ) throws(GraftError) {
    var text: [UInt8] = []
    var failure: GraftError?
    buffer.withUnsafeBytes { bytes in
      let value = UnsafeRawBufferPointer(rebasing: bytes[value])
      do throws(GraftError) {
        text = value.first == UInt8(ascii: "\"") ? try string(value) : try textField(of: value)
      } catch { failure = error }
    }
    if let failure { throw failure }
    if !text.isEmpty { try deliver(text, endsDocument: true, body) }
  }

  private func string(_ value: UnsafeRawBufferPointer) throws(GraftError) -> [UInt8] {
    var scanner = JSONScanner(value)
    scanner.replacesUnpairedSurrogates = options.invalidUTF8 != .error
    var text: [UInt8] = []
    do throws(JSONSyntaxError) { try scanner.string(into: &text) } catch {
      throw error.graftError(in: value, file: name, firstLine: lineNumber)
    }
    return text
  }

  // MARK: Helpers

  /// The end of the line that starts at `start` (its line feed, or the end of the text), which is not before
  /// `searchFrom`; nil if the end is not in the buffer yet or there is no line.
  private func lineEnd(of start: Int, searchFrom: Int, _ isAtEnd: Bool) -> Int? {
    guard start < buffer.count else { return nil }
    let found = buffer.withUnsafeBytes { bytes -> Int? in
      guard let base = bytes.baseAddress, searchFrom < bytes.count,
        let place = memchr(base + searchFrom, 0x0A, bytes.count - searchFrom)
      else { return nil }
      return UnsafeRawPointer(place) - base
    }
    return found ?? (isAtEnd ? buffer.count : nil)
  }

  private func deliver(
    _ range: Range<Int>, endsDocument: Bool, _ body: (Piece) throws(GraftError) -> Void
  ) throws(GraftError) {
    var failure: GraftError?
    buffer.withUnsafeBytes { bytes in
      let piece = UnsafeRawBufferPointer(rebasing: bytes[range])
      do throws(GraftError) {
        try check(piece, offset: bufferOffset + range.lowerBound, endsDocument, body)
      } catch { failure = error }
    }
    if let failure { throw failure }
  }

  func deliver(
    _ text: [UInt8], endsDocument: Bool, _ body: (Piece) throws(GraftError) -> Void
  ) throws(GraftError) {
    var failure: GraftError?
    text.withUnsafeBytes { bytes in
      do throws(GraftError) { try check(bytes, offset: nil, endsDocument, body) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  private func check(
    _ bytes: UnsafeRawBufferPointer, offset: Int?, _ endsDocument: Bool,
    _ body: (Piece) throws(GraftError) -> Void
  ) throws(GraftError) {
    guard options.invalidUTF8 != .accept, let invalid = UTF8Decoding.firstInvalid(in: bytes) else {
      try body(Piece(bytes: bytes, endsDocument: endsDocument))
      return
    }
    guard options.invalidUTF8 != .error else {
      let place = offset.map { "at byte \($0 + invalid)" } ?? "at byte \(invalid) of the text field"
      throw GraftError(
        .badData, "'\(name)' is not UTF-8 \(place) (0x\(String(bytes[invalid], radix: 16)))",
        hint: "what is not UTF-8 is read as Western European text with `invalid-utf8:` windows-1252, kept with accept,"
          + " repaired with replace; other encodings are converted by `iconv -t UTF-8`.",
        location: form != .text ? SourceLocation(file: name, line: lineNumber) : nil)
    }
    let repaired =
      options.invalidUTF8 == .windows1252
      ? TextEncoding.windows1252.utf8(bytes) : Array(String(decoding: bytes, as: UTF8.self).utf8)
    var failure: GraftError?
    repaired.withUnsafeBytes { bytes in
      do throws(GraftError) {
        try body(Piece(bytes: bytes, endsDocument: endsDocument))
      } catch { failure = error }
    }
    if let failure { throw failure }
  }
}
