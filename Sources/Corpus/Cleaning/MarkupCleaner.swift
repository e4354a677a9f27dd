/// Takes left-overs of HTML and of wiki markup out of a text; what each rule does stands in `CleaningRule`.
///
/// Each is conservative: what does not close, or is no markup by what stands around it, stays. A text without the byte
/// that a rule looks for is not copied.
enum MarkupCleaner {
  /// No template or table is longer; an opening without an end must not take the rest of a text with it.
  private static let longestBlock = 1 << 16
  private static let longestTag = 400
  private static let longestLink = 2000

  /// - Returns: the text without what the rule takes and in how many places that was; nil if it changes nothing.
  static func apply(_ rule: CleaningRule, to text: [UInt8]) -> (text: [UInt8], places: Int)? {
    switch rule {
    case .lineBreaks: scanned(text, for: UInt8(ascii: "<"), lineBreak)
    case .htmlEntities: entities(text)
    case .wikiTemplates: scanned(text, for: UInt8(ascii: "{"), template)
    case .wikiTables: WikiLines.withoutTables(text)
    case .wikiLinks: links(text)
    case .htmlTags: scanned(text, for: UInt8(ascii: "<"), tag)
    case .wikiQuotes: scanned(text, for: UInt8(ascii: "'"), quotes)
    case .wikiHeadings: WikiLines.withPlainHeadings(text)
    case .wikiTailSections: WikiLines.withoutTailSections(text)
    case .emptyBrackets: scanned(scanned(text, for: UInt8(ascii: "("), bracket), text, UInt8(ascii: "["), bracket)
    default: nil
    }
  }

  private typealias Step = (inout MarkupScanner) -> Bool

  /// - Parameter step: changes what stands at the scanner's place, or says no.
  private static func scanned(
    _ text: [UInt8], for byte: UInt8, _ step: Step
  ) -> (text: [UInt8], places: Int)? {
    guard text.contains(byte) else { return nil }
    var scanner = MarkupScanner(text)
    while !scanner.isAtEnd {
      if text[scanner.position] == byte, step(&scanner) { continue }
      scanner.copy()
    }
    return scanner.changes == 0 ? nil : (scanner.result, scanner.changes)
  }

  /// A second pass over what a first one left.
  private static func scanned(
    _ first: (text: [UInt8], places: Int)?, _ text: [UInt8], _ byte: UInt8, _ step: Step
  ) -> (text: [UInt8], places: Int)? {
    guard let second = scanned(first?.text ?? text, for: byte, step) else { return first }
    return (second.text, second.places + (first?.places ?? 0))
  }

  // MARK: HTML

  /// `<br>`, `<br />`, `</br>` and the like; white space before it goes, one line feed comes.
  private static func lineBreak(_ scanner: inout MarkupScanner) -> Bool {
    let start = scanner.position
    guard scanner.has("<br", at: start) || scanner.has("</br", at: start) else { return false }
    let name = start + (scanner.has("</br", at: start) ? 4 : 3)
    guard name < scanner.text.count, " />\n".utf8.contains(scanner.text[name]),
      let end = scanner.find(">", from: name, limit: name + 60)
    else { return false }
    scanner.dropTrailingSpaces()
    scanner.replace(upTo: end + 1, by: [0x0A])
    return true
  }

  private static let contentTags: [StaticString] = ["ref", "gallery", "timeline", "imagemap"]

  private static let tagNames: Set<String> = [
    "a", "abbr", "b", "big", "blockquote", "caption", "center", "cite", "code", "dd", "del", "div", "dl", "dt", "em",
    "font", "gallery", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "imagemap", "img", "includeonly", "ins", "kbd",
    "li", "math", "noinclude", "nowiki", "ol", "onlyinclude", "p", "poem", "pre", "q", "ref", "references", "s", "samp",
    "small", "span", "strike", "strong", "sub", "sup", "syntaxhighlight", "table", "tbody", "td", "th", "thead",
    "timeline", "tr", "tt", "u", "ul", "var",
  ]

  /// A comment, a tag of HTML or MediaWiki by its name, a footnote with what is in it.
  private static func tag(_ scanner: inout MarkupScanner) -> Bool {
    let start = scanner.position
    if scanner.has("<!--", at: start) {
      guard let end = scanner.find("-->", from: start + 4, limit: start + longestBlock) else { return false }
      scanner.remove(upTo: end + 3)
      return true
    }
    let isEnd = scanner.has("</", at: start)
    var end = start + (isEnd ? 2 : 1)
    var name = ""
    while end < scanner.text.count, name.utf8.count < 16,
      ASCII.isLetter(scanner.text[end]) || ASCII.isDigit(scanner.text[end])
    {
      name.unicodeScalars.append(Unicode.Scalar(ASCII.lower(scanner.text[end])))
      end += 1
    }
    guard tagNames.contains(name), end < scanner.text.count, " />\n\t".utf8.contains(scanner.text[end]),
      let close = scanner.find(">", from: end, limit: start + longestTag),
      !scanner.text[end..<close].contains(UInt8(ascii: "<"))
    else { return false }
    let isAlone = scanner.text[close - 1] == UInt8(ascii: "/")
    if !isEnd, !isAlone, let content = contentTags.first(where: { "\($0)" == name }) {
      var place = close + 1
      while let next = scanner.find("</", from: place, limit: start + longestLink) {
        if scanner.has(content, at: next + 2), let last = scanner.find(">", from: next, limit: next + 30) {
          scanner.remove(upTo: last + 1)
          return true
        }
        place = next + 2
      }
    }
    scanner.remove(upTo: close + 1)
    return true
  }

