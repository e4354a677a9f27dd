import Support

struct CollapseSpaces: FieldwisePreprocessor {
  let fields: [String]?
  func changed(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}

struct Lowercase: FieldwisePreprocessor {
  let fields: [String]?
  func changed(_ text: String) -> String { text.lowercased() }
}

/// The first letter in lower case, whatever the word: `Tom sees` → `tom sees`.
struct LowercaseFirst: FieldwisePreprocessor {
  let fields: [String]?
  func changed(_ text: String) -> String { text.prefix(1).lowercased() + text.dropFirst() }
}

/// A sentence or phrase as it would stand within another: `The cat` → `the cat`, but `Tom` and `I` as they are. It is
/// the words of a closed class that are in upper case for nothing but their place.
struct LowercaseStart: FieldwisePreprocessor {
  let fields: [String]?

  private static let words: Set<String> = [
    "A", "An", "Another", "Every", "Everyone", "He", "Her", "His", "It", "Its", "Many", "More", "My", "No",
    "Our",
    "She", "Some", "That", "The", "Their", "There", "These", "They", "This", "Those", "We", "You", "Your",
  ]

  func changed(_ text: String) -> String {
    let word = text.prefix { $0.isLetter }
    return Self.words.contains(String(word)) ? word.lowercased() + text[word.endIndex...] : text
  }
}

struct Trim: FieldwisePreprocessor {
  let fields: [String]?
  func changed(_ text: String) -> String {
    guard let first = text.firstIndex(where: { !$0.isWhitespace }),
      let last = text.lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(text[first...last])
  }
}

/// Undoes the tokenisation of the Penn Treebank kind: `He did n't ( really ) .` → `He didn't (really).`
struct JoinPunctuation: FieldwisePreprocessor {
  let fields: [String]?

  private static let joinsLeft: Set<Substring> = [
    ".", ",", "!", "?", ";", ":", "%", ")", "]", "n't", "'s", "'re", "'ve", "'ll", "'d", "'m", "N'T", "'S",
  ]
  private static let joinsRight: Set<Substring> = ["(", "[", "$"]

  func changed(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    var joinNext = true
    // Empty pieces stand for repeated spaces, which stay as they are.
    for piece in text.split(separator: " ", omittingEmptySubsequences: false) {
      let word: Substring = piece == "``" || piece == "''" ? "\"" : piece
      let joins = Self.joinsLeft.contains(word) || piece == "''"
      if !joinNext && !joins { result.append(" ") }
      result += word
      joinNext = Self.joinsRight.contains(word) || piece == "``"
    }
    return result
  }
}

/// A number as T5 shows it for STS-B: the nearest multiple of 0.2, halves to even, with one decimal.
///
/// Worked example: 3.8 → "3.8", 3.75 → "3.8", 2.5 → "2.4" (12.5 fifths round to 12), 5 → "5.0".
struct RoundToFifth: Preprocessor {
  let origin: String
  let destination: String

  init(settings: YAMLValue?) throws(GraftError) {
    guard let settings else {
      throw GraftError(
        .badData, "round-to-fifth needs to know its field",
        hint: "write round-to-fifth: {from: score, into: rounded}.")
    }
    let record = try settings.record("round-to-fifth", keys: ["from", "into"])
    guard let from = record["from"] else { throw settings.error("round-to-fifth needs 'from'") }
    origin = try from.string()
    destination = try record["into"]?.string() ?? origin
  }

  var addedFields: [String] { [destination] }

  func apply(to fields: inout [String: String], label: String) throws(GraftError) {
    guard let text = fields[origin] else {
      throw .unknownName("field", origin, known: fields.keys)
    }
    guard let value = Double(text), value.isFinite, abs(value) < 1e12 else {
      throw GraftError(.badData, "'\(text)' in field '\(origin)' is not a number")
    }
    let tenths = Int((value * 5).rounded(.toNearestOrEven)) * 2
    let sign = tenths < 0 ? "-" : ""
    fields[destination] = "\(sign)\(tenths.magnitude / 10).\(tenths.magnitude % 10)"
  }
}
