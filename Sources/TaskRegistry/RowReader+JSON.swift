import Support

extension RowReader {
  /// Rows of JSON, in lines or as one value, as the text has it: which of the two a file is called is often wrong.
  /// Those of Parquet come as lines.
  func jsonRows(_ settings: SourceSettings) throws(GraftError) -> [RawRow] {
    if settings.format == .parquet {
      try checkParquet()
      return try jsonLines(settings.records)
    }
    let isDeclaredLines = settings.format == .jsonl
    let isLines = try beginsWithLine()
    guard let isLines, isLines != isDeclaredLines else {
      return isDeclaredLines ? try jsonLines(settings.records) : try json(settings.records)
    }
    Notices.post("\(path): read as \(isLines ? "JSON lines" : "a JSON array"), which it is")
    return isLines ? try jsonLines(settings.records) : try json(settings.records)
  }

  /// - Throws: `.badData` for a file that is something else.
  func checkParquet() throws(GraftError) {
    guard try MappedFile(path).withBytes(ParquetRows.isParquet) else {
      throw GraftError(.badData, "the file is not Parquet", location: SourceLocation(file: path))
    }
  }

  /// Whether the text begins with an object that ends where a line ends and another begins (true), or with an array
  /// (false); nil if it may be either.
  private func beginsWithLine() throws(GraftError) -> Bool? {
    let input = try input()
    var start: [UInt8] = []
    while start.count < 1 << 20, try input.read(into: &start) {}
    return start.withUnsafeBytes { bytes in
      var scanner = JSONScanner(bytes)
      switch scanner.peek() {
      case UInt8(ascii: "["): return false
      case UInt8(ascii: "{"):
        guard (try? scanner.skipValue()) != nil, scanner.peek() == UInt8(ascii: "{") else { return nil }
        return true
      default: return nil
      }
    }
  }