  private static let entityNames: [String: String] = [
    "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ", "ndash": "–", "mdash": "—",
    "hellip": "…", "lsquo": "‘", "rsquo": "’", "ldquo": "“", "rdquo": "”", "laquo": "«", "raquo": "»", "bull": "•",
    "middot": "·", "deg": "°", "pound": "£", "euro": "€", "cent": "¢", "yen": "¥", "sect": "§", "copy": "©",
    "reg": "®", "trade": "™", "times": "×", "minus": "−", "plusmn": "±", "frac12": "½", "frac14": "¼", "szlig": "ß",
    "auml": "ä", "ouml": "ö", "uuml": "ü", "eacute": "é", "egrave": "è", "ecirc": "ê", "agrave": "à", "aacute": "á",
    "iacute": "í", "oacute": "ó", "uacute": "ú", "ntilde": "ñ", "ccedil": "ç", "ocirc": "ô", "thinsp": " ",
    "ensp": " ", "emsp": " ", "shy": "",
  ]

  /// Twice, as `&amp;nbsp;` was escaped twice; a third time would be meant.
  private static func entities(_ text: [UInt8]) -> (text: [UInt8], places: Int)? {
    scanned(scanned(text, for: UInt8(ascii: "&"), entity), text, UInt8(ascii: "&"), entity)
  }

