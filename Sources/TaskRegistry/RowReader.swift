import Foundation
import Support

/// A row as its file has it: the values of the wanted columns, in the order they were asked for.
struct RawRow {
  /// The line it begins on, from 1.
  var line: Int
  var values: [String]
}

/// Reads the wanted columns of a file's rows. Gzip is undone, a byte-order mark dropped, CR LF taken for LF.
struct RowReader {
  let path: String
  let columns: [String]
  let bytes: [UInt8]

  init(path: String, columns: [String], encoding: TextEncoding = .utf8) throws(GraftError) {
    self.path = path
    self.columns = columns
    let content: [UInt8]
    do {
      content = try FileContents.read(path)
    } catch {
      var error = error
      if error.code == .missingInput { error.hint = "it should stand beside the task's definition." }
      throw error
    }
    bytes = encoding.utf8(content.starts(with: [0xef, 0xbb, 0xbf]) ? Array(content.dropFirst(3)) : content)
  }

  /// - Throws: `.badData` with the line for what is not of the format or lacks a column.
  func rows(_ settings: SourceSettings) throws(GraftError) -> [RawRow] {
    switch settings.format ?? .tsv {
    case .tsv:
      try delimited(
        separator: UInt8(ascii: "\t"), quoted: settings.isQuoted, header: settings.header ?? true)
    case .csv:
      try delimited(
        separator: UInt8(ascii: ","), quoted: settings.isQuoted, header: settings.header ?? true)
    case .jsonl: try jsonLines(records: settings.records)
    case .json: try json(records: settings.records)
    case .xml: try xml(element: settings.records ?? "")
    case .text: try textLines()
    case .blocks: try blocks()
    case .documents: [try document()]
    }
  }

  // MARK: Delimited text

  /// - Throws: `.badData` with the line for a row with too few columns or a column the header lacks.
  func delimited(separator: UInt8, quoted: Bool, header: Bool) throws(GraftError) -> [RawRow] {
    var rows: [RawRow] = []
    var indices: [Int]? = header ? nil : try columns.map(numberedColumn)
    var position = 0
    var line = 1
    while position < bytes.count {
      let start = line
      let cells = try record(
        from: &position, line: &line, separator: separator, quoted: quoted)
      // An empty line separates nothing; files often end in one.
      if cells.count == 1, cells[0].isEmpty { continue }
      guard let known = indices else {
        indices = try self.indices(inHeader: cells, line: start)
        continue
      }
      var values: [String] = []
      values.reserveCapacity(known.count)
      for (index, column) in zip(known, columns) {
        guard index < cells.count else {
          throw GraftError(
            .badData,
            "column \(index + 1) ('\(column)') is missing: the row has \(cells.count) "
              + (cells.count == 1 ? "column" : "columns"),
            hint: quoted
              ? "is the separator right?"
              : "columns are separated by single tabs; `quoted: true` undoes quotation marks.",
            location: location(start))
        }
        values.append(try text(cells[index], line: start))
      }
      rows.append(RawRow(line: start, values: values))
    }
    return rows
  }

  private func numberedColumn(_ column: String) throws(GraftError) -> Int {
    guard let number = Int(column), number >= 1 else {
      throw GraftError(
        .badData, "column '\(column)' is named, but the file has no header",
        hint: "give its number, from 1, or set `header: true`.", location: location(1))
    }
    return number - 1
  }

  private func indices(
    inHeader cells: [ArraySlice<UInt8>], line: Int
  ) throws(GraftError) -> [Int] {
    var names: [String] = []
    for cell in cells { names.append(try text(cell, line: line)) }
    var result: [Int] = []
    for column in columns {
      if let index = names.firstIndex(of: column) {
        result.append(index)
      } else if let number = Int(column), number >= 1 {
        result.append(number - 1)
      } else {
        throw GraftError.unknownName("column", column, known: names, location: location(line), code: .badData)
      }
    }
    return result
  }

