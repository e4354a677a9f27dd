import Randomness
import Support

/// A number of the premise becomes another in the hypothesis, a contradiction, or is written in the other way, in
/// digits or in words, an entailment: the category `cardinals` of Breaking NLI (Glockner, Shwartz and Goldberg 2018).
/// Numbers are quantities as the `numerical` transform takes them.
struct Cardinals: StressTransform {
  var fits: Set<TaskShape.Kind> { [.inference] }
  var category: String? { "cardinals" }

  func callAsFunction(_ input: StressInput, _ resources: StressResources, at key: RandomKey) -> StressOutcome {
    guard let labels = input.shape.labels else { return .notApplicable("no task of inference") }
    let text = WordText(input[.premise])
    guard FunctionWords.isUpward(text.lowercasedWords) else {
      return .notApplicable("the premise has a negation, quantifier or condition")
    }
    let quantities = text.words.compactMap { index in
      Numerical.quantity(index, text).map { (index: index, value: $0) }
    }
    guard !quantities.isEmpty else { return .notApplicable("no quantity in the premise") }
    var generator = key.generator()
    let (index, value) = quantities[generator.below(quantities.count)]
    if let otherForm = Self.otherForm(of: value, as: text.pieces[index].text), generator.below(2) == 0 {
      return .changed(
        [.hypothesis: text.replacing(index, with: otherForm)], .labelBecomes(labels.entailment))
    }
    let others = Self.others(value)
    let other = others[generator.below(others.count)]
    let word = generator.below(2) == 0 ? Numerical.word(for: other) : nil
    return .changed(
      [.hypothesis: text.replacing(index, with: word ?? String(other))],
      .labelBecomes(labels.contradiction))
  }

  func exchanges(of premise: String, _ resources: StressResources) -> [InferenceLabels.Relation: [String]] {
    let text = WordText(premise)
    guard FunctionWords.isUpward(text.lowercasedWords) else { return [:] }
    var made: [InferenceLabels.Relation: [String]] = [:]
    for index in text.words {
      guard let value = Numerical.quantity(index, text) else { continue }
      if let same = Self.otherForm(of: value, as: text.pieces[index].text) {
        made[.entailment, default: []].append(text.replacing(index, with: same))
      }
      for other in Self.others(value) {
        for form in [Numerical.word(for: other), String(other)].compactMap(\.self) {
          made[.contradiction, default: []].append(text.replacing(index, with: form))
        }
      }
    }
    return made
  }

  /// In digits what is in words, and the other way round.
  private static func otherForm(of value: Int, as shown: String) -> String? {
    shown.first?.isLetter == true ? String(value) : Numerical.word(for: value)
  }

  /// Nine numbers around one, 2 at least.
  private static func others(_ value: Int) -> [Int] { (max(2, value - 4)...value + 5).filter { $0 != value } }
}
