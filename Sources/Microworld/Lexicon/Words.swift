/// A set of up to 128 values of one aspect of the world.
struct ValueSet: Sendable, Hashable {
  var bits: UInt128 = 0

  init() {}
  init(_ values: some Sequence<Int>) { for value in values { bits |= 1 << UInt128(value) } }

  func contains(_ value: Int) -> Bool { bits >> UInt128(value) & 1 == 1 }
  func isSubset(of other: ValueSet) -> Bool { bits & ~other.bits == 0 }
  func isDisjoint(with other: ValueSet) -> Bool { bits & other.bits == 0 }
  /// Whether the two sets together are all of 0..<count.
  func covers(with other: ValueSet, of count: Int) -> Bool { (bits | other.bits).nonzeroBitCount == count }
}

/// A word with what it denotes: the values of an aspect of which it is true.
struct Sense: Sendable, Hashable {
  var word: String
  var values: ValueSet
  /// Whether training splits do without the word.
  var isHeldOut: Bool
}

/// An aspect of the world that has exactly one of `count` values, and the words for it.
struct Domain: Sendable, Hashable {
  var count: Int
  var senses: [Sense]

  func sense(_ word: String) -> Sense? { senses.first { $0.word == word } }

  /// Words in a hierarchy. Each word (but for synonyms) has a value of its own, "of this kind and of none of
  /// the kinds listed below it", and denotes that and the values below.
  static func hierarchy(_ entries: [(word: String, parent: String?, isSynonym: Bool, isHeldOut: Bool)])
    -> Domain
  {
    var value: [String: Int] = [:]
    var parent: [Int: Int] = [:]
    for entry in entries {
      if entry.isSynonym, let parent = entry.parent, let same = value[parent] {
        value[entry.word] = same
      } else {
        let new = parent.count
        value[entry.word] = new
        parent[new] = entry.parent.flatMap { value[$0] } ?? -1
      }
    }
    precondition(parent.count <= 128, "a hierarchy of \(parent.count) words; the limit is 128")
    func isBelow(_ low: Int, _ high: Int) -> Bool {
      var node = low
      while node >= 0 {
        if node == high { return true }
        node = parent[node] ?? -1
      }
      return false
    }
    let senses = entries.map { entry in
      let node = value[entry.word] ?? -1
      return Sense(
        word: entry.word, values: ValueSet((0..<parent.count).filter { isBelow($0, node) }),
        isHeldOut: entry.isHeldOut)
    }
    // One more value, for whatever the words do not name.
    return Domain(count: parent.count + 1, senses: senses)
  }
}

enum Gender: String, Sendable {
  case masculine = "m"
  case feminine = "f"
  case neuter = "n"
}

struct GermanNoun: Sendable, Hashable {
  var word: String
  var gender: Gender
  /// Accusative and dative singular.
  var oblique: String
}

struct Noun: Sendable, Hashable {
  var word: String
  /// Nil for a mass noun.
  var plural: String?
  var parent: String?
  /// The topmost noun above it: what can be said of it and done with it goes by this.
  var sort: String
  var german: GermanNoun
  var isHeldOut: Bool
}

struct Adjective: Sendable, Hashable {
  var word: String
  var comparative: String?
  /// The scale, or `colour`.
  var scale: String
  /// The sorts of nouns it can be said of.
  var sorts: Set<String>
  /// The stem to which German endings are added, and the form without.
  var german: (stem: String, predicative: String)?
  var isHeldOut: Bool

  static func == (left: Adjective, right: Adjective) -> Bool { left.word == right.word }
  func hash(into hasher: inout Hasher) { hasher.combine(word) }
}

struct Place: Sendable, Hashable {
  var word: String
  var preposition: String
  var parent: String?
  var german: String
  var isHeldOut: Bool
}

/// A verb of plain clauses; without `objects` it is intransitive, with `isHanding` it takes a recipient too.
struct ClauseVerb: Sendable, Hashable {
  var thirdPerson: String
  var base: String
  var past: String
  var subjects: Set<String>
  var objects: Set<String>
  var isHanding: Bool
  var germanThirdPerson: String
  var germanInfinitive: String
  var germanParticiple: String
  var germanAuxiliary: String
  var isHeldOut: Bool
}

/// A verb of claims: attitudes (`form` third person) and transfers (`form` past).
struct ClaimVerb: Sendable, Hashable {
  var form: String
  var base: String
  /// For transfers: whether the subject takes; then the other person is the giver.
  var takes: Bool
  var preposition: String
}

struct SentimentWord: Sendable, Hashable {
  var word: String
  /// Base form of a verb.
  var base: String
  var isPositive: Bool
  var isHeldOut: Bool
}
