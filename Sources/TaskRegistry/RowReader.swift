import Foundation
import Support

/// A row as its file has it: the values of the wanted columns, in the order they were asked for.
struct RawRow {
  /// The line it begins on, from 1.
  var line: Int
  var values: [String]
}

/// Reads the wanted columns of a file's rows. Gzip is undone, UTF-16 converted, a byte-order mark dropped, CR LF taken
/// for LF.
///
/// Memory: the wanted columns of every row, and of tables, lines and blocks one row and a piece of a mebibyte; of JSON
/// and XML the text of the whole file and, of JSON, one element of its outermost array as a tree. A line, cell or value
/// is at most 64 MiB long, and gzip may become 64 times as long, or 64 MiB.
struct RowReader {
  let path: String
  let columns: [String]
  let encoding: TextEncoding

  init(path: String, columns: [String], encoding: TextEncoding = .utf8) {
    self.path = path
    self.columns = columns
    self.encoding = encoding
  }

  /// - Throws: `.badData` with the line for what is not of the format or lacks a column.
  func rows(_ settings: SourceSettings) throws(GraftError) -> [RawRow] {
    let format = settings.format ?? .tsv
    let header = settings.header ?? true
    let rows =
      switch format {
      case .tsv: try delimited(UInt8(ascii: "\t"), settings, header: header)
      case .csv: try delimited(UInt8(ascii: ","), settings, header: header)
      case .jsonl, .json, .parquet: try jsonRows(settings)
      case .xml: try xml(element: settings.records ?? "")
      case .text: try textLines()
      case .blocks: try blocks()
      case .documents: [try document()]
      }
    // Without a header nobody could say that the columns are there.
    if rows.isEmpty, header, format == .tsv || format == .csv, try TextInput(path).isEmpty {
      throw GraftError(.badData, "the file is empty", hint: "is it cut short?", location: location(1))
    }
    return rows
  }

  /// Opens the file, and says where it should stand if it is not there.
  func input() throws(GraftError) -> TextInput {
    do {
      return try TextInput(path, convertsText: encoding == .utf8)
    } catch {
      var error = error
      if error.code == .missingInput { error.hint = "it should stand beside the task's definition." }
      throw error
    }
  }

  /// The whole text, for formats that are not read by lines.
  func text() throws(GraftError) -> [UInt8] {
    let input = try input()
    var bytes: [UInt8] = []
    while try input.read(into: &bytes) {}
    return encoding.utf8(bytes)
  }

  // MARK: Delimited text

  /// - Throws: `.badData` with the line for a row with more or fewer columns than the header, or than the first row
  ///   where there is no header; for a wanted column that the header lacks or has twice.
  private func delimited(
    _ separator: UInt8, _ settings: SourceSettings, header: Bool
  ) throws(GraftError) -> [RawRow] {
    var rows: [RawRow] = []
    var indices: [Int]? = header ? nil : try columns.map(numberedColumn)
    var width: Int?
    var records = DelimitedRecords(path: path, separator: separator, quoted: settings.isQuoted)
    try records.forEach(LineReader(try input())) { (record) throws(GraftError) in
      let expected = width ?? record.count
      width = expected
      guard let known = indices else {
        indices = try self.indices(inHeader: record)
        return
      }
      var values: [String] = []
      values.reserveCapacity(known.count)
      for (index, column) in zip(known, columns) {
        guard index < record.count else {
          throw GraftError(
            .badData,
            "column \(index + 1) ('\(column)') is missing: the row has \(Self.counted(record.count))",
            hint: settings.isQuoted
              ? "is the separator right?"
              : "columns are separated by single tabs; `quoted: true` undoes quotation marks.",
            location: location(record.line))
        }
        values.append(try cell(record, index))
      }
      guard record.count == expected || settings.ragged == true || !header && record.count < expected else {
        throw GraftError(
          .badData,
          "the row has \(Self.counted(record.count)), \(header ? "the header" : "the first row") \(expected)",
          hint: record.count > expected
            ? "does a text hold the separator? It is quoted then, or escaped otherwise; "
              + "`ragged: true` reads over what is too much."
            : "is the row cut short? `ragged: true` reads rows with fewer columns.",
          location: location(record.line))
      }
      rows.append(RawRow(line: record.line, values: values))
    }
    return rows
  }

