import Randomness

/// Draws claims: any claim, a true one, or one that stands in a given relation to another.
struct ClaimSampler: Sendable {
  private let lexicon = Lexicon.shared
  /// Whether held-out words may be used.
  let includesHeldOut: Bool

  init(includesHeldOut: Bool) { self.includesHeldOut = includesHeldOut }

  func allowed(_ senses: [Sense]) -> [Sense] { includesHeldOut ? senses : senses.filter { !$0.isHeldOut } }

  /// The words that can fill the slot's claim.
  func senses(for slot: Slot) -> [Sense] {
    switch slot {
    case .kind(.person): allowed(lexicon.kinds["person"]?.senses ?? []).filter { $0.word != "person" }
    case .kind: allowed(lexicon.kinds["animal"]?.senses ?? [])
    case .quality(let entity, let scale):
      allowed(lexicon.qualities[scale]?.senses ?? []).filter {
        lexicon.adjective($0.word)?.sorts.contains(entity.sort) == true
      }
    case .location: allowed(lexicon.location.senses)
    case .activity: allowed(lexicon.activity.senses)
    case .attitude: allowed(lexicon.attitude.senses)
    case .transfer: allowed(lexicon.transfer.senses)
    case .comparison(let one, let other, let scale):
      allowed(lexicon.qualities[scale]?.senses ?? []).filter {
        guard let adjective = lexicon.adjective($0.word), adjective.comparative != nil else { return false }
        return adjective.sorts.contains(one.sort) && adjective.sorts.contains(other.sort)
      }
    }
  }

  /// The scales on which every one of the entities has a word for either end.
  func scales(for entities: [Entity], comparing: Bool = false) -> [String] {
    lexicon.scales.filter { scale in
      entities.allSatisfy { entity in
        let slot: Slot =
          comparing ? .comparison(entities[0], entity, scale: scale) : .quality(entity, scale: scale)
        let words = senses(for: slot)
        return words.contains { $0.values.contains(4) } && words.contains { $0.values.contains(0) }
      }
    }
  }

  /// A random claim about the slot.
  func claim(
    _ slot: Slot, negation: Double, _ random: inout KeyedGenerator
  ) -> Claim {
    var chosen = [pick(senses(for: slot), &random)]
    if case .transfer = slot { chosen.append(pick(things, &random)) }
    let isOrdered = if case .comparison = slot { true } else if case .transfer = slot { true } else { false }
    return Claim(
      slot: slot, senses: chosen, isReversed: isOrdered && random.below(2) == 1,
      isNegated: random.uniform() < negation)
  }

  var things: [Sense] { allowed(lexicon.kinds["thing"]?.senses ?? []) }

  /// Every claim about the slot that could be weighed against `claim`; of the many things that can change
  /// hands only those related to the one in `claim`, and a few others.
  func alternatives(to claim: Claim, _ random: inout KeyedGenerator) -> [Claim] {
    let words = senses(for: claim.slot)
    var result: [Claim] = []
    var objects: [[Sense]] = [[]]
    var orders = [false]
    if case .transfer = claim.slot {
      let object = claim.senses[1]
      let others = things
      var near = others.filter {
        $0.values.isSubset(of: object.values) || object.values.isSubset(of: $0.values)
      }
      for _ in 0..<3 { near.append(pick(others, &random)) }
      objects = near.map { [$0] }
      orders = [false, true]
    }
    if case .comparison = claim.slot { orders = [false, true] }
    for isNegated in [false, true] {
      for isReversed in orders {
        for word in words {
          for object in objects {
            result.append(
              Claim(slot: claim.slot, senses: [word] + object, isReversed: isReversed, isNegated: isNegated))
          }
        }
      }
    }
    return result
  }

  /// A premise from which `relation` follows for `hypothesis`, or nil if no claim about its slot is one.
  /// Repeating the hypothesis's words is held down, so that meanings matter more than overlap.
  func premise(
    for hypothesis: Claim, _ relation: Inference, _ random: inout KeyedGenerator
  ) -> Claim? {
    related(
      alternatives(to: hypothesis, &random).filter { $0.inference(to: hypothesis) == relation },
      to: hypothesis, &random)
  }

  /// A claim other than `premise` for which `relation` follows from it.
  func consequence(
    of premise: Claim, _ relation: Inference, _ random: inout KeyedGenerator
  ) -> Claim? {
    related(
      alternatives(to: premise, &random).filter { $0 != premise && premise.inference(to: $0) == relation },
      to: premise, &random)
  }

  private func related(_ found: [Claim], to other: Claim, _ random: inout KeyedGenerator) -> Claim? {
    let wantsNegated = random.uniform() < 0.15
    let wantsSameWords = random.uniform() < 0.2
    var pool = found
    for wanted: (Claim) -> Bool in [
      { $0.isNegated == wantsNegated }, { ($0.senses == other.senses) == wantsSameWords },
    ] {
      let narrowed = pool.filter(wanted)
      if !narrowed.isEmpty { pool = narrowed }
    }
    return pool.isEmpty ? nil : pick(pool, &random)
  }
}

/// One of the elements, each equally likely.
/// - Precondition: there is one.
func pick<Element>(_ elements: [Element], _ random: inout KeyedGenerator) -> Element {
  elements[random.below(elements.count)]
}
