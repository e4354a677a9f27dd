import Randomness

/// A paragraph that says outright what words mean: kinds, synonyms, opposites, German words.
struct Encyclopedia: Sendable {
  let text: String

  init(key: RandomKey) {
    var random = key.folded("encyclopedia").generator()
    let count = 5 + random.below(5)
    text = (0..<count).map { _ in Self.entry(&random) }.joined(separator: " ")
  }

  private static func entry(_ random: inout KeyedGenerator) -> String {
    switch random.below(9) {
    case 8: pick(reasoning, &random)
    case 0, 1: kind(&random)
    case 2: place(&random)
    case 3, 4, 5: adjectives(&random)
    case 6: hierarchyWord(&random)
    default: german(&random)
    }
  }

  /// The words of the trade, which the prompts of the tasks use.
  private static let reasoning = [
    "A premise is a sentence that is given.", "A hypothesis is a sentence that may follow from a premise.",
    "An entailment follows from the premise.", "A contradiction cannot be true if the premise is.",
    "A hypothesis that is neutral may be true or not.",
    "The sentiment of a sentence is positive or negative.",
    "The acceptability of a sentence is in its words and their order.",
    "A sentence is acceptable or unacceptable.", "Whoever can translate English to German knows both.",
  ]

  private static func kind(_ random: inout KeyedGenerator) -> String {
    let lexicon = Lexicon.shared
    let noun = pick(lexicon.nouns.filter { $0.parent != nil }, &random)
    guard let parent = noun.parent.flatMap({ lexicon.noun($0) }) else { return "" }
    let siblings = lexicon.nouns.filter { $0.parent == noun.parent && $0.word != noun.word }
    let sentence = makeSentence
    guard let plural = noun.plural, let parentPlural = parent.plural else {
      return sentence("\(noun.word) is \(withArticle(parent.word))", ".")
    }
    switch random.below(4) {
    case 0: return sentence("\(withArticle(noun.word)) is a kind of \(parent.word)", ".")
    case 1: return sentence("every \(noun.word) is \(withArticle(parent.word))", ".")
    case 2: return sentence("all \(plural) are \(parentPlural)", ".")
    default:
      guard !siblings.isEmpty else {
        return sentence("\(withArticle(noun.word)) is \(withArticle(parent.word))", ".")
      }
      let other = pick(siblings, &random).word
      return sentence("no \(noun.word) is \(withArticle(other)), but both are \(parentPlural)", ".")
    }
  }

  private static func place(_ random: inout KeyedGenerator) -> String {
    let places = Lexicon.shared.places.filter { $0.parent != nil }
    let place = pick(places, &random)
    let whole = place.parent ?? ""
    let inside = Lexicon.shared.place(whole)?.preposition ?? "in"
    return random.below(2) == 0
      ? "The \(place.word) is \(inside) the \(whole)."
      : "Whoever is \(place.preposition) the \(place.word) is \(inside) the \(whole)."
  }

  private static func adjectives(_ random: inout KeyedGenerator) -> String {
    let lexicon = Lexicon.shared
    let domain = lexicon.qualities[pick(lexicon.scales, &random)]
    guard let words = domain?.senses else { return "" }
    let one = pick(words, &random)
    func other(_ fits: (Sense) -> Bool) -> Sense? {
      let found = words.filter { $0.word != one.word && fits($0) }
      return found.isEmpty ? nil : pick(found, &random)
    }
    switch random.below(4) {
    case 0:
      guard let same = other({ $0.values == one.values }) else { return adjectives(&random) }
      return makeSentence("\(one.word) and \(same.word) mean the same")
    case 1:
      guard let stronger = other({ $0.values != one.values && $0.values.isSubset(of: one.values) }) else {
        return adjectives(&random)
      }
      return makeSentence("what is \(stronger.word) is very \(one.word)")
    default:
      guard let opposite = other({ $0.values.isDisjoint(with: one.values) }) else {
        return adjectives(&random)
      }
      return random.below(2) == 0
        ? makeSentence("what is \(one.word) is not \(opposite.word)")
        : makeSentence("\(opposite.word) is the opposite of \(one.word)")
    }
  }

  private static func hierarchyWord(_ random: inout KeyedGenerator) -> String {
    let lexicon = Lexicon.shared
    let isColour = random.below(2) == 0
    guard let words = (isColour ? lexicon.qualities["colour"] : lexicon.activity)?.senses else { return "" }
    let one = pick(words, &random)
    let wider = words.filter { $0.word != one.word && one.values.isSubset(of: $0.values) }
    guard !wider.isEmpty else { return hierarchyWord(&random) }
    let other = pick(wider, &random).word
    return isColour
      ? makeSentence("\(one.word) is a kind of \(other)")
      : makeSentence("whoever is \(one.word) is \(other)")
  }

  private static func german(_ random: inout KeyedGenerator) -> String {
    let lexicon = Lexicon.shared
    if random.below(2) == 0 {
      let noun = pick(lexicon.nouns, &random)
      let article =
        switch noun.german.gender {
        case .masculine: "der"
        case .feminine: "die"
        case .neuter: "das"
        }
      return "The German word for \(noun.word) is \(article) \(noun.german.word)."
    }
    let adjective = pick(lexicon.adjectives.filter { $0.german != nil }, &random)
    return "The German word for \(adjective.word) is \(adjective.german?.predicative ?? "")."
  }
}
