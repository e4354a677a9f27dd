import Support

/// One of a person's own rows, of which nobody said what is right.
public struct UnlabelledRow: Sendable, Hashable {
  /// From 0 in the order of the file.
  public var index: Int
  /// The line it begins on, from 1.
  public var line: Int
  /// What the file calls it: its column `id`, `idx` or `index`; nil without one.
  public var identifier: String?
  /// The task's fields as the file has them.
  public var fields: [String: String]

  /// A row of a file that names none of its rows, by default the first.
  public init(_ fields: [String: String], index: Int = 0, line: Int = 1, identifier: String? = nil) {
    (self.fields, self.index, self.line, self.identifier) = (fields, index, line, identifier)
  }
}

/// Rows of a person's own, read one after the other: tables, JSON lines, or plain lines for a task with one field.
/// Memory: a row and a piece of a mebibyte, whatever the size of the file.
///
/// A column is found by the name of the task's field, by the one that the task's own files have for it, or by what the
/// person says.
public struct UnlabelledRows: Sendable {
  /// How rows are written.
  public enum Format: String, Sendable, CaseIterable {
    case tsv, csv, jsonl
    /// A row a line, of one field.
    case lines
  }

  /// What the columns of a table that tell rows apart are called.
  static let identifierColumns = ["id", "idx", "index"]

  private let path: String
  private let task: TaskDefinition
  /// As it was named or found out.
  public let format: Format
  /// Field to column, as a person says.
  private let columns: [String: String]
  private let hasHeader: Bool
  private let reader: RowReader

  /// - Parameters:
  ///   - path: may be gzip; `-` for standard input.
  ///   - format: nil to go by the name, then by the first line.
  ///   - columns: field to column, by name or number from 1.
  ///   - hasHeader: whether the first line of a table names the columns; without it they stand in the order of the
  ///     task's fields, or where `columns` says.
  /// - Throws: `.usage` for a format that does not hold the task's fields and for unknown fields; `.missingInput`;
  ///   `.badData` for a file that is no text.
  public init(
    _ path: String, of task: TaskDefinition, format: Format? = nil, columns: [String: String] = [:],
    hasHeader: Bool = true
  ) throws(GraftError) {
    (self.path, self.task, self.columns, self.hasHeader) = (path, task, columns, hasHeader)
    _ = try TextInput(path)
    let fields = task.rowFields
    for field in columns.keys.sorted() where !fields.all.contains(field) {
      throw .unknownName("field of task '\(task.name)'", field, known: fields.all)
    }
    self.format = if let format { format } else { try Self.format(of: path, fields: fields.needed) }
    reader = RowReader(path: path, columns: [])
    guard self.format != .lines || fields.needed.count == 1 else {
      throw GraftError(
        .usage,
        "plain lines hold one field, the task '\(task.name)' has \(fields.needed.count):"
          + " \(fields.needed.joined(separator: ", "))",
        hint: "give a table with these columns, or JSON lines with these keys.")
    }
  }

  /// By the name, else by the first line.
  private static func format(of path: String, fields: [String]) throws(GraftError) -> Format {
    switch RowFormat(endingOf: path) {
    case .tsv: return .tsv
    case .csv: return .csv
    case .jsonl, .parquet: return .jsonl
    default: break
    }
    var start: [UInt8] = []
    _ = try TextInput(path).read(into: &start)
    let line = start.prefix { $0 != UInt8(ascii: "\n") }
    switch line.first(where: { $0 != UInt8(ascii: " ") }) {
    case UInt8(ascii: "{"): return .jsonl
    case UInt8(ascii: "["):
      throw GraftError(
        .badData, "a JSON array; rows are read one a line", hint: "`jq -c '.[]' FILE` makes JSON lines of it.",
        location: SourceLocation(file: path, line: 1))
    default: break
    }
    if fields.count == 1, !line.contains(UInt8(ascii: "\t")) { return .lines }
    return line.contains(UInt8(ascii: "\t")) || !line.contains(UInt8(ascii: ",")) ? .tsv : .csv
  }

  /// Hands over the rows in groups of `size`, the last of which may be smaller.
  /// - Throws: `.badData` with the line for rows that cannot be used, naming the field that is missing; what `body`
  ///   throws.
  public func forEachGroup(
    of size: Int, _ body: ([UnlabelledRow]) throws(GraftError) -> Void
  ) throws(GraftError) {
    var group: [UnlabelledRow] = []
    var count = 0
    func take(_ line: Int, _ identifier: String?, _ fields: [String: String]) throws(GraftError) {
      group.append(UnlabelledRow(fields, index: count, line: line, identifier: identifier))
      count += 1
      guard group.count == size else { return }
      try body(group)
      group = []
    }
    switch format {
    case .lines: try lines(take)
    case .jsonl: try objects(take)
    case .tsv: try table(UInt8(ascii: "\t"), take)
    case .csv: try table(UInt8(ascii: ","), take)
    }
    if !group.isEmpty { try body(group) }
    guard count == 0 else { return }
    throw GraftError(
      .badData, "there are no rows", hint: "the file is empty, or has nothing but a header.",
      location: SourceLocation(file: path))
  }

  private typealias Take = (_ line: Int, _ identifier: String?, _ fields: [String: String]) throws(GraftError) -> Void

