import Foundation
import Support

/// Applies cleaning rules to documents one after another and counts what they do.
public struct DocumentCleaner {
  private static let maximumCharacters = 190_000
  private static let longestWord = 1000
  private static let fewestWords = 5
  private static let fewestSentences = 3
  private static let policies = [
    "terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies",
  ].map { Array($0.utf8) }
  private static let javascript = Array("javascript".utf8)
  private static let loremIpsum = Array("lorem ipsum".utf8)

  private let options: CleaningOptions
  private let badWords: Set<[UInt8]>
  /// In the order in which they are applied.
  private let markup: [CleaningRule]
  private let keepsBlankLines: Bool
  /// Hashes of the lines kept so far, for `lineDuplicate`.
  private var seenLines: Set<SIMD2<UInt64>> = []
  /// What has been done so far.
  public private(set) var report = CleaningReport()

  /// A cleaner that has seen no lines yet; `lineDuplicate` compares with those it sees from now on.
  public init(_ options: CleaningOptions) {
    self.options = options
    markup = CleaningRule.ofMarkup.filter(options.rules.contains)
    keepsBlankLines = options.rules.isSubset(of: CleaningRule.ofMarkup)
    badWords = Set(options.badWords.map { Array($0.lowercased().utf8) })
  }

  /// What is left of a document: its lines without outer white space, separated by line feeds; nil if the
  /// document is dropped. Blank lines are left out unless there are rules of markup only: then one is kept between
  /// paragraphs.
  public mutating func clean(_ document: UnsafeRawBufferPointer) -> [UInt8]? {
    report.documentsRead += 1
    report.bytesRead += document.count
    guard let cleaned = lines(of: document) else { return nil }
    let result = Array(cleaned.joined(separator: [0x0A]))
    report.documentsKept += 1
    report.linesKept += cleaned.count { !$0.isEmpty }
    report.bytesKept += result.count
    return result
  }

  private mutating func drops(_ rule: CleaningRule, if condition: @autoclosure () -> Bool) -> Bool {
    guard options.rules.contains(rule), condition() else { return false }
    report[rule] += 1
    return true
  }

  /// The lines kept, nil if a rule drops the document.
  private mutating func lines(of document: UnsafeRawBufferPointer) -> [[UInt8]]? {
    let plain = withoutMarkup(document)
    if drops(.documentTooLong, if: Self.characters(plain) > Self.maximumCharacters) { return nil }
    var kept: [[UInt8]] = []
    for slice in plain.split(separator: 0x0A, omittingEmptySubsequences: !keepsBlankLines) {
      var line = Self.stripped(Array(slice))
      if line.isEmpty {
        if keepsBlankLines, kept.last?.isEmpty == false { kept.append(line) }
        continue
      }
      report.linesRead += 1
      if drops(.lineLongWord, if: Self.words(line).contains { Self.characters($0) > Self.longestWord }) {
        continue
      }
      if options.rules.contains(.citationMarks), let without = Self.withoutCitations(line) {
        report[.citationMarks] += 1
        line = without
      }
      if drops(.lineEndMark, if: !Self.endsLikeASentence(line)) { continue }
      if drops(.lineTooShort, if: Self.words(line).count < Self.fewestWords) { continue }
      let lower = line.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
      if drops(.documentLoremIpsum, if: lower.contains(Self.loremIpsum)) { return nil }
      if drops(.lineJavascript, if: lower.contains(Self.javascript)) { continue }
      if drops(.documentCurlyBracket, if: line.contains(UInt8(ascii: "{"))) { return nil }
      if drops(.linePolicy, if: Self.policies.contains { lower.contains($0) }) { continue }
      let isBad = !badWords.isEmpty && hasBadWord(lower)
      if drops(.documentBadWord, if: isBad) { return nil }
      kept.append(line)
    }
    if options.rules.contains(.lineDuplicate) { kept = withoutDuplicates(kept) }
    let sentences = kept.reduce(0) { $0 + Self.sentences($1) }
    if drops(.documentTooFewSentences, if: sentences < Self.fewestSentences) { return nil }
    if kept.last?.isEmpty == true { kept.removeLast() }
    return kept.isEmpty ? nil : kept
  }

