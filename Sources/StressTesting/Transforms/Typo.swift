import Randomness
import Support

/// Two different neighbouring letters of a word are exchanged, once in every text; CheckList's typo (Ribeiro et al.
/// 2020). The label stays.
struct Typo: StressTransform {
  var fits: Set<TaskShape.Kind> { [.inference, .paraphrase, .pair, .sentence] }

  func callAsFunction(_ input: StressInput, _ resources: StressResources, at key: RandomKey) -> StressOutcome {
    var changed: [TextRole: String] = [:]
    for role in input.shape.roles {
      var letters = Array(input[role])
      let places = letters.indices.dropLast().filter {
        letters[$0].isLetter && letters[$0 + 1].isLetter && letters[$0] != letters[$0 + 1]
      }
      guard !places.isEmpty else { continue }
      var generator = key.folded(role.rawValue).generator()
      let place = places[generator.below(places.count)]
      letters.swapAt(place, place + 1)
      changed[role] = String(letters)
    }
    guard !changed.isEmpty else { return .notApplicable("no two letters to exchange") }
    return .changed(changed, .labelPreserved)
  }
}