  /// Every line, also an empty one, so that line 7 of the answers belongs to line 7.
  private func lines(_ take: Take) throws(GraftError) {
    let field = task.rowFields.needed[0]
    try reader.eachLine { (cell, line) throws(GraftError) in
      try take(line, nil, [field: try reader.text(cell, line: line)])
    }
  }

  private func objects(_ take: Take) throws(GraftError) {
    let (all, needed) = task.rowFields
    try reader.eachLine { (cell, line) throws(GraftError) in
      if cell.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }) { return }
      var parsed: JSONValue?
      var failure: GraftError?
      cell.withUnsafeBytes { text in
        do throws(GraftError) { parsed = try reader.parsed(text, firstLine: line, hint: nil) } catch { failure = error }
      }
      if let failure { throw failure }
      guard let object = parsed, case .object(let members) = object.kind else {
        throw GraftError(
          .badData, "the line is not a JSON object", hint: "a line has an object with the task's fields.",
          location: reader.location(line))
      }
      var values: [String: String] = [:]
      for field in all {
        for key in task.columnNames(of: field, said: columns[field]) where values[field] == nil {
          values[field] = try reader.text(of: key, in: object, line: line)
        }
        guard values[field] == nil, needed.contains(field) else { continue }
        throw missing(field, "key", among: members.map(\.key), line: line)
      }
      let identifier = Self.identifierColumns.lazy.filter { values[$0] == nil }
        .compactMap { try? reader.text(of: $0, in: object, line: line) }.first
      try take(line, identifier, values)
    }
  }

  // MARK: Tables

  private func table(_ separator: UInt8, _ take: Take) throws(GraftError) {
    var places: [String: Int]? = hasHeader ? nil : try numberedPlaces()
    var identifierPlace: Int?
    var width: Int?
    var records = DelimitedRecords(path: path, separator: separator, quoted: format == .csv)
    try records.forEach(LineReader(try reader.input())) { (record) throws(GraftError) in
      guard let known = places else {
        var names: [String] = []
        for index in 0..<record.count { names.append(try reader.cell(record, index)) }
        let found = try self.places(inHeader: names, line: record.line)
        places = found
        identifierPlace = Self.identifierColumns.lazy.compactMap { names.exactIndex(of: $0) }
          .first { !found.values.contains($0) }
        width = record.count
        return
      }
      let expected = width ?? record.count
      width = expected
      guard record.count == expected else {
        throw GraftError(
          .badData,
          "the row has \(record.count) column\(record.count == 1 ? "" : "s"), the \(hasHeader ? "header" : "first row") \(expected)",
          hint: format == .csv
            ? "a text with commas stands in quotation marks."
            : "does a text hold a tab? JSON lines take any text.",
          location: reader.location(record.line))
      }
      var fields: [String: String] = [:]
      for (field, place) in known {
        guard place < record.count else {
          throw GraftError(
            .badData, "the field '\(field)' is missing: it is column \(place + 1), the row has \(record.count)",
            hint: "give the columns by `fields:`.", location: reader.location(record.line))
        }
        fields[field] = try reader.cell(record, place)
      }
      try take(
        record.line, try identifierPlace.map { (place) throws(GraftError) in try reader.cell(record, place) }, fields)
    }
  }

  /// Of a table without header: where a person says, else in the order of the task's fields.
  private func numberedPlaces() throws(GraftError) -> [String: Int] {
    let fields = task.rowFields
    var places: [String: Int] = [:]
    for (field, column) in columns {
      guard let number = Int(column), number >= 1 else {
        throw GraftError(
          .usage, "the field '\(field)' is in column '\(column)', but the table has no header",
          hint: "give the number of the column, from 1.")
      }
      places[field] = number - 1
    }
    guard columns.isEmpty else {
      if let field = fields.needed.first(where: { places[$0] == nil }) {
        throw GraftError(
          .usage, "`fields:` does not say which column is '\(field)'",
          hint: "the task needs \(fields.needed.joined(separator: ", ")).")
      }
      return places
    }
    for (index, field) in fields.needed.enumerated() { places[field] = index }
    return places
  }

  private func places(inHeader names: [String], line: Int) throws(GraftError) -> [String: Int] {
    let fields = task.rowFields
    var places: [String: Int] = [:]
    for field in fields.all {
      for name in task.columnNames(of: field, said: columns[field]) where places[field] == nil {
        places[field] = names.exactIndex(of: name)
      }
      if places[field] == nil, let number = columns[field].flatMap({ Int($0) }), number >= 1 {
        places[field] = number - 1
      }
      if places[field] == nil, fields.needed.contains(field) {
        throw missing(field, "column", among: names, line: line)
      }
    }
    return places
  }

  private func missing(_ field: String, _ kind: String, among names: [String], line: Int) -> GraftError {
    let said = columns[field]
    let wanted = said ?? field
    var error = GraftError.unknownName(
      kind, wanted, known: names, location: reader.location(line), code: .badData)
    error.message = "there is no \(kind) '\(wanted)' for the field '\(field)' of task '\(task.name)'"
    let isTable = kind == "column"
    error.hint =
      (error.hint.map { "\($0) " } ?? "") + "`fields:` \(field)=\(kind.uppercased()) says which it is"
      + (isTable ? "; `no-header:` reads a table whose first line is a row." : ".")
    return error
  }
}
