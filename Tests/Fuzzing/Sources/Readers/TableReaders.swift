import Foundation
import Support

@testable import TaskRegistry

extension Readers {
  static let tables = [
    Reader("table-blocks") { try readRows($0, "blocks", columns: ["1", "2"]) },
    Reader("table-csv") { try readRows($0, "csv", columns: ["text", "label"]) },
    Reader("table-json-array") {
      try readRows($0, "json", columns: ["text", "label"], more: ["records": "rows.items"])
    },
    Reader("table-json-lines") { try readRows($0, "jsonl", columns: ["text", "answers.*.label"]) },
    Reader("table-lines") { try readRows($0, "text", columns: ["1"]) },
    Reader("table-tsv") { try readRows($0, "tsv", columns: ["text", "label"]) },
    Reader("table-windows-1252") {
      try readRows($0, "tsv", columns: ["text", "label"], more: ["encoding": "windows-1252"])
    },
    Reader("table-xml") { try readRows($0, "xml", columns: ["text", "@label"], more: ["records": "row"]) },
  ]
}

/// Rows have as many values as columns were asked for, and stand on lines that the file has, in order.
@Sendable private func readRows(
  _ input: UnsafeRawBufferPointer, _ format: String, columns: [String], more: [String: String] = [:]
) throws {
  var settings = SourceSettings()
  settings.format = RowFormat(rawValue: format)
  settings.records = more["records"]
  let path = Scratch.write("rows.\(format)", input)
  let encoding = more["encoding"].flatMap(TextEncoding.init(rawValue:)) ?? .utf8
  let rows = try RowReader(path: path, columns: columns, encoding: encoding).rows(settings)
  // Packed input has more of them.
  let lines = input.starts(with: [0x1F, 0x8B]) ? Int.max : input.reduce(1) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
  for row in rows {
    precondition(row.values.count == columns.count, "\(row.values.count) values for \(columns.count) columns")
    precondition((1...lines).contains(row.line), "line \(row.line) of \(lines)")
  }
  if format != "xml" {
    precondition(zip(rows, rows.dropFirst()).allSatisfy { $0.line <= $1.line }, "rows are out of order")
  }
}
