#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// A row of a table with separators, as its cells.
public struct DelimitedRecord: Sendable {
  /// The line it begins on, from 1.
  public private(set) var line = 0
  private var bytes: [UInt8] = []
  private var ends: [Int] = []

  /// A row without cells.
  public init() {}

  /// How many cells the row has.
  public var count: Int { ends.count }

  /// What a cell holds, its quotation marks undone.
  public subscript(index: Int) -> ArraySlice<UInt8> {
    bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
  }

  fileprivate var byteCount: Int { bytes.count }

  fileprivate mutating func begin(line: Int) {
    self.line = line
    bytes.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
  }

  fileprivate mutating func append(_ byte: UInt8) { bytes.append(byte) }
  fileprivate mutating func append(_ part: UnsafeBufferPointer<UInt8>) { bytes.append(contentsOf: part) }
  fileprivate mutating func endCell() { ends.append(bytes.count) }
}

/// Reads tables whose cells have a tab, a comma or the like between them, strictly: whatever would lose or misplace
/// text is an error with its line. An empty line is no row.
///
/// Memory: one row, of at most 64 MiB and 65,536 cells.
public struct DelimitedRecords {
  static let mostCells = 1 << 16
  private static let (quote, feed, carriageReturn) = (UInt8(ascii: "\""), UInt8(0x0A), UInt8(0x0D))

  private let path: String
  private let separator: UInt8
  private let isQuoted: Bool
  private var record = DelimitedRecord()
  /// The line of the quotation mark that is open.
  private var opening: Int?
  /// Of a row on several lines: whether each of them alone would be a row, which a stray quotation mark makes likely.
  private var lineCells: [Int] = []
  private var width: Int?
  private var runsOver: [Int] = []

  /// - Parameter quoted: whether a cell that begins with a quotation mark ends with one, and may hold separators and
  ///   line feeds in between.
  public init(path: String, separator: UInt8, quoted: Bool) {
    self.path = path
    self.separator = separator
    isQuoted = quoted
  }

  /// Hands over one row after the other.
  /// - Throws: `.badData` with the line for a quoted cell that never ends or goes on behind its end, for a zero, for a
  ///   carriage return within a line, for a row that is too long; and what `body` throws.
  public mutating func forEach(
    _ lines: LineReader, _ body: (DelimitedRecord) throws(GraftError) -> Void
  ) throws(GraftError) {
    var reader = self
    try lines.forEachLine { (line, number) throws(GraftError) in
      let isWhole = try reader.add(line, number)
      guard isWhole else { return }
      if reader.record.count > 1 || !reader.record[0].isEmpty {
        try reader.checkLines()
        if reader.width == nil { reader.width = reader.record.count }
        try body(reader.record)
      }
    }
    if let opening = reader.opening {
      throw reader.error(
        "a quoted field is never closed", opening,
        hint: "if the file's quotation marks are just text, set `quoted: false`.")
    }
    if let first = reader.runsOver.first {
      let count = reader.runsOver.count
      Notices.post(
        "\(path):\(first): a quotation mark joins lines that look like rows"
          + (count > 1 ? ", as in \(count - 1) further places" : "")
          + "; if quotation marks are just text, set `quoted: false`")
    }
  }

  private func error(_ message: String, _ line: Int, hint: String) -> GraftError {
    GraftError(.badData, message, hint: hint, location: SourceLocation(file: path, line: line))
  }

  /// - Returns: whether the row ends with this line.
  private mutating func add(_ line: ArraySlice<UInt8>, _ number: Int) throws(GraftError) -> Bool {
    var failure: GraftError?
    var isWhole = true
    line.withUnsafeBufferPointer { bytes in
      do throws(GraftError) { isWhole = try add(bytes, number) } catch { failure = error }
    }
    if let failure { throw failure }
    return isWhole
  }

  private mutating func add(
    _ bytes: UnsafeBufferPointer<UInt8>, _ number: Int
  ) throws(GraftError) -> Bool {
    func place(of byte: UInt8, from start: Int, to end: Int) -> Int? {
      guard start < end, let base = bytes.baseAddress,
        let found = memchr(base + start, Int32(byte), end - start)
      else { return nil }
      return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }
    func part(_ start: Int, _ end: Int) -> UnsafeBufferPointer<UInt8> {
      UnsafeBufferPointer(rebasing: bytes[start..<end])
    }
    if place(of: 0, from: 0, to: bytes.count) != nil {
      throw error(
        "the line has a zero byte", number, hint: "is the file text? UTF-16 is recognised where it begins.")
    }
    var position = 0
    if opening == nil {
      record.begin(line: number)
      lineCells = []
    } else {
      record.append(Self.feed)
    }
    if isQuoted { lineCells.append(1 + bytes.count { $0 == separator }) }
    var isBehindQuote = false
    while true {
      if let line = opening {
        guard let mark = place(of: Self.quote, from: position, to: bytes.count) else {
          record.append(part(position, bytes.count))
          guard record.byteCount <= LineReader.longest else {
            throw error(
              "a quoted field is longer than \(LineReader.longest >> 20) MiB", line,
              hint: "if the file's quotation marks are just text, set `quoted: false`.")
          }
          return false
        }
        record.append(part(position, mark))
        position = mark + 1
        if position < bytes.count, bytes[position] == Self.quote {
          record.append(part(mark, position))
          position += 1
        } else {
          opening = nil
          isBehindQuote = true
        }
        continue
      }
      if isQuoted, !isBehindQuote, position < bytes.count, bytes[position] == Self.quote {
        opening = number
        position += 1
        continue
      }
      let next = place(of: separator, from: position, to: bytes.count)
      var end = next ?? bytes.count
      if next == nil, end > position, bytes[end - 1] == Self.carriageReturn { end -= 1 }
      if isBehindQuote, end > position {
        throw error(
          "text follows the closing quotation mark of a field", number,
          hint: "a quotation mark within a quoted field is written twice; "
            + "if the file's quotation marks are just text, set `quoted: false`.")
      }
      if place(of: Self.carriageReturn, from: position, to: end) != nil {
        throw error(
          "a carriage return stands within the line", number,
          hint: "is it meant as the end of a line? `tr '\\r' '\\n'` makes it one.")
      }
      record.append(part(position, end))
      record.endCell()
      guard record.count <= Self.mostCells else {
        throw error(
          "the row has more than \(Self.mostCells) columns", number, hint: "is the separator right?")
      }
      guard let next else { return true }
      position = next + 1
      isBehindQuote = false
    }
  }

  /// Looks at a row of several lines each of which has as many separators as a row.
  private mutating func checkLines() throws(GraftError) {
    guard lineCells.count > 1, let width, width > 1, lineCells.allSatisfy({ $0 == width }) else { return }
    guard separator == UInt8(ascii: "\t") else {
      // Commas are in texts, too.
      runsOver.append(record.line)
      return
    }
    throw error(
      "a quotation mark joins \(lineCells.count) lines that look like rows", record.line,
      hint: "if the file's quotation marks are just text, set `quoted: false`.")
  }
}
