import Support

/// A field made of others: a template over the row, for copies of a field and for values that depend on two.
///
/// Worked example: `{with: "{majority} {gender}", into: condition}` makes `condition` of `male` and `female`.
struct FillField: Preprocessor {
  let template: TextTemplate
  let destination: String

  init(settings: YAMLValue?) throws(GraftError) {
    guard let settings else {
      throw GraftError(
        .badData, "fill needs a template", hint: "write fill: {with: \"{first} {second}\", into: both}.")
    }
    let record = try settings.record("fill", keys: ["with", "into"])
    let text = try YAMLValue.required("with", of: record, "fill", location: settings.location)
    template = try TextTemplate(text.string(), location: text.location)
    destination = try YAMLValue.required("into", of: record, "fill", location: settings.location).string()
  }

  var addedFields: [String] { [destination] }

  func apply(to fields: inout [String: String], label: String) throws(GraftError) {
    fields[destination] = try template.rendered(fields)
  }
}

/// Which words of a list stand in a text, in the order in which they stand there, each once; case is ignored, and of
/// two that share letters the one that begins first, or the longer one, is meant. The words are given, or are those of
/// other fields.
///
/// Worked example: of `cook`, `guard` and `mover`, `The guard hit the cook.` has `guard` and then `cook`.
struct FindWords: Preprocessor {
  let text: String
  let words: [String]
  let wordFields: [String]
  /// The fields the words go to, the first found into the first.
  let destinations: [String]

  init(settings: YAMLValue?) throws(GraftError) {
    guard let settings else {
      throw GraftError(
        .badData, "find-words needs to know its words",
        hint: "write find-words: {text: sentence, words: [cook, guard], into: [first, second]}.")
    }
    let record = try settings.record("find-words", keys: ["text", "words", "fields", "into"])
    func needed(_ key: String) throws(GraftError) -> YAMLValue {
      try YAMLValue.required(key, of: record, "find-words", location: settings.location)
    }
    text = try needed("text").string()
    destinations = try needed("into").strings()
    words = try record["words"]?.strings() ?? []
    wordFields = try record["fields"]?.strings() ?? []
    guard words.isEmpty != wordFields.isEmpty else {
      throw settings.error("find-words needs either 'words' or 'fields' that hold them")
    }
  }

  var addedFields: [String] { destinations }

  func apply(to fields: inout [String: String], label: String) throws(GraftError) {
    let text = try fields.value(text).lowercased()
    var wanted = words
    for field in wordFields { wanted.append(try fields.value(field)) }
    var found: [(range: Range<String.Index>, word: String)] = []
    for word in wanted where !found.contains(where: { $0.word.isExactly(word) }) {
      guard let range = text.rangeOfWord(word.lowercased()) else { continue }
      found.append((range, word))
    }
    found.sort { ($0.range.lowerBound, $1.range.upperBound) < ($1.range.lowerBound, $0.range.upperBound) }
    var distinct: [String] = []
    var end = text.startIndex
    for (range, word) in found where range.lowerBound >= end {
      distinct.append(word)
      end = range.upperBound
    }
    guard distinct.count >= destinations.count else {
      throw GraftError(
        .badData, "the text '\(text)' has \(distinct.count) of the words instead of \(destinations.count)")
    }
    for (destination, word) in zip(destinations, distinct) { fields[destination] = word }
  }
}