  /// One JSON value per line, whose rows `records` leads to.
  private func jsonLines(_ records: String?) throws(GraftError) -> [RawRow] {
    var rows: [RawRow] = []
    try eachLine { (cell, line) throws(GraftError) in
      if cell.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }) { return }
      var failure: GraftError?
      cell.withUnsafeBytes { text in
        do throws(GraftError) {
          let object = try parsed(text, firstLine: line, hint: nil)
          guard case .object = object.kind else {
            throw GraftError(.badData, "the line is not a JSON object", location: location(line))
          }
          try collect(object, records, into: &rows) { _ in line }
        } catch { failure = error }
      }
      if let failure { throw failure }
    }
    return rows
  }

  /// One JSON value in all: an array of objects, or whatever `records` leads to rows from.
  private func json(_ records: String?) throws(GraftError) -> [RawRow] {
    let bytes = try text()
    var rows: [RawRow] = []
    // Rows come in the order of the text, so lines are counted once.
    var (line, counted) = (1, 0)
    func lineNumber(_ offset: Int) -> Int {
      if offset < counted { (line, counted) = (1, 0) }
      while counted < offset {
        if bytes[counted] == UInt8(ascii: "\n") { line += 1 }
        counted += 1
      }
      return line
    }
    var failure: GraftError?
    bytes.withUnsafeBytes { bytes in
      do throws(GraftError) {
        var scanner = JSONScanner(bytes)
        guard scanner.peek() == UInt8(ascii: "[") else {
          let value = try parsed(bytes, firstLine: 1, hint: "`format: jsonl` reads one object per line.")
          guard records != nil else {
            throw GraftError(
              .badData, "not a JSON array of objects",
              hint: "`records` says where in an object the rows are.", location: location(1))
          }
          return try collect(value, records, into: &rows, line: lineNumber)
        }
        // An element at a time, so that there is never a tree of the whole.
        var wrong: GraftError?
        do throws(JSONSyntaxError) {
          try scanner.forEachElement { (scanner) throws(JSONSyntaxError) in
            let value = try scanner.value(depth: 1)
            do throws(GraftError) { try collect(value, records, into: &rows, line: lineNumber) } catch {
              wrong = wrong ?? error
            }
          }
          try scanner.expectEnd()
        } catch {
          throw error.graftError(
            in: bytes, file: path, hint: "`format: jsonl` reads one object per line.")
        }
        if let wrong { throw wrong }
      } catch { failure = error }
    }
    if let failure { throw failure }
    return rows
  }

  func parsed(
    _ text: UnsafeRawBufferPointer, firstLine: Int, hint: String?
  ) throws(GraftError) -> JSONValue {
    do throws(JSONSyntaxError) {
      return try JSONValue(parsing: text)
    } catch {
      throw error.graftError(in: text, file: path, firstLine: firstLine, hint: hint)
    }
  }

  /// Appends the rows that the path leads to from a value; lists on the way are gone through.
  private func collect(
    _ value: JSONValue, _ records: String?, into rows: inout [RawRow], line: (Int) -> Int
  ) throws(GraftError) {
    let path = records.map { $0.split(atEach: ".").filter { !$0.isEmpty } } ?? []
    try collect(value, path[...], around: [], into: &rows, line: line)
  }

  private func collect(
    _ value: JSONValue, _ path: ArraySlice<String>, around: [JSONValue], into rows: inout [RawRow],
    line: (Int) -> Int
  ) throws(GraftError) {
    switch value.kind {
    case .array(let elements):
      for element in elements { try collect(element, path, around: around, into: &rows, line: line) }
    case .object(let members):
      guard let key = path.first else {
        let line = line(value.offset)
        rows.append(RawRow(line: line, values: try values([value] + around, line: line)))
        return
      }
      guard let member = members.first(where: { $0.key.isExactly(key) }) else {
        throw missing(key, members.map(\.key), line: line(value.offset))
      }
      try collect(member.value, path.dropFirst(), around: [value] + around, into: &rows, line: line)
    default:
      throw GraftError(
        .badData, "expected an object or a list of objects, got \(value.kind.name)",
        hint: "`records` says where the rows are.", location: location(line(value.offset)))
    }
  }

  /// The wanted columns, each looked for in the innermost object first, then in those around it.
  private func values(_ scopes: [JSONValue], line: Int) throws(GraftError) -> [String] {
    var result: [String] = []
    for column in columns {
      var found: String?
      for scope in scopes where found == nil { found = try text(of: column, in: scope, line: line) }
      guard let found else {
        throw missing(column, scopes.flatMap { Self.keys(of: $0) }, line: line)
      }
      result.append(found)
    }
    return result
  }

  private func missing(_ key: String, _ known: [String], line: Int) -> GraftError {
    return GraftError.unknownName(
      "key", key, known: known.exactlyDistinct, location: location(line), code: .badData)
  }

  private static func keys(of value: JSONValue) -> [String] {
    if case .object(let members) = value.kind { members.map(\.key) } else { [] }
  }

  /// What a key or a path such as `answers.0.text` leads to, as text; `*` takes every element, a line each.
  func text(of column: String, in value: JSONValue, line: Int) throws(GraftError) -> String? {
    if case .object(let members) = value.kind, let member = members.first(where: { $0.key.isExactly(column) }) {
      return try text(member.value, column, line: line)
    }
    let path = column.split(atEach: ".").filter { !$0.isEmpty }
    guard let found = Self.values(at: path[...], in: value) else { return nil }
    var texts: [String] = []
    for value in found { texts.append(try text(value, column, line: line)) }
    return texts.joined(separator: "\n")
  }

  private static func values(at path: ArraySlice<String>, in value: JSONValue) -> [JSONValue]? {
    guard let key = path.first else { return [value] }
    switch value.kind {
    case .object(let members):
      guard let member = members.first(where: { $0.key.isExactly(key) }) else { return nil }
      return values(at: path.dropFirst(), in: member.value)
    case .array(let elements):
      if key == "*" {
        var result: [JSONValue] = []
        for element in elements {
          guard let found = values(at: path.dropFirst(), in: element) else { return nil }
          result += found
        }
        return result
      }
      guard let index = Int(key), elements.indices.contains(index) else { return nil }
      return values(at: path.dropFirst(), in: elements[index])
    default: return nil
    }
  }

  private func text(_ value: JSONValue, _ column: String, line: Int) throws(GraftError) -> String {
    switch value.kind {
    case .string(let text): return text
    case .boolean(let value): return value ? "true" : "false"
    case .number(let number): return Int(exactly: number).map(String.init) ?? String(number)
    case .null, .array, .object:
      throw GraftError(
        .badData, "key '\(column)' holds \(value.kind.name), neither text nor a number nor true or false",
        location: location(line))
    }
  }
}
