import Randomness

/// The few people, animals and things that a text is about.
struct Cast: Sendable, Hashable {
  var people: [Entity]
  var animals: [Entity]
  var things: [Entity]

  var everyone: [Entity] { people + animals }
  var all: [Entity] { people + animals + things }

  init(
    people: Int, animals: Int, things: Int, includesHeldOut: Bool, _ random: inout KeyedGenerator
  ) {
    func some(_ names: [String], _ count: Int) -> [String] {
      var shuffled = names
      random.shuffle(&shuffled)
      return Array(shuffled.prefix(count))
    }
    let nouns = Lexicon.shared.nouns(ofSorts: Lexicon.things.union(["drink"]))
      .filter { includesHeldOut || !$0.isHeldOut }.map(\.word)
    self.people = some(personNames, people).map(Entity.person)
    self.animals = some(animalNames, animals).map(Entity.animal)
    self.things = some(nouns, things).map(Entity.thing)
  }

  /// A random slot. Qualities are the most frequent, for they have the most words.
  func slot(_ sampler: ClaimSampler, _ random: inout KeyedGenerator) -> Slot {
    let draw = random.below(20)
    switch draw {
    case 0..<7:
      let entity = pick(all, &random)
      return .quality(entity, scale: pick(sampler.scales(for: [entity]), &random))
    case 7, 8:
      let coloured = things.filter { !sampler.senses(for: .quality($0, scale: "colour")).isEmpty }
      if coloured.isEmpty { return .kind(pick(everyone, &random)) }
      return .quality(pick(coloured, &random), scale: "colour")
    case 9..<12: return .kind(pick(everyone, &random))
    case 12, 13: return .location(pick(all, &random))
    case 14, 15: return .activity(pick(everyone, &random))
    case 16, 17:
      let pair = two(people, &random)
      return .attitude(pair.0, pair.1)
    case 18:
      let pair = two(people, &random)
      return .transfer(pair.0, pair.1)
    default:
      let comparable = [people, things].filter { $0.count >= 2 }
      let pair = two(pick(comparable, &random), &random)
      let scales = sampler.scales(for: [pair.0, pair.1], comparing: true)
      if scales.isEmpty { return .activity(pick(everyone, &random)) }
      return .comparison(pair.0, pair.1, scale: pick(scales, &random))
    }
  }

  private func two(_ entities: [Entity], _ random: inout KeyedGenerator) -> (Entity, Entity) {
    precondition(entities.count >= 2, "a cast needs two people for what happens between people")
    let first = random.below(entities.count)
    let second = (first + 1 + random.below(entities.count - 1)) % entities.count
    return (entities[first], entities[second])
  }
}
