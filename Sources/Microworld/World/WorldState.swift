import Randomness

/// A complete little world: every slot has a value, a pure function of the world's key and the slot, so that
/// all that a text says about it can be checked.
struct WorldState: Sendable, Hashable {
  private let key: RandomKey

  init(key: RandomKey) { self.key = key }

  /// The slot's value, one number per component. Comparisons follow from nothing else: a text that compares
  /// two entities on a scale does not place either of them on it.
  func value(of slot: Slot) -> [Int] {
    var random = key.folded(path(slot)).generator()
    return slot.counts.enumerated().map { component, count in
      switch slot {
      // The value outside all words would leave nothing but denials to say.
      case .kind, .location, .activity: random.below(count - 1)
      case .quality(_, "colour"): random.below(count - 1)
      case .transfer where component == 2: random.below(count - 1)
      // The middle of a scale, which is neither big nor small, is rarer than its ends.
      case .quality, .attitude: [0, 0, 1, 1, 2, 3, 3, 4, 4][random.below(9)]
      default: random.below(count)
      }
    }
  }

  /// A claim about the slot that is true here.
  func truth(
    about slot: Slot, _ sampler: ClaimSampler, negation: Double, _ random: inout KeyedGenerator
  ) -> Claim? {
    let value = value(of: slot)
    let template = sampler.claim(slot, negation: 0, &random)
    var found = sampler.alternatives(to: template, &random).filter { $0.isTrue(of: value) }
    let isNegated = random.uniform() < negation
    let wanted = found.filter { $0.isNegated == isNegated }
    if !wanted.isEmpty { found = wanted }
    return found.isEmpty ? nil : pick(found, &random)
  }

  private func path(_ slot: Slot) -> String {
    let names = slot.entities.map { entity in
      switch entity {
      case .person(let name): "person \(name)"
      case .animal(let name): "animal \(name)"
      case .thing(let word): "thing \(word)"
      }
    }
    return ([slot.name, slot.scale ?? ""] + names).joined(separator: "/")
  }
}
