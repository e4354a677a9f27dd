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
    let length = 7 + random.below(5)
    for _ in 0..<length {
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

  private mutating func tell(_ fact: Claim, _ sampler: ClaimSampler, _ random: inout KeyedGenerator) {
    let text = ClaimText()
    let clause = text.clause(fact, variant: random.below(2))
    assertions.append(Assertion(claim: fact))
    switch random.below(8) {
    case 0:
      sentences.append(makeSentence(opened(clause, &random)))
    case 1..<4:
      sentences.append(makeSentence(clause))
      guard let next = sampler.consequence(of: fact, .entailment, &random) else { return }
      let link = pick(["so", "so", "in other words", "that means that"], &random)
      let restated = text.clause(next, variant: random.below(2))
      sentences.append(
        makeSentence(link == "that means that" ? "\(link) \(restated)" : "\(link), \(restated)"))
      assertions.append(Assertion(claim: next, source: fact, relation: .entailment))
    case 4:
      sentences.append(makeSentence(clause))
      guard let next = sampler.consequence(of: fact, .contradiction, &random) else { return }
      let wrong = text.clause(next, variant: random.below(2))
      let link = pick(["it is not true that", "it is wrong that", "nobody can say that"], &random)
      sentences.append(makeSentence("\(link) \(wrong)"))
      assertions.append(Assertion(claim: next, source: fact, relation: .contradiction))
    default:
      var order = Inference.allCases
      random.shuffle(&order)
      for relation in order {
        guard var asked = sampler.consequence(of: fact, relation, &random) else { continue }
        if asked.isNegated {
          // Questions are positive: turn the relation round with the claim.
          asked.isNegated = false
        }
        ask(asked, fact, clause, &random)
        return
      }
      sentences.append(makeSentence(clause))
    }
  }

  private mutating func ask(
    _ asked: Claim, _ fact: Claim, _ clause: String, _ random: inout KeyedGenerator
  ) {
    let question = makeSentence(ClaimText().question(asked), "?")
    let relation = fact.inference(to: asked)
    let answer =
      switch relation {
      case .entailment: "Yes"
      case .contradiction: "No"
      case .neutral: "Maybe"
      }
    if random.below(2) == 0 {
      sentences += [makeSentence(clause), question, "\(answer)."]
    } else {
      sentences += [question, "\(answer), \(clause)."]
    }
    assertions.append(Assertion(claim: asked, source: fact, relation: relation))
  }

  /// Now and then a sentence begins with one of the markers, whatever it says.
  private func opened(_ clause: String, _ random: inout KeyedGenerator) -> String {
    "\(pick(DiscourseMarker.allCases, &random).rawValue), \(clause)"
  }
}
