/// The rules of wiki markup that look at whole lines.
enum WikiLines {
  private static let tails: Set<String> = [
    "external links", "external link", "references", "further reading", "see also", "notes", "notes and references",
    "footnotes", "sources", "bibliography", "related news", "citations",
  ]
  private static let attributes = ["class=\"", "style=\"", "align=", "bgcolor=", "colspan=", "rowspan="]

  private static func lines(_ text: [UInt8]) -> [ArraySlice<UInt8>] {
    text.split(separator: 0x0A, omittingEmptySubsequences: false)
  }

  private static func stripped(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var line = line.drop(while: ASCII.isSpace)
    while let last = line.last, ASCII.isSpace(last) { line = line.dropLast() }
    return line
  }

  private static func joined(
    _ kept: [ArraySlice<UInt8>], _ places: Int
  ) -> (text: [UInt8], places: Int)? {
    places == 0 ? nil : (Array(kept.joined(separator: [0x0A])), places)
  }

  // MARK: Tables

  /// Without lines of tables and templates (`{|`, `|-`, `| name = value`, `| a || b`, `}}`) and without the words for
  /// the program (`__NOTOC__`).
  static func withoutTables(_ text: [UInt8]) -> (text: [UInt8], places: Int)? {
    guard
      text.contains(UInt8(ascii: "|")) || text.contains(UInt8(ascii: "}")) || text.contains(UInt8(ascii: "_"))
        || text.contains(UInt8(ascii: "="))
    else { return nil }
    let all = lines(text)
    let kept = all.filter { !isOfTable(stripped($0)) }
    return joined(kept, all.count - kept.count)
  }

  private static func isOfTable(_ line: ArraySlice<UInt8>) -> Bool {
    guard let first = line.first else { return false }
    if "{}|[]#:= ".utf8.contains(first), line.count > 1 {
      let text = String(decoding: line.prefix(200), as: UTF8.self)
      if ["{|", "|-", "|}", "|+", "}}", "{{", "#if", "#switch"].contains(where: text.hasPrefix) { return true }
      if first == UInt8(ascii: "|") {
        return text.contains("||") || text.contains("{{") || attributes.contains { text.contains($0) }
          || isParameter(line.dropFirst())
      }
      return false
    }
    if line.starts(with: "__".utf8), line.count < 30 {
      return line.allSatisfy { $0 == UInt8(ascii: "_") || $0 >= 0x41 && $0 <= 0x5A } && line.suffix(2) == line.prefix(2)
    }
    guard ASCII.isLetter(first) else { return false }
    guard line.prefix(12).contains(UInt8(ascii: "=")) else { return false }
    let start = String(decoding: line.prefix(12), as: UTF8.self)
    return attributes.contains(where: start.hasPrefix)
  }

  /// `name = value`, where the name is of letters, digits, `_` and spaces.
  private static func isParameter(_ line: ArraySlice<UInt8>) -> Bool {
    guard let sign = line.prefix(40).firstIndex(of: UInt8(ascii: "=")), sign > line.startIndex else { return false }
    return line[..<sign].allSatisfy {
      ASCII.isLetter($0) || ASCII.isDigit($0) || " _-&.".utf8.contains($0)
    }
  }

  // MARK: Headings

  /// What `== Heading ==` has between its signs; nil for another line.
  private static func heading(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    let line = stripped(line)
    let level = line.prefix { $0 == UInt8(ascii: "=") }.count
    guard (1...6).contains(level), line.count > 2 * level,
      line.suffix(level).allSatisfy({ $0 == UInt8(ascii: "=") })
    else { return nil }
    let inside = stripped(line.dropFirst(level).dropLast(level))
    guard !inside.isEmpty, inside.first != UInt8(ascii: "="), inside.last != UInt8(ascii: "=") else { return nil }
    return inside
  }

  /// Headings without their signs; the first of two with no text between them that say the same goes.
  static func withPlainHeadings(_ text: [UInt8]) -> (text: [UInt8], places: Int)? {
    guard text.contains(UInt8(ascii: "=")) else { return nil }
    var kept: [ArraySlice<UInt8>] = []
    var places = 0
    // The last heading, if only blank lines came after it.
    var open: ArraySlice<UInt8>?
    for line in lines(text) {
      if let inside = heading(line) {
        places += 1
        if let open, open.elementsEqual(inside) { continue }
        kept.append(inside)
        open = inside
      } else {
        if !stripped(line).isEmpty { open = nil }
        kept.append(line)
      }
    }
    return joined(kept, places)
  }

  // MARK: What stands at the end of an article

  /// Without "External links", "References" and the like: their headings (a line of nothing else), and lists under
  /// them up to the next heading, the next line that reads as prose, or the next blank line.
  static func withoutTailSections(_ text: [UInt8]) -> (text: [UInt8], places: Int)? {
    var kept: [ArraySlice<UInt8>] = []
    var places = 0
    var isInTail = false
    var hasText = false
    for line in lines(text) {
      let bare = stripped(line)
      if hasText, isTail(bare) {
        isInTail = true
        places += 1
        continue
      }
      if isInTail, !bare.isEmpty, heading(line) == nil, !isProse(bare), !isShortHeading(bare) { continue }
      isInTail = false
      if !bare.isEmpty { hasText = true }
      kept.append(line)
    }
    return joined(kept, places)
  }

  private static func isTail(_ line: ArraySlice<UInt8>) -> Bool {
    guard line.count < 40 else { return false }
    var name = heading(line) ?? line
    if let last = name.last, ".:".utf8.contains(last) { name = name.dropLast() }
    // As a heading is written: with a capital.
    guard let first = name.first, first >= 0x41, first <= 0x5A else { return false }
    return tails.contains(String(decoding: name.map(ASCII.lower), as: UTF8.self))
  }

  /// Eight words and more that end as a sentence does.
  private static func isProse(_ line: ArraySlice<UInt8>) -> Bool {
    guard let last = line.last, ".?!\"".utf8.contains(last) else { return false }
    return line.split(whereSeparator: ASCII.isSpace).count >= 8
  }

  /// As extractors of Wikipedia write headings: a few words and a full stop.
  private static func isShortHeading(_ line: ArraySlice<UInt8>) -> Bool {
    line.last == UInt8(ascii: ".") && line.split(whereSeparator: ASCII.isSpace).count <= 6
      && line.first.map { $0 >= 0x41 && $0 <= 0x5A } == true
  }
}
