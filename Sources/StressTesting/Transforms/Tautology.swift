import Randomness
import Support

/// The distraction tests of Naik et al. 2018: something that is always true is added to one text, before the mark
/// that ends it, and the label stays.
///
/// | name | what | where |
/// |---|---|---|
/// | word overlap | `and true is true` | hypothesis |
/// | negation | `and false is not true` | hypothesis |
/// | length mismatch | `and true is true`, five times | premise |
///
/// Worked example: `The woman is young.` becomes `The woman is young and true is true.` In tasks on one text the
/// words are added to that.
struct Tautology: StressTransform {
  var words: String
  var repetitions: Int
  var isOnPremise: Bool

  static let wordOverlap = Tautology(words: "and true is true", repetitions: 1, isOnPremise: false)
  static let negation = Tautology(words: "and false is not true", repetitions: 1, isOnPremise: false)
  static let lengthMismatch = Tautology(words: "and true is true", repetitions: 5, isOnPremise: true)

  var fits: Set<TaskShape.Kind> { [.inference, .sentence] }

  func callAsFunction(_ input: StressInput, _ resources: StressResources, at key: RandomKey) -> StressOutcome {
    let role = isOnPremise ? input.shape.roles[0] : input.judged
    let (body, ending) = withoutFinalPunctuation(input[role])
    guard !body.isEmpty else { return .notApplicable("the text is empty") }
    let added = String(repeating: " " + words, count: repetitions)
    return .changed([role: body + added + ending], .labelPreserved)
  }
}
