import Foundation
import Support

extension DocumentReader {
  /// An array or values one after the other: whatever is whole of what is in the buffer.
  /// - Returns: how much of it is done with.
  func readJSON(
    _ isAtEnd: Bool, _ body: (Piece) throws(GraftError) -> Void
  ) throws(GraftError) -> Int {
    var start = 0
    while let value = nextValue(from: &start) {
      guard let end = end(ofValueAt: value) ?? (isAtEnd ? buffer.count : nil) else { break }
      try deliverValue(value..<end, body)
      lineNumber += buffer[value..<end].count { $0 == 0x0A }
      start = end
    }
    if isAtEnd, isInArray { throw error("the JSON array does not end", hint: "is the file cut short?") }
    return start
  }

  /// Reads over white space, commas and the brackets of the array, and finds the next value.
  private func nextValue(from start: inout Int) -> Int? {
    while start < buffer.count {
      switch buffer[start] {
      case 0x0A: lineNumber += 1
      case 0x20, 0x09, 0x0D, UInt8(ascii: ","): break
      case UInt8(ascii: "["): isInArray = true
      case UInt8(ascii: "]"): isInArray = false
      default: return start
      }
      start += 1
    }
    return nil
  }

  /// Behind the bracket or quotation mark that ends a value; nil if that is not in the buffer. Anything but an object
  /// or a string ends where it begins, and is then refused.
  private func end(ofValueAt start: Int) -> Int? {
    let first = buffer[start]
    guard first == UInt8(ascii: "{") || first == UInt8(ascii: "\"") else { return start + 1 }
    return buffer.withUnsafeBufferPointer { bytes in
      var depth = 0
      var isInString = false
      var place = start
      while place < bytes.count {
        let byte = bytes[place]
        place += 1
        if isInString {
          if byte == UInt8(ascii: "\\") {
            place += 1
          } else if byte == UInt8(ascii: "\"") {
            isInString = false
          }
        } else {
          switch byte {
          case UInt8(ascii: "\""): isInString = true
          case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
          case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
          default: break
          }
        }
        if depth == 0, !isInString { return place }
      }
      return nil
    }
  }

  /// A document a row, of the column that has the text field's name.
  func readTable(_ body: (Piece) throws(GraftError) -> Void) throws(GraftError) {
    guard case .file(_, let file) = source, let separator = form.separator else {
      throw GraftError(
        .badData, "\(name) is a table, which is read from files only",
        hint: "write it to a file, or name it in place of '-': <(command).")
    }
    // What opened the file has read its beginning.
    let lines = LineReader(try TextInput(file, isBounded: false))
    var records = DelimitedRecords(path: name, separator: separator, quoted: form == .csv)
    var column: Int?
    var width = 0
    try records.forEach(lines) { (record) throws(GraftError) in
      lineNumber = record.line
      guard let column else {
        column = try textColumn(of: record)
        width = record.count
        return
      }
      guard record.count == width else {
        throw error(
          "the row has \(record.count) columns, the header \(width)", hint: "is the separator right?")
      }
      let text = Array(record[column])
      bytesRead += text.count
      if !text.isEmpty { try deliver(text, endsDocument: true, body) }
    }
  }

  private func textColumn(of header: DelimitedRecord) throws(GraftError) -> Int {
    let names = (0..<header.count).map { String(decoding: header[$0], as: UTF8.self) }
    let found = names.indices.filter { names[$0].isExactly(options.textField) }
    guard let column = found.first, found.count == 1 else {
      if found.count > 1 {
        throw error("\(found.count) columns are called '\(options.textField)'", hint: "rename one of them.")
      }
      var error = GraftError.unknownName(
        "column", options.textField, known: names, location: SourceLocation(file: name, line: header.line),
        code: .badData)
      error.hint = "\(error.hint ?? "") `text-field:` names another; `format:` text reads the lines as text."
      throw error
    }
    return column
  }

  private func error(_ message: String, hint: String) -> GraftError {
    GraftError(
      .badData, message, hint: hint, location: SourceLocation(file: name, line: max(1, lineNumber)))
  }
}
