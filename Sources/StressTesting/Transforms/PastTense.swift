import Randomness
import Support

/// Every text of a pair from the present to the past: `is` becomes `was`, `are` becomes `were`. The label stays, as
/// both texts move together.
///
/// Safe is a text whose only auxiliary verb is `is` or `are`, directly before a word in -ing, without a second
/// clause, negation or quantifier, and that names no time.
struct PastTense: StressTransform {
  var fits: Set<TaskShape.Kind> { [.inference, .paraphrase] }

  private static let times: Set<String> = [
    "now", "today", "tomorrow", "yesterday", "currently", "tonight", "soon", "about", "going",
  ]

  func callAsFunction(_ input: StressInput, _ resources: StressResources, at key: RandomKey) -> StressOutcome {
    var changed: [TextRole: String] = [:]
    for role in input.shape.roles {
      var text = WordText(input[role])
      guard let verb = onlyAuxiliary(text, among: ["is", "are"]),
        text.word(after: verb)?.hasSuffix("ing") == true,
        Self.times.isDisjoint(with: text.lowercasedWords)
      else { return .notApplicable("not every text has one verb, in the present progressive") }
      text.pieces[verb].text = text.pieces[verb].text.lowercased() == "is" ? "was" : "were"
      changed[role] = text.text
    }
    return .changed(changed, .labelPreserved)
  }
}
