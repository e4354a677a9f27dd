import Randomness
import Support

/// Every text in lower case, or in upper case. The label stays.
struct Casing: StressTransform {
  var isUpper: Bool

  var fits: Set<TaskShape.Kind> { [.inference, .paraphrase, .pair, .sentence] }

  func callAsFunction(_ input: StressInput, _ resources: StressResources, at key: RandomKey) -> StressOutcome {
    var changed: [TextRole: String] = [:]
    for role in input.shape.roles {
      let text = isUpper ? input[role].uppercased() : input[role].lowercased()
      if !text.isExactly(input[role]) { changed[role] = text }
    }
    guard !changed.isEmpty else {
      return .notApplicable(isUpper ? "no letter in lower case" : "no letter in upper case")
    }
    return .changed(changed, .labelPreserved)
  }
}