  func cell(_ record: DelimitedRecord, _ index: Int) throws(GraftError) -> String {
    let cell = record[index]
    return try text(encoding == .utf8 ? cell : encoding.utf8(Array(cell))[...], line: record.line)
  }

  private static func counted(_ count: Int) -> String { "\(count) column\(count == 1 ? "" : "s")" }

  private func numberedColumn(_ column: String) throws(GraftError) -> Int {
    guard let number = Int(column), number >= 1 else {
      throw GraftError(
        .badData, "column '\(column)' is named, but the file has no header",
        hint: "give its number, from 1, or set `header: true`.", location: location(1))
    }
    return number - 1
  }

  private func indices(inHeader record: DelimitedRecord) throws(GraftError) -> [Int] {
    var names: [String] = []
    for index in 0..<record.count { names.append(try cell(record, index)) }
    var result: [Int] = []
    for column in columns {
      let found = names.indices.filter { names[$0].isExactly(column) }
      if found.count > 1 {
        throw GraftError(
          .badData,
          "\(found.count) columns are called '\(column)': \(found.map { "\($0 + 1)" }.joined(separator: ", "))",
          hint: "rename one of them, or give the number of the one that is meant.",
          location: location(record.line))
      }
      if let index = found.first {
        result.append(index)
      } else if let number = Int(column), number >= 1 {
        result.append(number - 1)
      } else {
        var error = GraftError.unknownName(
          "column", column, known: names, location: location(record.line), code: .badData)
        if let other = otherFormat(record) { error.hint = "\(error.hint ?? "") \(other)" }
        throw error
      }
    }
    return result
  }

  /// What a header of one column looks like instead.
  private func otherFormat(_ record: DelimitedRecord) -> String? {
    guard record.count == 1 else { return nil }
    switch record[0].first {
    case UInt8(ascii: "{"): return "The file looks like JSON lines: `format: jsonl`."
    case UInt8(ascii: "["): return "The file looks like JSON: `format: json`."
    default: break
    }
    if record[0].contains(UInt8(ascii: ",")) { return "The line has commas: `format: csv`?" }
    return record[0].contains(UInt8(ascii: "\t")) ? "The line has tabs: `format: tsv`?" : nil
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
    for name in names.sortedByBytes where !name.hasPrefix(".") {
      let path = Paths.join(folder, name)
      let reader = RowReader(path: path, columns: columns, encoding: settings.encoding ?? .utf8)
      rows += try reader.rows(settings)
    }
    return rows
  }

  /// The whole text as the one line of a row.
  private func document() throws(GraftError) -> RawRow { try numbered([try text()[...]], line: 1) }

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

  /// Every line without its end.
  func eachLine(_ body: (ArraySlice<UInt8>, Int) throws(GraftError) -> Void) throws(GraftError) {
    var count = 0
    var hasReturn = false
    try LineReader(try input()).forEachLine { (line, number) throws(GraftError) in
      let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      count = number
      if number == 1 { hasReturn = line.contains(UInt8(ascii: "\r")) }
      try body(encoding == .utf8 ? line : encoding.utf8(Array(line))[...], number)
    }
    guard count == 1, hasReturn else { return }
    throw GraftError(
      .badData, "the lines end in carriage returns alone", hint: "`tr '\\r' '\\n'` makes lines of them.",
      location: location(1))
  }

  // MARK: Pieces

  func text(_ cell: ArraySlice<UInt8>, line: Int) throws(GraftError) -> String {
    guard !cell.contains(0) else {
      throw GraftError(
        .badData, "the text has a zero byte", hint: "is the file text?", location: location(line))
    }
    guard let text = String(validating: cell, as: UTF8.self) else {
      throw GraftError(
        .badData, "not valid UTF-8", hint: "convert the file, for instance with iconv.",
        location: location(line))
    }
    return text
  }

  func location(_ line: Int) -> SourceLocation { SourceLocation(file: path, line: line) }
}
