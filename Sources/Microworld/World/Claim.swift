/// Whom or what a claim is about.
enum Entity: Sendable, Hashable {
  case person(String)
  case animal(String)
  /// "the cup": the only one of its kind around.
  case thing(String)

  /// The sort that selects adjectives: a root of the noun hierarchy.
  var sort: String {
    switch self {
    case .person: "person"
    case .animal: "animal"
    case .thing(let word): Lexicon.shared.noun(word)?.sort ?? word
    }
  }
}

/// One aspect of the world, which has exactly one value. Different slots are independent of each other.
enum Slot: Sendable, Hashable {
  case kind(Entity)
  case quality(Entity, scale: String)
  case location(Entity)
  case activity(Entity)
  /// How the first feels about the second.
  case attitude(Entity, Entity)
  /// The one thing that changed hands between the two, and how.
  case transfer(Entity, Entity)
  /// How the first compares with the second on the scale: less, equal, more. A text that uses it says
  /// nothing else about this scale, so that the slots stay independent.
  case comparison(Entity, Entity, scale: String)

  var name: String {
    switch self {
    case .kind: "kind"
    case .quality(_, let scale): scale == "colour" ? "colour" : "quality"
    case .location: "place"
    case .activity: "activity"
    case .attitude: "attitude"
    case .transfer: "transfer"
    case .comparison: "comparison"
    }
  }

  var entities: [Entity] {
    switch self {
    case .kind(let one), .quality(let one, _), .location(let one), .activity(let one): [one]
    case .attitude(let one, let other), .transfer(let one, let other), .comparison(let one, let other, _):
      [one, other]
    }
  }

  /// The scale that qualities and comparisons speak of.
  var scale: String? {
    switch self {
    case .quality(_, let scale), .comparison(_, _, let scale): scale
    default: nil
    }
  }

  /// The number of values of each component.
  var counts: [Int] {
    let lexicon = Lexicon.shared
    switch self {
    case .kind(.person): return [lexicon.kinds["person"]?.count ?? 0]
    case .kind: return [lexicon.kinds["animal"]?.count ?? 0]
    case .quality(_, let scale): return [lexicon.qualities[scale]?.count ?? 0]
    case .location: return [lexicon.location.count]
    case .activity: return [lexicon.activity.count]
    case .attitude: return [lexicon.attitude.count]
    case .transfer: return [lexicon.transfer.count, 2, lexicon.kinds["thing"]?.count ?? 0]
    case .comparison: return [3]
    }
  }
}

/// What follows from one claim for another.
public enum Inference: String, Sendable, Hashable, CaseIterable, Codable {
  /// It must be true, may be true or not, or cannot be true.
  case entailment, neutral, contradiction
}

/// A statement about one slot: its value is (or, negated, is not) among those that the words denote.
struct Claim: Sendable, Hashable {
  var slot: Slot
  /// One word; for a transfer the verb and the thing.
  var senses: [Sense]
  /// For comparisons and transfers: the second entity is the subject of the comparison or hands over.
  var isReversed = false
  var isNegated = false

  /// The values of which the claim, leaving negation aside, is true, one set per component.
  var values: [ValueSet] {
    switch slot {
    case .transfer: [senses[0].values, ValueSet([isReversed ? 1 : 0]), senses[1].values]
    case .comparison:
      // An adjective from the upper end of its scale says more, one from the lower end less.
      [ValueSet([senses[0].values.contains(4) == isReversed ? 0 : 2])]
    default: [senses[0].values]
    }
  }

  /// Whether the claim is true where its slot has this value.
  func isTrue(of value: [Int]) -> Bool {
    zip(values, value).allSatisfy { $0.contains($1) } != isNegated
  }

  /// What follows from `self` for `other`, worked out on sets: entailment if every value that `self` allows
  /// is one that `other` allows, contradiction if none is. Claims about different slots are neutral.
  func inference(to other: Claim) -> Inference {
    guard slot == other.slot else { return .neutral }
    let isInside = zip(values, other.values).allSatisfy { $0.isSubset(of: $1) }
    let contains = zip(values, other.values).allSatisfy { $1.isSubset(of: $0) }
    let isApart = zip(values, other.values).contains { $0.isDisjoint(with: $1) }
    // Two products of sets cover the whole product only if they do so in the single component there is.
    let counts = slot.counts
    let covers = counts.count == 1 && values[0].covers(with: other.values[0], of: counts[0])
    switch (isNegated, other.isNegated) {
    case (false, false): return isInside ? .entailment : isApart ? .contradiction : .neutral
    case (false, true): return isApart ? .entailment : isInside ? .contradiction : .neutral
    case (true, false): return covers ? .entailment : contains ? .contradiction : .neutral
    case (true, true): return contains ? .entailment : covers ? .contradiction : .neutral
    }
  }

  var usesHeldOutWord: Bool { senses.contains(where: \.isHeldOut) }
}
