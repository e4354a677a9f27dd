import Randomness
import Support

/// The numerical test of Naik et al. 2018: a number of the premise is changed, or `more than` or `less than` is put
/// before it, in a hypothesis that is otherwise the premise. The label is drawn by the key, so that all are about as
/// frequent.
///
/// - Entailment: a bound that holds. `Three dogs run.` entails `Less than nine dogs run.`
/// - Contradiction: another number, or a bound that does not hold: `Five dogs run.`, `More than six dogs run.`
/// - Neutral: an entailed pair turned round: `Less than nine dogs run.` does not say `Three dogs run.`
///
/// Numbers are quantities of something, in digits or from two to twenty in words, and 2 at least, without determiner.
/// The paper takes its premises from word problems; here they are the task's own.
struct Numerical: StressTransform {
  var fits: Set<TaskShape.Kind> { [.inference] }

  private enum Bound: String {
    case more = "more than"
    case less = "less than"
  }

  func callAsFunction(_ input: StressInput, _ resources: StressResources, at key: RandomKey) -> StressOutcome {
    guard let labels = input.shape.labels else { return .notApplicable("no task of inference") }
    let text = WordText(input[.premise])
    guard FunctionWords.isUpward(text.lowercasedWords) else {
      return .notApplicable("the premise has a negation, quantifier or condition")
    }
    let quantities = text.words.compactMap { index in Self.quantity(index, text).map { (index: index, value: $0) }
    }
    guard !quantities.isEmpty else { return .notApplicable("no quantity in the premise") }
    var generator = key.generator()
    let (index, value) = quantities[generator.below(quantities.count)]
    let relations: [InferenceLabels.Relation] =
      labels.isThreeWay
      ? [.entailment, .neutral, .contradiction]
      : [.entailment, generator.below(2) == 0 ? .neutral : .contradiction]
    let relation = relations[generator.below(relations.count)]

    func changed(_ number: Int, _ bound: Bound? = nil) -> String {
      let shown = Self.shown(number, like: text.pieces[index].text)
      return text.replacing(index, with: (bound.map { $0.rawValue + " " } ?? "") + shown)
    }
    // A number up to nine away; below 2 it would be another grammatical number.
    let above = value + 1 + generator.below(9)
    let below = value > 2 ? value - 1 - generator.below(min(9, value - 2)) : nil
    let bound: Bound = below == nil || generator.below(2) == 0 ? .less : .more
    let holding = bound == .less ? changed(above, .less) : changed(below ?? above, .more)
    switch relation {
    case .entailment: return .changed([.hypothesis: holding], .labelBecomes(labels.entailment))
    case .neutral:
      return .changed([.premise: holding, .hypothesis: input[.premise]], .labelBecomes(labels.neutral))
    case .contradiction:
      let wrong: String
      switch generator.below(3) {
      case 0: wrong = changed(above, .more)
      case 1: wrong = below.map { changed($0, .less) } ?? changed(above)
      default: wrong = generator.below(2) == 0 ? changed(above) : changed(below ?? above)
      }
      return .changed([.hypothesis: wrong], .labelBecomes(labels.contradiction))
    }
  }

  /// The number a word stands for, if it says how many there are of something.
  static func quantity(_ index: Int, _ text: WordText) -> Int? {
    let word = text.pieces[index].text.lowercased()
    guard let value = Self.value(word), value >= 2, value <= 999_999, let next = text.word(after: index)
    else {
      return nil
    }
    let before = text.word(before: index)?.lowercased()
    let isAfterPiece = index == 0 || text.pieces[index - 1].text == " "
    guard isAfterPiece, next.first?.isLetter == true, next.lowercased() == next, Self.value(next) == nil,
      !FunctionWords.all.contains(next),
      !["am", "pm", "percent", "hundred", "thousand", "million"].contains(next)
    else { return nil }
    // Whatever makes it a name, an age, a date or part of a larger number.
    let unsuited = FunctionWords.articles.union(FunctionWords.possessives).union(FunctionWords.demonstratives)
      .union([
        "number", "age", "aged", "about", "around", "over", "under", "nearly", "almost", "least", "page",
        "chapter", "in",
        "by", "at", "hundred", "thousand", "other",
      ])
    if let before, unsuited.contains(before) || Self.value(before) != nil { return nil }
    return value
  }

  private static let names = [
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen",
    "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
  ]

  /// The number from 2 that a word in lower case or digits stand for.
  static func value(_ word: String) -> Int? {
    if let index = names.firstIndex(of: word) { return index + 2 }
    guard word.allSatisfy({ $0.isASCII && $0.isNumber }), word.first != "0" else { return nil }
    return Int(word)
  }

  /// The word for a number from 2 to 20; nil for others.
  static func word(for number: Int) -> String? {
    names.indices.contains(number - 2) ? names[number - 2] : nil
  }

  /// A number in words if the other is and there is a word.
  static func shown(_ number: Int, like other: String) -> String {
    let isWord = other.first?.isLetter == true
    return isWord && names.indices.contains(number - 2) ? names[number - 2] : String(number)
  }
}
