import Support

/// What a corpus file turns out to hold, once gzip and other forms of Unicode are undone.
enum DocumentForm: Sendable, Hashable {
  case text
  /// An object a line.
  case jsonLines
  /// One array of objects or strings, or objects one after the other, in any number of lines.
  case json
  case csv, tsv

  /// For people, and for the key of a cache.
  var name: String {
    switch self {
    case .text: "text"
    case .jsonLines: "json-lines"
    case .json: "json"
    case .csv: "csv"
    case .tsv: "tsv"
    }
  }

  var separator: UInt8? {
    switch self {
    case .csv: UInt8(ascii: ",")
    case .tsv: UInt8(ascii: "\t")
    case .text, .jsonLines, .json: nil
    }
  }

  /// - Parameters:
  ///   - start: the first bytes of the text.
  ///   - isWhole: whether they are all.
  /// - Returns: the form, and whether it is another than the name says, so that it should be told.
  static func of(
    _ start: UnsafeRawBufferPointer, isWhole: Bool, name: String, _ options: CorpusOptions
  ) -> (form: DocumentForm, isSurprising: Bool) {
    switch options.format {
    case .text: return (.text, false)
    case .jsonLines: return (.jsonLines, false)
    case .json: return (.json, false)
    case .csv: return (.csv, false)
    case .tsv: return (.tsv, false)
    case .automatic: break
    }
    var name = name.lowercased()
    if name.hasSuffix(".gz") { name.removeLast(3) }
    let found = json(start, isWhole: isWhole)
    if [".jsonl", ".ndjson", ".jsonlines"].contains(where: name.hasSuffix) {
      return found == .json ? (.json, true) : (.jsonLines, false)
    }
    if let found { return (found, true) }
    if name.hasSuffix(".csv") { return (.csv, true) }
    if name.hasSuffix(".tsv") { return (.tsv, true) }
    if let table = table(start, field: options.textField) { return (table, true) }
    return (.text, name.hasSuffix(".json"))
  }

  /// JSON by its first value, which must be whole, so that a text that begins with a bracket stays a text.
  private static func json(_ start: UnsafeRawBufferPointer, isWhole: Bool) -> DocumentForm? {
    var scanner = JSONScanner(start)
    let isArray = scanner.peek() == UInt8(ascii: "[")
    if isArray {
      _ = scanner.consume(UInt8(ascii: "["))
      if scanner.peek() == UInt8(ascii: "]") { return .json }
      guard let first = scanner.peek(), first == UInt8(ascii: "{") || first == UInt8(ascii: "\"") else {
        return nil
      }
    } else if scanner.peek() != UInt8(ascii: "{") {
      return nil
    }
    let begin = scanner.offset
    do throws(JSONSyntaxError) {
      try scanner.skipValue()
    } catch {
      // A value that goes on beyond what was looked at.
      return !isWhole && error.offset >= start.count - 8 ? .json : nil
    }
    let end = scanner.offset
    let next = scanner.peek()
    if isArray { return next == UInt8(ascii: ",") || next == UInt8(ascii: "]") ? .json : nil }
    guard next == nil || next == UInt8(ascii: "{"), end - begin > 2 else { return nil }
    let isOneLine = !start[begin..<end].contains(0x0A)
    return isOneLine && (next == nil || start[end..<scanner.offset].contains(0x0A)) ? .jsonLines : .json
  }

  /// A table by a header of which one cell is the name of the text.
  private static func table(_ start: UnsafeRawBufferPointer, field: String) -> DocumentForm? {
    var line = start.prefix { $0 != 0x0A }
    if line.last == 0x0D { line = line.dropLast() }
    for form in [DocumentForm.tsv, .csv] {
      let cells = line.split(separator: form.separator ?? 0, omittingEmptySubsequences: false)
      let isThere = cells.contains { cell in
        var cell = cell[...]
        if cell.count > 1, cell.first == UInt8(ascii: "\""), cell.last == UInt8(ascii: "\"") {
          cell = cell.dropFirst().dropLast()
        }
        return cell.elementsEqual(field.utf8)
      }
      if cells.count > 1, isThere { return form }
    }
    return nil
  }
}