  /// The cells of the record at `position`, which moves behind it.
  private func record(
    from position: inout Int, line: inout Int, separator: UInt8, quoted: Bool
  ) throws(GraftError) -> [ArraySlice<UInt8>] {
    let newline = UInt8(ascii: "\n")
    let quote = UInt8(ascii: "\"")
    var cells: [ArraySlice<UInt8>] = []
    while true {
      if quoted, position < bytes.count, bytes[position] == quote {
        let opening = line
        var cell: [UInt8] = []
        position += 1
        while true {
          guard position < bytes.count else {
            throw GraftError(
              .badData, "a quoted field is never closed",
              hint: "if the file's quotation marks are just text, set `quoted: false`.",
              location: location(opening))
          }
          let byte = bytes[position]
          position += 1
          if byte == quote {
            guard position < bytes.count, bytes[position] == quote else { break }
            position += 1
          } else if byte == newline {
            line += 1
          }
          cell.append(byte)
        }
        // Whatever follows the closing mark up to the separator belongs to the cell as it stands.
        cell += cellEnd(from: &position, separator: separator)
        cells.append(cell[...])
      } else {
        cells.append(cellEnd(from: &position, separator: separator))
      }
      if position >= bytes.count { break }
      let byte = bytes[position]
      position += 1
      if byte == newline {
        line += 1
        break
      }
    }
    return cells
  }

  /// The bytes up to the next separator or line end, without a carriage return before the latter.
  private func cellEnd(from position: inout Int, separator: UInt8) -> ArraySlice<UInt8> {
    let start = position
    var end = start
    bytes.withUnsafeBufferPointer { bytes in
      while end < bytes.count, bytes[end] != separator, bytes[end] != UInt8(ascii: "\n") { end += 1 }
    }
    position = end
    let isLineEnd = end == bytes.count || bytes[end] == UInt8(ascii: "\n")
    if isLineEnd, end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return bytes[start..<end]
  }

  // MARK: Folders

  /// Every file of a folder is a row, in the order of their names; hidden ones aside.
  ///
  /// - Throws: as for one file.
  static func documents(
    in folder: String, columns: [String], _ settings: SourceSettings
  ) throws(GraftError) -> [RawRow] {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      throw GraftError(
        .badData, "not a folder", hint: "`format: documents` reads every file of a folder.",
        location: SourceLocation(file: folder))
    }
    var rows: [RawRow] = []
    for name in names.sorted() where !name.hasPrefix(".") {
      let path = Paths.join(folder, name)
      let reader = try RowReader(path: path, columns: columns, encoding: settings.encoding ?? .utf8)
      rows += try reader.rows(settings)
    }
    return rows
  }

  /// The whole text as the one line of a row.
  private func document() throws(GraftError) -> RawRow { try numbered([bytes[...]], line: 1) }

  // MARK: Lines

  /// Every line is a row.
  func textLines() throws(GraftError) -> [RawRow] {
    var rows: [RawRow] = []
    try eachLine { (cell, line) throws(GraftError) in
      if !cell.isEmpty { rows.append(try numbered([cell], line: line)) }
    }
    return rows
  }

  /// What stands between empty lines is a row; its lines are its columns.
  func blocks() throws(GraftError) -> [RawRow] {
    var rows: [RawRow] = []
    var cells: [ArraySlice<UInt8>] = []
    var first = 1
    try eachLine { (cell, line) throws(GraftError) in
      if cell.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }) {
        if !cells.isEmpty { rows.append(try numbered(cells, line: first)) }
        cells = []
        first = line + 1
      } else {
        cells.append(cell)
      }
    }
    if !cells.isEmpty { rows.append(try numbered(cells, line: first)) }
    return rows
  }

  /// The wanted ones of lines that go by their number.
  private func numbered(_ cells: [ArraySlice<UInt8>], line: Int) throws(GraftError) -> RawRow {
    var values: [String] = []
    for column in columns {
      let index = try numberedColumn(column)
      guard index < cells.count else {
        throw GraftError(
          .badData, "line \(column) of the row is missing: it has \(cells.count)",
          hint: "rows are groups of lines with an empty line between them.", location: location(line))
      }
      values.append(try text(cells[index], line: line))
    }
    return RawRow(line: line, values: values)
  }

  func eachLine(_ body: (ArraySlice<UInt8>, Int) throws(GraftError) -> Void) throws(GraftError) {
    var position = 0
    var line = 1
    while position < bytes.count {
      let cell = cellEnd(from: &position, separator: UInt8(ascii: "\n"))
      try body(cell, line)
      position += 1
      line += 1
    }
  }

  // MARK: Pieces

  private func text(_ cell: ArraySlice<UInt8>, line: Int) throws(GraftError) -> String {
    guard let text = String(validating: cell, as: UTF8.self) else {
      throw GraftError(
        .badData, "not valid UTF-8", hint: "convert the file, for instance with iconv.",
        location: location(line))
    }
    return text
  }

  func location(_ line: Int) -> SourceLocation { SourceLocation(file: path, line: line) }
}
