import Randomness

/// A paragraph about a few people, animals and things in one world: facts, what follows from them, what does
/// not, questions with their answers.
struct Story: Sendable {
  /// What a sentence says, for checking: the claim is true in the world, or follows in the given way from the
  /// one before it.
  struct Assertion: Sendable {
    var claim: Claim
    var source: Claim?
    var relation: Inference?
  }

  let world: WorldState
  private(set) var sentences: [String] = []
  private(set) var assertions: [Assertion] = []

  var text: String { sentences.joined(separator: " ") }

  init(key: RandomKey) {
    world = WorldState(key: key.folded("world"))
    var random = key.folded("story").generator()
    let sampler = ClaimSampler(includesHeldOut: true)
    let cast = Cast(people: 3, animals: 1, things: 2, includesHeldOut: true, &random)
    var comparedScales: Set<String> = []
    var placedScales: Set<String> = []
    var seen: Set<Slot> = []
    for _ in 0..<(4 + random.below(3)) {
      let slot = cast.slot(sampler, &random)
      // One transfer only, and no scale both compared on and placed on.
      if !seen.insert(slot).inserted { continue }
      if case .transfer = slot, seen.contains(where: { $0 != slot && $0.name == "transfer" }) { continue }
      if case .comparison(_, _, let scale) = slot {
        if placedScales.contains(scale) || !comparedScales.insert(scale).inserted { continue }
      } else if let scale = slot.scale {
        if comparedScales.contains(scale) { continue }
        placedScales.insert(scale)
      }
      guard let fact = world.truth(about: slot, sampler, negation: 0.1, &random) else { continue }
      tell(fact, sampler, &random)
    }
  }

  /// A fact and several sentences that turn it over: the same in other words, what it rules out, questions
  /// that it answers or leaves open. Whichever of them is hidden, the others tell.
  private mutating func tell(_ fact: Claim, _ sampler: ClaimSampler, _ random: inout KeyedGenerator) {
    let text = ClaimText()
    let clause = text.clause(fact, variant: random.below(2))
    var told = [makeSentence(opened(clause, &random))]
    assertions.append(Assertion(claim: fact))
    for _ in 0..<(2 + random.below(3)) {
      switch random.below(5) {
      case 0, 1:
        guard let next = sampler.consequence(of: fact, .entailment, &random) else { continue }
        let restated = text.clause(next, variant: random.below(2))
        let link = pick(["so, ", "in other words, ", "that means that ", "", ""], &random)
        told.append(makeSentence(link.isEmpty ? opened(restated, &random) : link + restated))
        assertions.append(Assertion(claim: next, source: fact, relation: .entailment))
      case 2:
        guard let next = sampler.consequence(of: fact, .contradiction, &random) else { continue }
        var denied = next
        denied.isNegated.toggle()
        let wrong = text.clause(next, variant: random.below(2))
        if random.below(2) == 0 {
          told.append(makeSentence(pick(["it is not true that ", "it is wrong that "], &random) + wrong))
          assertions.append(Assertion(claim: next, source: fact, relation: .contradiction))
        } else {
          told.append(makeSentence(opened(text.clause(denied, variant: random.below(2)), &random)))
          assertions.append(Assertion(claim: denied, source: fact, relation: .entailment))
        }
      default:
        let relation = pick(Inference.allCases, &random)
        guard var asked = sampler.consequence(of: fact, relation, &random) else { continue }
        // Questions are positive.
        asked.isNegated = false
        told += answered(asked, fact)
      }
    }
    sentences += told
  }

  /// A question, and what the fact answers to it.
  private mutating func answered(_ asked: Claim, _ fact: Claim) -> [String] {
    let relation = fact.inference(to: asked)
    assertions.append(Assertion(claim: asked, source: fact, relation: relation))
    let answer =
      switch relation {
      case .entailment: "Yes."
      case .contradiction: "No."
      case .neutral: "Maybe."
      }
    return [makeSentence(ClaimText().question(asked), "?"), answer]
  }

  /// Now and then a sentence begins with one of the markers, whatever it says.
  private func opened(_ clause: String, _ random: inout KeyedGenerator) -> String {
    random.below(4) == 0 ? "\(pick(DiscourseMarker.allCases, &random).rawValue), \(clause)" : clause
  }
}
