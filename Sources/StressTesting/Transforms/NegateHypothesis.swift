import Randomness
import Support

/// `not` is put after the only auxiliary verb of the hypothesis, and what was said of it turns:
///
/// | it was | it is |
/// |---|---|
/// | entailed | contradicted |
/// | neutral | neutral |
/// | contradicted | entailed or neutral |
///
/// A contradiction of annotated data often rests on the two texts being about one event, so that what denies the
/// hypothesis need not follow. Where a task has two labels only entailments are negated.
///
/// Safe is a hypothesis that begins with a determiner or pronoun, has one auxiliary verb and no other clause, no
/// negation and no quantifier; of subjects with an indefinite article or numeral the negation is about the verb
/// alone, as readers take it.
struct NegateHypothesis: StressTransform {
  var fits: Set<TaskShape.Kind> { [.inference] }

  func callAsFunction(_ input: StressInput, _ resources: StressResources, at key: RandomKey) -> StressOutcome {
    guard let labels = input.shape.labels else { return .notApplicable("no task of inference") }
    if !labels.isThreeWay, input.label != labels.entailment {
      return .notApplicable("the denial of what is not entailed has no certain label")
    }
    var text = WordText(input[.hypothesis])
    // Some may sit while some do not.
    let isPartial = text.lowercasedWords.first.map { ["some", "several", "many"].contains($0) } ?? true
    guard !isPartial, let verb = onlyAuxiliary(text) else {
      return .notApplicable("no single auxiliary verb to negate")
    }
    text.pieces[verb].text += " not"
    let expectation: StressExpectation
    switch input.label {
    case labels.entailment: expectation = .labelBecomes(labels.contradiction)
    case labels.neutral: expectation = .labelPreserved
    case labels.contradiction: expectation = .labelIn([labels.entailment, labels.neutral])
    default: return .notApplicable("the label is not known")
    }
    return .changed([.hypothesis: text.text], expectation)
  }
}

/// The only auxiliary verb of a plain sentence, by index; nil where there is none or it is not plain.
func onlyAuxiliary(_ text: WordText, among verbs: Set<String> = plainAuxiliaries) -> Int? {
  let words = text.words
  let lower = text.lowercasedWords
  guard let first = lower.first,
    FunctionWords.determiners.contains(first)
      || ["he", "she", "it", "they", "we", "i", "you"].contains(first),
    FunctionWords.isUpward(lower), !lower.contains(where: { FunctionWords.conjunctions.contains($0) }),
    !lower.contains(where: { $0.contains("'") || $0.contains("’") || $0 == "while" || $0 == "as" }),
    !text.pieces.contains(where: { !$0.isWord && $0.text.contains { ",;:?\"'".contains($0) } })
  else { return nil }
  let found = lower.indices.filter { FunctionWords.auxiliaries.contains(lower[$0]) }
  guard found.count == 1, verbs.contains(lower[found[0]]), found[0] > 0, found[0] < lower.count - 1 else {
    return nil
  }
  return words[found[0]]
}

/// After these `not` can stand without a change to the rest.
let plainAuxiliaries: Set<String> = [
  "is", "are", "was", "were", "can", "will", "could", "would", "should", "must",
]
