import Randomness
import Support

/// `It is the case that` before the text that is judged: `A dog is asleep.` becomes
/// `It is the case that a dog is asleep.` The label stays.
///
/// Safe is a statement of one sentence that begins with a determiner or pronoun and has a finite auxiliary verb; what
/// has none may be no sentence.
struct ParaphraseTemplate: StressTransform {
  var fits: Set<TaskShape.Kind> { [.inference, .paraphrase, .sentence] }

  func callAsFunction(_ input: StressInput, _ resources: StressResources, at key: RandomKey) -> StressOutcome {
    let original = input[input.judged]
    let (body, ending) = withoutFinalPunctuation(original)
    let words = WordText(body)
    let lower = words.lowercasedWords
    guard let first = lower.first,
      FunctionWords.determiners.contains(first) || FunctionWords.pronouns.contains(first),
      words.pieces.first?.isWord == true
    else { return .notApplicable("the text does not begin with a determiner or pronoun") }
    let finite: Set<String> = [
      "is", "are", "was", "were", "am", "has", "will", "can", "could", "would", "does", "did",
    ]
    guard lower.contains(where: finite.contains) else { return .notApplicable("no finite auxiliary verb") }
    guard !ending.contains("?"), !body.contains(where: { ".!?\"".contains($0) }) else {
      return .notApplicable("not one statement")
    }
    let isCapital = original.first?.isUppercase == true
    let start = words.pieces[0].text == "I" ? body : body.lowercasedStart
    let added = isCapital ? "It is the case that " : "it is the case that "
    return .changed([input.judged: added + start + ending], .labelPreserved)
  }
}
