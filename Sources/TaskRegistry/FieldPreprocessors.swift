import Foundation
import Support

/// Other values in place of a field's, into the same or another field.
struct MapValues: Preprocessor {
  let origin: String
  let destination: String
  let values: [ByteString: String]

  init(settings: YAMLValue?) throws(GraftError) {
    guard let settings else {
      throw GraftError(
        .badData, "map-values needs to know its field",
        hint: "write map-values: {from: question, into: connective, values: {cause: because, effect: so}}.")
    }
    let record = try settings.record("map-values", keys: ["from", "into", "values"])
    func needed(_ key: String) throws(GraftError) -> YAMLValue {
      try YAMLValue.required(key, of: record, "map-values", location: settings.location)
    }
    origin = try needed("from").string()
    destination = try record["into"]?.string() ?? origin
    values = try needed("values").textMapping()
  }

  var addedFields: [String] { [destination] }

  func apply(to fields: inout [String: String], label: String) throws(GraftError) {
    let text = try fields.value(origin)
    guard let value = values[ByteString(text)] else {
      throw GraftError.unknownName(
        "value of field '\(origin)'", text, known: values.keys.map(\.text), code: .badData)
    }
    fields[destination] = value
  }
}

/// What fits a regular expression, by something else; `$1` stands for its first group.
struct ReplaceText: Preprocessor {
  let fields: [String]?
  let expression: NSRegularExpression
  let replacement: String

  init(settings: YAMLValue?) throws(GraftError) {
    guard let settings else {
      throw GraftError(
        .badData, "replace needs a pattern", hint: "write replace: {pattern: \"<br />\", with: \" \"}.")
    }
    let record = try settings.record("replace", keys: ["fields", "pattern", "with"])
    let pattern = try YAMLValue.required("pattern", of: record, "replace", location: settings.location)
    fields = try record["fields"]?.strings()
    do {
      expression = try NSRegularExpression(pattern: pattern.string())
    } catch let error as GraftError {
      throw error
    } catch {
      throw pattern.error("the pattern is no regular expression")
    }
    replacement = try record["with"]?.string() ?? ""
  }

  var addedFields: [String] { [] }

  func apply(to row: inout [String: String], label: String) throws(GraftError) {
    for name in fields ?? row.keys.filter({ $0 != label }) {
      let text = try row.value(name)
      row[name] = try replaced(text)
    }
  }

  /// Processor time that a pattern may take for one text. Some take twice as long for each further letter.
  private static let longest = Duration.seconds(2)

  /// What the search has found so far; the block that Foundation calls may not change variables of its caller.
  private final class Search: @unchecked Sendable {
    var result = ""
    /// Where the last match ended, in UTF-16 units.
    var end = 0
    var ranOut = false
  }

  private func replaced(_ text: String) throws(GraftError) -> String {
    let start = Self.processorTime
    let units = Array(text.utf16)
    let search = Search()
    expression.enumerateMatches(
      in: text, options: .reportProgress, range: NSRange(location: 0, length: units.count)
    ) { match, _, stop in
      if let match {
        search.result += String(decoding: units[search.end..<match.range.location], as: UTF16.self)
        search.result += expression.replacementString(
          for: match, in: text, offset: 0, template: replacement)
        search.end = match.range.location + match.range.length
      } else if Self.processorTime - start > Self.longest {
        search.ranOut = true
        stop.pointee = true
      }
    }
    guard !search.ranOut else {
      throw GraftError(
        .badData,
        "the pattern '\(GraftError.shown(expression.pattern, limit: GraftError.longestName))' takes more than "
          + "\(Self.longest.components.seconds) s for one text: "
          + "'\(GraftError.shown(text, limit: GraftError.longestName))'",
        hint: "a repetition within a repetition, such as (a+)+, tries every way to part a text; write a+.")
    }
    return search.result + String(decoding: units[search.end...], as: UTF16.self)
  }

  private static var processorTime: Duration {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Duration.seconds(time.tv_sec) + Duration.nanoseconds(time.tv_nsec)
  }
}

/// Stars around one word of a text: the one at a place, counted from 0 and separated by white space, or the first that
/// reads like another field, or that word at a given character, counted from 0 in Unicode scalars.
///
/// Worked example: word 1 of `Then she left.` gives `Then *she* left.`
struct MarkWord: Preprocessor {
  let text: String
  let destination: String
  /// The field that holds the number of the word, or the word.
  let index: String?
  let word: String?
  /// The field that holds the place where the word begins.
  let offset: String?

  init(settings: YAMLValue?) throws(GraftError) {
    guard let settings else {
      throw GraftError(
        .badData, "mark-word needs to know its fields",
        hint: "write mark-word: {text: sentence, word: pronoun, into: marked}.")
    }
    let record = try settings.record("mark-word", keys: ["text", "index", "word", "offset", "into"])
    text = try YAMLValue.required("text", of: record, "mark-word", location: settings.location).string()
    destination = try record["into"]?.string() ?? text
    index = try record["index"]?.string()
    word = try record["word"]?.string()
    offset = try record["offset"]?.string()
    if offset != nil, word == nil { throw settings.error("mark-word needs 'word' beside 'offset'") }
    guard index != nil || word != nil else { throw settings.error("mark-word needs 'index' or 'word'") }
  }

  var addedFields: [String] { [destination] }