  /// The text after the rules of markup.
  private mutating func withoutMarkup(_ document: UnsafeRawBufferPointer) -> [UInt8] {
    var text = Array(document)
    for rule in markup {
      guard let changed = MarkupCleaner.apply(rule, to: text) else { continue }
      text = changed.text
      report[rule] += changed.places
    }
    return text
  }

  private mutating func withoutDuplicates(_ lines: [[UInt8]]) -> [[UInt8]] {
    var kept: [[UInt8]] = []
    for line in lines {
      let lower = String(decoding: line, as: UTF8.self).lowercased()
      var hash = ContentHash()
      hash.update(lower)
      if seenLines.insert(hash.leading128Bits()).inserted {
        kept.append(line)
      } else {
        report[.lineDuplicate] += 1
      }
    }
    return kept
  }

  private func hasBadWord(_ lower: [UInt8]) -> Bool {
    lower.split { !($0 >= 0x80 || $0 >= 0x61 && $0 <= 0x7A || $0 >= 0x30 && $0 <= 0x39 || $0 == 0x27) }
      .contains { badWords.contains(Array($0)) }
  }

  // MARK: Looking at a line

  private static func words(_ line: [UInt8]) -> [ArraySlice<UInt8>] { line.split(whereSeparator: ASCII.isSpace) }

  /// Scalars, counted by their first bytes.
  private static func characters(_ bytes: some Sequence<UInt8>) -> Int {
    bytes.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
  }

  private static func stripped(_ line: [UInt8]) -> [UInt8] {
    guard let first = line.firstIndex(where: { !ASCII.isSpace($0) }),
      let last = line.lastIndex(where: { !ASCII.isSpace($0) })
    else { return [] }
    return Array(line[first...last])
  }

  private static func endsLikeASentence(_ line: [UInt8]) -> Bool {
    guard let last = line.last, ".?!\"".utf8.contains(last) else { return false }
    return !line.suffix(3).elementsEqual("...".utf8)
  }

  /// The line without `[12]`, `[edit]` and `[citation needed]`, nil if it has none of them.
  private static func withoutCitations(_ line: [UInt8]) -> [UInt8]? {
    var result: [UInt8] = []
    var position = 0
    while position < line.count {
      if line[position] == UInt8(ascii: "["),
        let end = line[position...].firstIndex(of: UInt8(ascii: "]"))
      {
        let inside = line[(position + 1)..<end]
        let isNumber = !inside.isEmpty && inside.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
        if isNumber || inside.elementsEqual("edit".utf8) || inside.elementsEqual("citation needed".utf8) {
          position = end + 1
          continue
        }
      }
      result.append(line[position])
      position += 1
    }
    return result.count == line.count ? nil : stripped(result)
  }

  /// Counts runs of `.`, `?`, `!` that stand before white space or the end, closing quotes and brackets
  /// between them allowed; a line has at least one sentence.
  ///
  /// Worked example: `He said "No." Why? 3.5 is fine.` has three.
  static func sentences(_ line: [UInt8]) -> Int {
    var count = 0
    var isAfterMark = false
    for byte in line {
      switch byte {
      case UInt8(ascii: "."), UInt8(ascii: "?"), UInt8(ascii: "!"): isAfterMark = true
      case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: ")"), UInt8(ascii: "]"): break
      default:
        if isAfterMark, ASCII.isSpace(byte) { count += 1 }
        isAfterMark = false
      }
    }
    return max(1, count + (isAfterMark ? 1 : 0))
  }
}

extension [UInt8] {
  /// True if `pattern` occurs anywhere.
  fileprivate func contains(_ pattern: [UInt8]) -> Bool {
    withUnsafeBytes { text in
      guard let base = text.baseAddress, let first = pattern.first else { return false }
      var start = 0
      while start + pattern.count <= text.count,
        let place = memchr(base + start, Int32(first), text.count - start - pattern.count + 1)
      {
        let found = UnsafeRawPointer(place) - base
        if memcmp(place, pattern, pattern.count) == 0 { return true }
        start = found + 1
      }
      return false
    }
  }
}
