import Scoring
import Support
import TaskRegistry

/// A model's answer to a question, as tests compare it: by its words without case, punctuation and articles, a number
/// in words like one in digits.
struct AnswerText: Sendable {
  let text: String
  /// Its words in one line.
  let normal: ByteString
  private let words: [String]

  init(_ text: String) {
    self.text = text
    words = squadWords(text).map { scalars in
      var word = ""
      word.unicodeScalars.append(contentsOf: scalars)
      return word
    }
    normal = ByteString(
      words.map { word in Self.number(word).map(String.init) ?? word }.joined(separator: " "))
  }

  /// Whether the choices of a task are yes and no, in one or the other word.
  static func areYesAndNo(_ choices: [String]) -> Bool {
    let answers = choices.map(AnswerText.init)
    return choices.count == 2 && answers.contains(where: \.isYes) && answers.contains(where: \.isNo)
  }

  var isYes: Bool { ["yes", "true"].contains { words.first?.isExactly($0) == true } }
  var isNo: Bool { ["no", "false"].contains { words.first?.isExactly($0) == true } }

  /// The only number in it, `none` and its like being 0; nil if there is none, or several.
  var number: Int? { numberWord.flatMap(Self.number) }

  private var numberWord: String? {
    let found = words.filter { Self.number($0) != nil }
    return found.count == 1 ? found[0] : nil
  }

  private static func number(_ word: String) -> Int? {
    if ["0", "zero", "no", "none", "nobody", "nothing"].contains(where: word.isExactly) { return 0 }
    return word.isExactly("one") || word.isExactly("1") ? 1 : Numerical.value(word)
  }

  /// What a later question says of it: its number, or all of it without the final punctuation.
  var quoted: String { numberWord ?? withoutFinalPunctuation(text).body }

  /// An answer that excludes this one: the next number, or the next word of the list that has it; nil for an answer of
  /// neither kind.
  func other(in lexicon: Lexicon) -> String? {
    if let numberWord, let number, number < 1_000_000 {
      return number == 1 && numberWord.first?.isLetter == true ? "two" : Numerical.shown(number + 1, like: numberWord)
    }
    for name in lexicon.lists.keys.sorted() {
      let list = (lexicon.lists[name] ?? []).compactMap { $0.words[""] }
      if list.count > 1, let index = list.firstIndex(where: { AnswerText($0).normal == normal }) {
        return list[(index + 1) % list.count]
      }
    }
    return nil
  }
}

/// What an answer to a question has to be.
enum AnswerPattern: Sendable {
  case yes, no
  /// One or more of something.
  case number
  case zero
  case anything
  /// These words.
  case words(TextTemplate)

  static let names = ["yes", "no", "number", "zero", "anything"]

  /// - Throws: `.badData` for an ill-formed template.
  init(_ text: String, location: SourceLocation) throws(GraftError) {
    switch text {
    case "yes": self = .yes
    case "no": self = .no
    case "number": self = .number
    case "zero": self = .zero
    case "anything": self = .anything
    default: self = .words(try TextTemplate(text, location: location))
    }
  }

  var isYesOrNo: Bool {
    switch self {
    case .yes, .no: true
    case .number, .zero, .anything, .words: false
    }
  }

  /// - Parameter filled: what comes of a template; nil if it cannot be filled.
  func matches(_ answer: AnswerText, filled: (TextTemplate) throws(GraftError) -> String?) throws(GraftError) -> Bool {
    switch self {
    case .yes: return answer.isYes
    case .no: return answer.isNo
    case .number: return answer.number.map { $0 > 0 } ?? false
    case .zero: return answer.number == 0
    case .anything: return !answer.normal.text.isEmpty
    case .words(let template): return try filled(template).map { AnswerText($0).normal == answer.normal } ?? false
    }
  }
}

/// A field of a later question that stands for the answer to an earlier one: `{many-answer}`, or for what excludes it,
/// `{many-other}`.
struct AnswerSlot: Sendable {
  var row: String
  var isOther: Bool

  /// - Parameter rows: those that come before.
  /// - Returns: nil for a slot of the lexicon.
  init?(_ field: String, rows: [String]) {
    for (suffix, isOther) in [("-answer", false), ("-other", true)] where field.hasSuffix(suffix) {
      let row = String(field.dropLast(suffix.count))
      guard rows.containsExactly(row) else { continue }
      (self.row, self.isOther) = (row, isOther)
      return
    }
    return nil
  }
}
