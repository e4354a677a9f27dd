import Foundation
import Support

#if canImport(FoundationXML)
  import FoundationXML
#endif

extension RowReader {
  /// Every element of this name is a row: `@name` is its attribute, `name` the text of a child, `.` its own text.
  func xml(element: String) throws(GraftError) -> [RawRow] {
    let bytes = try text()
    try checkMarkup(bytes)
    let parser = XMLParser(data: Data(bytes))
    let collector = XMLRowCollector(element: element, columns: columns, path: path)
    parser.delegate = collector
    let isWellFormed = !bytes.isEmpty && parser.parse()
    if let error = collector.error { throw error }
    // The parser takes a document that stops before its elements end for a whole one.
    guard isWellFormed, collector.openElements == 0 else {
      throw GraftError(
        .badData, "not readable as XML", hint: "is the file cut short?",
        location: SourceLocation(file: path, line: max(1, parser.lineNumber)))
    }
    guard !collector.rows.isEmpty else {
      throw GraftError(
        .badData, "the XML has no element '\(element)'", hint: "`records` names the elements that are rows.",
        location: location(1))
    }
    return collector.rows
  }
}

extension RowReader {
  /// Foundation's parser traps on names that are not UTF-8 and on instructions without content, and what a document
  /// declares inside itself no data set needs: such files are refused before it sees them.
  private func checkMarkup(_ bytes: [UInt8]) throws(GraftError) {
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw GraftError(
        .badData, "not valid UTF-8", hint: "convert the file, for instance with iconv, or say `encoding`.",
        location: location(1))
    }
    func stands(_ text: String, at place: Int) -> Bool { bytes[place...].starts(with: text.utf8) }
    var line = 1
    for place in bytes.indices {
      if bytes[place] == UInt8(ascii: "\n") { line += 1 }
      guard bytes[place] == UInt8(ascii: "<") else { continue }
      let isRefused: Bool
      if stands("<?", at: place) {
        isRefused = place > 0 || !stands("<?xml ", at: place)
      } else if stands("<!DOCTYPE", at: place) {
        isRefused = bytes[place...].prefix { $0 != UInt8(ascii: ">") }.contains(UInt8(ascii: "["))
      } else {
        isRefused =
          stands("<!", at: place) && !stands("<!--", at: place) && !stands("<![CDATA[", at: place)
      }
      if isRefused {
        throw GraftError(
          .badData, "XML with instructions or declarations of its own is not read",
          hint: "elements, attributes, text and comments are; convert the file.", location: location(line))
      }
    }
  }
}

/// Gathers the values of one element after the other.
private final class XMLRowCollector: NSObject, XMLParserDelegate {
  private let element: String
  private let columns: [String]
  private let path: String
  private(set) var rows: [RawRow] = []
  private(set) var error: GraftError?
  private(set) var openElements = 0

  /// Of the row that is being read; nil between rows.
  private var values: [ByteString: String]?
  private var line = 0
  /// The child of the row that is being read, and how many elements are open inside the row.
  private var child: ByteString?
  private var depth = 0

  init(element: String, columns: [String], path: String) {
    self.element = element
    self.columns = columns
    self.path = path
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    openElements += 1
    if values == nil {
      guard name.isExactly(element) else { return }
      var found: [ByteString: String] = [".": ""]
      for (name, value) in attributes { found[ByteString("@\(name)")] = value }
      values = found
      line = parser.lineNumber
      depth = 0
    } else {
      if depth == 0 {
        let name = ByteString(name)
        child = name
        if values?[name] == nil { values?[name] = "" }
      }
      depth += 1
    }
  }

  func parser(_ parser: XMLParser, foundCharacters text: String) {
    values?[child ?? ".", default: ""] += text
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    openElements -= 1
    guard let found = values else { return }
    if depth > 0 {
      depth -= 1
      if depth == 0 { child = nil }
      return
    }
    values = nil
    var row: [String] = []
    for column in columns {
      guard let value = found[ByteString(column)] else {
        error = GraftError.unknownName(
          "attribute or child of '\(element)'", column, known: found.keys.map(\.text),
          location: SourceLocation(file: path, line: line), code: .badData)
        parser.abortParsing()
        return
      }
      row.append(value)
    }
    rows.append(RawRow(line: line, values: row))
  }
}
