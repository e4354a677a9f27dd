import Randomness
import Support

/// A text that ends in a mark loses it, one that does not gets a full stop; every text of the example. The label
/// stays.
struct Punctuation: StressTransform {
  var fits: Set<TaskShape.Kind> { [.inference, .paraphrase, .pair, .sentence] }

  func callAsFunction(_ input: StressInput, _ resources: StressResources, at key: RandomKey) -> StressOutcome {
    var changed: [TextRole: String] = [:]
    for role in input.shape.roles {
      let (body, ending) = withoutFinalPunctuation(input[role])
      guard body.last.map({ $0.isLetter || $0.isNumber }) == true else { continue }
      if ending.contains("?") || ending.contains("!") { continue }
      changed[role] = ending.contains(".") ? body : body + "."
    }
    guard !changed.isEmpty else { return .notApplicable("no text that ends in a word or full stop") }
    return .changed(changed, .labelPreserved)
  }
}