  func apply(to fields: inout [String: String], label: String) throws(GraftError) {
    let text = try fields.value(text)
    if let offset {
      fields[destination] = try marked(
        text, word: fields.value(word ?? ""), from: fields.value(offset))
    } else if let index {
      fields[destination] = try marked(text, at: fields.value(index))
    } else {
      fields[destination] = try marked(text, word: fields.value(word ?? ""))
    }
  }

  private func marked(_ text: String, at number: String) throws(GraftError) -> String {
    let words = text.split(whereSeparator: \.isWhitespace)
    guard let index = Int(number), words.indices.contains(index) else {
      throw GraftError(.badData, "the text has \(words.count) words and none at '\(number)'")
    }
    return marked(text, words[index].startIndex..<words[index].endIndex)
  }

  private func marked(_ text: String, word: String, from start: String) throws(GraftError) -> String {
    let scalars = text.unicodeScalars
    guard let offset = Int(start), offset >= 0,
      let first = scalars.index(scalars.startIndex, offsetBy: offset, limitedBy: scalars.endIndex),
      let last = scalars.index(first, offsetBy: word.unicodeScalars.count, limitedBy: scalars.endIndex),
      scalars[first..<last].elementsEqual(word.unicodeScalars)
    else { throw GraftError(.badData, "the word '\(word)' does not stand at character \(start) of the text") }
    return marked(text, first..<last)
  }

  private func marked(_ text: String, word: String) throws(GraftError) -> String {
    guard let range = text.rangeOfWord(word) else {
      throw GraftError(.badData, "the word '\(word)' is not in the text '\(text)'")
    }
    return marked(text, range)
  }

  private func marked(_ text: String, _ range: Range<String.Index>) -> String {
    "\(text[..<range.lowerBound])*\(text[range])*\(text[range.upperBound...])"
  }
}

/// Pieces of a text, by the places of their first and last characters, counted from 0 in Unicode scalars; each piece
/// once.
///
/// Worked example: `0 4` and `2 6` cut `Ann met Bob.` into `Ann, met`.
struct CutSpans: Preprocessor {
  let text: String
  let starts: String
  let ends: String
  let destination: String
  let separator: String

  init(settings: YAMLValue?) throws(GraftError) {
    guard let settings else {
      throw GraftError(
        .badData, "cut-spans needs to know its fields",
        hint: "write cut-spans: {text: passage, starts: starts, ends: ends, into: entities}.")
    }
    let record = try settings.record("cut-spans", keys: ["text", "starts", "ends", "into", "separator"])
    func needed(_ key: String) throws(GraftError) -> String {
      try YAMLValue.required(key, of: record, "cut-spans", location: settings.location).string()
    }
    (text, starts, ends) = (try needed("text"), try needed("starts"), try needed("ends"))
    destination = try needed("into")
    separator = try record["separator"]?.string() ?? ", "
  }

  var addedFields: [String] { [destination] }

  func apply(to fields: inout [String: String], label: String) throws(GraftError) {
    let scalars = Array(try fields.value(text).unicodeScalars)
    let starts = try numbers(fields.value(starts))
    let ends = try numbers(fields.value(ends))
    guard starts.count == ends.count else {
      throw GraftError(.badData, "\(starts.count) spans begin and \(ends.count) end")
    }
    var pieces: [String] = []
    for (start, end) in zip(starts, ends) {
      guard start >= 0, start <= end, end < scalars.count else {
        throw GraftError(
          .badData, "the span from \(start) to \(end) is not within \(scalars.count) characters")
      }
      var piece = String.UnicodeScalarView()
      piece.append(contentsOf: scalars[start...end])
      let word = String(piece)
      if !pieces.containsExactly(word) { pieces.append(word) }
    }
    fields[destination] = pieces.joined(separator: separator)
  }

  private func numbers(_ text: String) throws(GraftError) -> [Int] {
    var numbers: [Int] = []
    for word in text.split(whereSeparator: \.isWhitespace) {
      guard let number = Int(word) else { throw GraftError(.badData, "'\(word)' is not a whole number") }
      numbers.append(number)
    }
    return numbers
  }
}

extension [String: String] {
  /// - Throws: `.usage` with the closest name for a field that the row does not have.
  func value(_ field: String) throws(GraftError) -> String {
    guard let value = self[field] else { throw .unknownName("field", field, known: keys) }
    return value
  }
}

extension String {
  /// The first place where a word stands to the byte and is not part of a longer one, of which marks on its last letter
  /// are a part.
  func rangeOfWord(_ word: String) -> Range<String.Index>? {
    func isLetter(_ scalar: Unicode.Scalar?) -> Bool {
      guard let properties = scalar?.properties else { return false }
      return properties.isAlphabetic || properties.numericType != nil
    }
    func isMark(_ scalar: Unicode.Scalar?) -> Bool {
      switch scalar?.properties.generalCategory {
      case .nonspacingMark, .spacingMark, .enclosingMark: true
      default: false
      }
    }
    let (scalars, length) = (unicodeScalars, word.utf8.count)
    guard length > 0 else { return nil }
    var start = utf8.startIndex
    while let end = utf8.index(start, offsetBy: length, limitedBy: utf8.endIndex) {
      if utf8[start..<end].elementsEqual(word.utf8) {
        let before = scalars[..<start].last { !isMark($0) }
        let after = scalars[end...].first
        if !isLetter(before), !isLetter(after), !isMark(after) { return start..<end }
        start = end
      } else {
        start = utf8.index(after: start)
      }
    }
    return nil
  }
}