  private static func entity(_ scanner: inout MarkupScanner) -> Bool {
    let start = scanner.position + 1
    guard let end = scanner.find(";", from: start, limit: start + 9), end > start else { return false }
    let name = String(decoding: scanner.text[start..<end], as: UTF8.self)
    let value: String
    if name.hasPrefix("#") {
      let digits = name.dropFirst()
      let isHexadecimal = digits.first == "x" || digits.first == "X"
      guard let code = isHexadecimal ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits),
        let scalar = Unicode.Scalar(code), code >= 0x20, !(0x7F..<0xA0).contains(code)
      else { return false }
      value = code == 0xA0 ? " " : String(Character(scalar))
    } else {
      guard let known = entityNames[name] else { return false }
      value = known
    }
    scanner.replace(upTo: end + 1, by: value.utf8)
    return true
  }

  // MARK: Wiki

  /// `{{…}}`, those within counted. Braces of formulas are left: those after a letter, a backslash, `^`, `_` or a
  /// brace, and those before a backslash.
  private static func template(_ scanner: inout MarkupScanner) -> Bool {
    let start = scanner.position
    guard scanner.has("{{", at: start), start + 2 < scanner.text.count else { return false }
    if let before = scanner.previous, ASCII.isLetter(before) || "^_\\{}".utf8.contains(before) { return false }
    let next = scanner.text[start + 2]
    guard
      ASCII.isLetter(next) || ASCII.isSpace(next) || ASCII.isDigit(next)
        || "#:".utf8.contains(next),
      let end = scanner.balancedEnd("{{", "}}", from: start, limit: longestBlock)
    else { return false }
    scanner.remove(upTo: end)
    return true
  }

  private static func links(_ text: [UInt8]) -> (text: [UInt8], places: Int)? {
    scanned(text, for: UInt8(ascii: "["), link)
  }

  /// `[[File:…]]` and other names of places go; of `[[a|b]]` b stays, of `[[a]]` a, of `[http://… b]` b.
  private static func link(_ scanner: inout MarkupScanner) -> Bool {
    let start = scanner.position
    if scanner.has("[ [update]]", at: start) || scanner.has("[[update]]", at: start) {
      scanner.remove(upTo: start + (scanner.has("[[", at: start) ? 10 : 11))
      return true
    }
    if scanner.has("[http://", at: start) || scanner.has("[https://", at: start) {
      guard let end = scanner.find("]", from: start, limit: start + longestLink),
        !scanner.text[start..<end].contains(0x0A)
      else { return false }
      let text = scanner.text[start..<end].drop { $0 != 0x20 }.dropFirst()
      if text.isEmpty { scanner.dropTrailingSpaces() }
      scanner.replace(upTo: end + 1, by: text)
      return true
    }
    guard scanner.has("[[", at: start),
      let end = scanner.balancedEnd("[[", "]]", from: start, limit: longestLink)
    else { return false }
    let inside = scanner.text[(start + 2)..<(end - 2)]
    if isOfPlace(inside) {
      scanner.remove(upTo: end)
      return true
    }
    guard !inside.isEmpty, !inside.contains(0x0A), !inside.contains(UInt8(ascii: "[")) else { return false }
    let shown = inside.lastIndex(of: UInt8(ascii: "|")).map { inside[($0 + 1)...] } ?? inside
    scanner.replace(upTo: end, by: shown)
    return true
  }

  /// Of a file or category, or a page in another language (`de:`, `zh-yue:`).
  private static func isOfPlace(_ inside: ArraySlice<UInt8>) -> Bool {
    guard let colon = inside.prefix(20).firstIndex(of: UInt8(ascii: ":")) else { return false }
    let name = inside[..<colon]
    let lower = String(decoding: name.map(ASCII.lower), as: UTF8.self)
    if ["file", "image", "category", "media"].contains(lower) { return true }
    let language = name.prefix { $0 != UInt8(ascii: "-") }
    return (2...3).contains(language.count)
      && name.allSatisfy { $0 >= 0x61 && $0 <= 0x7A || $0 == UInt8(ascii: "-") }
  }

  /// `''italic''`, `'''bold'''` and both, as far as they stand around words; not the closing marks of tokenised text,
  /// which have a space before them.
  private static func quotes(_ scanner: inout MarkupScanner) -> Bool {
    let start = scanner.position
    let count = scanner.text[start...].prefix(6, while: { $0 == UInt8(ascii: "'") })
    guard [2, 3, 5].contains(count), start + count < scanner.text.count,
      !ASCII.isSpace(scanner.text[start + count])
    else { return false }
    if let before = scanner.previous, !(ASCII.isSpace(before) || "([\"-".utf8.contains(before)) { return false }
    var place = start + count
    let limit = min(scanner.text.count, place + longestTag)
    while place < limit, scanner.text[place] != 0x0A {
      if scanner.text[place] == UInt8(ascii: "'") {
        let run = scanner.text[place...].prefix(6, while: { $0 == UInt8(ascii: "'") })
        if run == count, !ASCII.isSpace(scanner.text[place - 1]) {
          scanner.replace(upTo: place + count, by: scanner.text[(start + count)..<place])
          return true
        }
        place += run
      } else {
        place += 1
      }
    }
    return false
  }

  // MARK: Brackets

  private static let fillers: Set<String> = ["", "or", "and", "–", "-", "—", "pronounced", "lit.", "born"]
  private static let longestBracket = 120

  /// `(, )`, `(; or )`, `[]` after white space: taken out with the space before. `(; born 1950)` loses its beginning.
  private static func bracket(_ scanner: inout MarkupScanner) -> Bool {
    let start = scanner.position
    let isRound = scanner.text[start] == UInt8(ascii: "(")
    if let before = scanner.previous, !ASCII.isSpace(before) { return false }
    guard let end = scanner.find(isRound ? ")" : "]", from: start, limit: start + longestBracket) else { return false }
    let inside = scanner.text[(start + 1)..<end]
    guard !inside.contains(0x0A) else { return false }
    let words = inside.split { ASCII.isSpace($0) || ",;:/[]".utf8.contains($0) }
    if words.allSatisfy({ fillers.contains(String(decoding: $0, as: UTF8.self)) }) {
      // `[ ]` is the box of a form.
      guard isRound || inside.isEmpty else { return false }
      scanner.dropTrailingSpaces()
      scanner.remove(upTo: end + 1)
      // At the start of a line the space after it would be left over.
      let isAtStart = scanner.previous.map { $0 == 0x0A } ?? true
      if isAtStart, !scanner.isAtEnd, scanner.text[scanner.position] == 0x20 { scanner.position += 1 }
      return true
    }
    guard isRound, let first = inside.first, first == UInt8(ascii: ",") || first == UInt8(ascii: ";"),
      inside.dropFirst().first.map(ASCII.isSpace) ?? false
    else { return false }
    let rest = inside.drop { ASCII.isSpace($0) || $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: ";") }
    // A smiley: `(; smile`.
    guard !rest.isEmpty, !rest.contains(UInt8(ascii: "(")) else { return false }
    scanner.replace(upTo: rest.startIndex, by: [UInt8(ascii: "(")])
    return true
  }
}

extension ArraySlice<UInt8> {
  /// How many of the first bytes, `limit` at most, are such.
  fileprivate func prefix(_ limit: Int, while isSuch: (UInt8) -> Bool) -> Int {
    var count = 0
    for byte in self {
      guard count < limit, isSuch(byte) else { break }
      count += 1
    }
    return count
  }
}
