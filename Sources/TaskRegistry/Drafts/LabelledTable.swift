import Support

/// A table of examples that somebody has: its columns by name, and the cells of every row.
struct LabelledTable {
  struct Column {
    var name: String
    var values: [String]
    /// What its numbers stand for, from 0, where the file says so.
    var classNames: [String]?

    /// What a value stands for.
    func meaning(of value: String) -> String {
      guard let classNames, let number = Int(value), classNames.indices.contains(number) else { return value }
      return classNames[number]
    }

    /// Whether a value says that there is none: a row without a label has -1 where classes are numbers.
    func isMissing(_ value: String) -> Bool { value.isEmpty || classNames != nil && value == "-1" }

    /// The values that occur, the more frequent first, those as frequent in the order of their bytes.
    var counts: [(value: String, count: Int)] {
      var counts: [ByteString: Int] = [:]
      for value in values { counts[ByteString(value), default: 0] += 1 }
      return counts.map { ($0.key.text, $0.value) }
        .sorted { $0.1 == $1.1 ? $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) : $0.1 > $1.1 }
    }

    /// Of a value, on average.
    var meanWords: Double {
      Double(values.reduce(0) { $0 + $1.split(whereSeparator: \.isWhitespace).count }) / Double(max(1, values.count))
    }

    /// Whether all that is there are numbers.
    var isNumeric: Bool { values.allSatisfy { $0.isEmpty || Double($0)?.isFinite == true } }

    /// Whether it is whole numbers, each once, as programs number rows.
    var isCounter: Bool {
      let numbers = values.compactMap { Int($0) }
      return values.count > 1 && numbers.count == values.count && Set(numbers).count == numbers.count
    }
  }

  var columns: [Column]
  var format: RowFormat

  /// Reads a file whose first line names the columns, or JSON objects.
  /// - Throws: `.usage` for a name that says no format; what is wrong with the file, with its line; `.badData` for one
  ///   without rows.
  init(_ path: String) throws(GraftError) {
    guard let format = RowFormat(endingOf: path) else {
      throw GraftError(
        .usage, "the name of '\(path)' does not say how its rows are written",
        hint: "it must end in .tsv, .csv, .jsonl or .json, each also with .gz, or in .parquet.")
    }
    self.format = format
    if format == .parquet { try RowReader(path: path, columns: []).checkParquet() }
    let names = try Self.columnNames(path, format)
    var settings = SourceSettings()
    settings.format = format
    let rows = try RowReader(path: path, columns: names).rows(settings)
    guard !rows.isEmpty else {
      throw GraftError(
        .badData, "'\(path)' has no rows",
        hint: "the first line names the columns, the others are examples.", location: SourceLocation(file: path))
    }
    let classNames = format == .parquet ? try ParquetRows(MappedFile(path)).classNames : [:]
    columns = names.indices.map { index in
      Column(name: names[index], values: rows.map { $0.values[index] }, classNames: classNames[names[index]])
    }
  }

  /// Columns without a name, such as the counter that pandas writes, are left out.
  private static func columnNames(_ path: String, _ format: RowFormat) throws(GraftError) -> [String] {
    let names =
      format == .tsv || format == .csv ? try header(path, format) : try keys(path)
    let named = names.filter { !$0.isEmpty }
    guard named.count >= 2 else {
      throw GraftError(
        .badData,
        "'\(path)' has \(named.count) named column\(named.count == 1 ? "" : "s"), a task needs a text and a label",
        hint: "the first line of a table names its columns, separated by "
          + (format == .csv ? "commas." : "single tabs."), location: SourceLocation(file: path, line: 1))
    }
    return named
  }

  private static func header(_ path: String, _ format: RowFormat) throws(GraftError) -> [String] {
    var names: [String] = []
    let reader = RowReader(path: path, columns: [])
    let separator = UInt8(ascii: format == .csv ? "," : "\t")
    var records = DelimitedRecords(path: path, separator: separator, quoted: format == .csv)
    try records.forEach(LineReader(try reader.input())) { (record) throws(GraftError) in
      guard names.isEmpty else { return }
      for index in 0..<record.count { names.append(String(decoding: record[index], as: UTF8.self)) }
    }
    return names
  }

  /// Of the first object.
  private static func keys(_ path: String) throws(GraftError) -> [String] {
    let text = try RowReader(path: path, columns: []).text()
    return text.withUnsafeBytes { bytes in
      var scanner = JSONScanner(bytes)
      guard let first = try? scanner.value() else { return [] }
      guard case .array(let elements) = first.kind else { return first.keys }
      return elements.first?.keys ?? []
    }
  }
}

extension JSONValue {
  /// Of an object, those whose values are single ones; empty for anything else.
  fileprivate var keys: [String] {
    guard case .object(let members) = kind else { return [] }
    return members.filter { $0.value.isSingle }.map(\.key)
  }

  private var isSingle: Bool {
    switch kind {
    case .object, .array: false
    case .null, .boolean, .number, .string: true
    }
  }
}
