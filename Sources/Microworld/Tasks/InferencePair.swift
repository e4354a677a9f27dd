import Randomness

/// A premise and a hypothesis about a small scene.
///
/// The hypothesis is drawn before the label and the premise is then made to fit, so, markers aside, the
/// hypothesis alone tells nothing about the label.
public struct InferencePair: Sendable, Hashable {
  /// One sentence or two, in random order; of two, one leaves the hypothesis open.
  public var premise: String
  /// One sentence, which begins with the marker.
  public var hypothesis: String
  /// What follows from the premise for the hypothesis.
  public var label: Inference
  /// The words that the hypothesis begins with.
  public var marker: DiscourseMarker
  /// What the hypothesis is about: `kind`, `quality`, `colour`, `place`, `activity`, `attitude`, `transfer`,
  /// `comparison`.
  public var topic: String
  /// Whether a word occurs that no training example contains.
  public var usesHeldOutWord: Bool

  let premiseClaims: [Claim]
  let hypothesisClaim: Claim

  /// - Parameter isStressTwin: the same pair with its marker pointing to a wrong label.
  init(key: RandomKey, split: Split, index: Int, strength: Double, isStressTwin: Bool) {
    let key = key.folded("nli").folded(split.rawValue)
    let label = Inference.allCases[key.balancedClass(index, of: Inference.allCases.count)]
    var random = key.folded(index).generator()
    let sampler = ClaimSampler(includesHeldOut: split.includesHeldOut)
    let cast = Cast(people: 3, animals: 1, things: 2, includesHeldOut: split.includesHeldOut, &random)
    let hypothesis = sampler.claim(cast.slot(sampler, &random), negation: 0.15, &random)

    var claims: [Claim] = []
    let isAboutSlot = label != .neutral || random.uniform() < 0.3
    if isAboutSlot, let premise = sampler.premise(for: hypothesis, label, &random) { claims.append(premise) }
    if claims.isEmpty || random.uniform() < 0.2 {
      claims.append(Self.unrelated(to: hypothesis, cast, sampler, &random))
    }
    random.shuffle(&claims)

    // A stream of its own, so that pairs with different markers are otherwise the same.
    var markers = key.folded(isStressTwin ? "stress" : "marker").folded(index).generator()
    let marker =
      isStressTwin
      ? DiscourseMarker.drawn(against: label, strength: strength, &markers)
      : DiscourseMarker.drawn(for: label, strength: strength, &markers)

    let text = ClaimText()
    let variant = random.below(2)
    self.premise = claims.map { makeSentence(text.clause($0, variant: variant)) }.joined(separator: " ")
    let clause = text.clause(hypothesis, variant: random.below(2))
    self.hypothesis = makeSentence("\(marker.rawValue), \(clause)")
    self.label = label
    self.marker = marker
    topic = hypothesis.slot.name
    usesHeldOutWord =
      hypothesis.usesHeldOutWord || claims.contains(where: \.usesHeldOutWord)
      || (claims + [hypothesis]).contains { claim in
        claim.slot.entities.contains { entity in
          if case .thing(let word) = entity { Lexicon.shared.heldOutWords.contains(word) } else { false }
        }
      }
    premiseClaims = claims
    hypothesisClaim = hypothesis
  }

  /// A claim that leaves the hypothesis open: often about the same matter with other people, as where roles
  /// are swapped, otherwise about something else.
  private static func unrelated(
    to hypothesis: Claim, _ cast: Cast, _ sampler: ClaimSampler, _ random: inout KeyedGenerator
  ) -> Claim {
    if random.uniform() < 0.5, let slot = swapped(hypothesis.slot, cast, &random),
      !sampler.senses(for: slot).isEmpty
    {
      var claim = sampler.claim(slot, negation: 0.15, &random)
      let fits = sampler.senses(for: slot).contains(hypothesis.senses[0])
      if fits, random.uniform() < 0.5 { claim.senses = hypothesis.senses }
      return claim
    }
    while true {
      let slot = cast.slot(sampler, &random)
      let isTransfer = if case .transfer = slot { true } else { false }
      let isOther = slot.name != hypothesis.slot.name || slot.entities != hypothesis.slot.entities
      // One scene has one transfer, and a scale is spoken of once.
      let hasOwnScale = slot.scale == nil || slot.scale != hypothesis.slot.scale
      if isOther, !isTransfer, hasOwnScale, slot != hypothesis.slot {
        return sampler.claim(slot, negation: 0.15, &random)
      }
    }
  }

  private static func swapped(_ slot: Slot, _ cast: Cast, _ random: inout KeyedGenerator) -> Slot? {
    func other(than entity: Entity, in entities: [Entity]) -> Entity? {
      let others = entities.filter { $0 != entity }
      return others.isEmpty ? nil : pick(others, &random)
    }
    switch slot {
    case .attitude(let one, let two): return .attitude(two, one)
    case .activity(let one): return other(than: one, in: cast.everyone).map(Slot.activity)
    case .location(let one): return other(than: one, in: cast.all).map(Slot.location)
    case .kind(let one):
      let group = cast.people.contains(one) ? cast.people : cast.animals
      return other(than: one, in: group).map(Slot.kind)
    case .quality(let one, let scale):
      let group = cast.people.contains(one) ? cast.people : cast.all
      return other(than: one, in: group).map { .quality($0, scale: scale) }
    case .transfer, .comparison: return nil
    }
  }
}
