import Randomness
import Support

/// The two texts exchanged. What must hold then:
///
/// | task | label | after the exchange |
/// |---|---|---|
/// | paraphrase | any | the same |
/// | inference, three labels | contradiction | contradiction, which is symmetric |
/// | | entailment, neutral | entailment or neutral: were it a contradiction, it would have been one before |
/// | inference, two labels | any | nothing; not applicable |
struct SwapPair: StressTransform {
  var fits: Set<TaskShape.Kind> { [.inference, .paraphrase] }

  func callAsFunction(_ input: StressInput, _ resources: StressResources, at key: RandomKey) -> StressOutcome {
    let roles = input.shape.roles
    guard roles.count == 2, input[roles[0]] != input[roles[1]] else {
      return .notApplicable("both texts are the same")
    }
    let changed = [roles[0]: input[roles[1]], roles[1]: input[roles[0]]]
    guard let labels = input.shape.labels else { return .changed(changed, .labelPreserved) }
    guard labels.isThreeWay else {
      return .notApplicable("with two labels nothing follows for the exchanged pair")
    }
    return .changed(
      changed,
      input.label == labels.contradiction ? .labelPreserved : .labelIn([labels.entailment, labels.neutral]))
  }
}
