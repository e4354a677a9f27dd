import Records
import Support

/// A column that names several groups of a row in one text, as lists are printed: `['Numerical', 'Reference']`,
/// `numerical;reference`.
struct GroupList: Sendable, Hashable {
  /// Nil for a column of JSON with a line for each element.
  var separator: String?

  /// - Parameter value: `{list: COLUMN}`, with `separator: ";"` for another than a comma.
  /// - Returns: the list, and its column.
  static func read(_ value: YAMLValue) throws(GraftError) -> (list: GroupList, column: String) {
    let record = try value.record("a group of several values", keys: ["list", "separator"])
    guard let column = record["list"] else {
      throw value.error(
        "a group of several values needs 'list'", hint: "write {list: tags}, with the column's name.")
    }
    let name = try column.string()
    let isJSONList = name.split(atEach: ".").contains("*")
    let separator = try record["separator"]?.string() ?? ","
    guard !separator.isEmpty else { throw value.error("the separator is empty") }
    return (GroupList(separator: isJSONList ? nil : separator), name)
  }

  /// The values of a text, without the brackets around them all, quotation marks and spaces around each.
  ///
  /// Worked example: `['a b', "c"]` has the values `a b` and `c`.
  func values(of text: String) -> [String] {
    guard let separator else { return text.split(atEach: "\n").filter { !$0.isEmpty } }
    var text = trimmed(text[...])
    if let first = text.first, let last = text.last, ["[]", "()", "{}"].contains("\(first)\(last)"),
      text.count > 1
    {
      text = text.dropFirst().dropLast()
    }
    return parts(text, separator).map { part in
      let part = trimmed(part)
      let isQuoted = part.count > 1 && part.first == part.last && (part.first == "'" || part.first == "\"")
      return String(isQuoted ? part.dropFirst().dropLast() : part)
    }.filter { !$0.isEmpty }.exactlyDistinct
  }

  /// Cut at separators that do not stand in a value which begins with a quotation mark.
  private func parts(_ text: Substring, _ separator: String) -> [Substring] {
    var (parts, start, place) = ([Substring](), text.startIndex, text.startIndex)
    var quote: Character?
    while place < text.endIndex {
      let character = text[place]
      if let open = quote {
        if character == open { quote = nil }
      } else if text[place...].hasPrefix(separator) {
        parts.append(text[start..<place])
        place = text.index(place, offsetBy: separator.count)
        start = place
        continue
      } else if character == "'" || character == "\"", trimmed(text[start..<place]).isEmpty {
        quote = character
      }
      place = text.index(after: place)
    }
    return parts + [text[start...]]
  }

  private func trimmed(_ text: Substring) -> Substring {
    var text = text.drop { $0.isWhitespace }
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}
