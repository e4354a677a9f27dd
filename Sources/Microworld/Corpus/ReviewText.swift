import Randomness

/// Clauses of a review of one film, meal, hotel …
struct ReviewText: Sendable {
  private let subject: (whole: String, parts: [String])
  private let adjectives: [SentimentWord]
  private let verbs: [SentimentWord]
  private let nouns: [SentimentWord]
  /// Whether any clause so far has a word that training splits do without.
  private(set) var usedHeldOutWord = false

  init(includesHeldOut: Bool, _ random: inout KeyedGenerator) {
    let lexicon = Lexicon.shared
    subject = pick(lexicon.reviewSubjects, &random)
    adjectives = lexicon.sentimentAdjectives.filter { includesHeldOut || !$0.isHeldOut }
    verbs = lexicon.sentimentVerbs.filter { includesHeldOut || !$0.isHeldOut }
    nouns = lexicon.sentimentNouns.filter { includesHeldOut || !$0.isHeldOut }
  }

  var whole: String { subject.whole }

  private mutating func word(
    _ words: [SentimentWord], _ isPositive: Bool, _ random: inout KeyedGenerator
  ) -> SentimentWord {
    let chosen = pick(words.filter { $0.isPositive == isPositive }, &random)
    usedHeldOutWord = usedHeldOutWord || chosen.isHeldOut
    return chosen
  }

  private func aspect(_ random: inout KeyedGenerator) -> String {
    "the \(pick(subject.parts + [subject.whole], &random))"
  }

  /// A clause of praise or blame.
  mutating func clause(_ isPositive: Bool, _ random: inout KeyedGenerator) -> String {
    let aspect = aspect(&random)
    switch random.below(12) {
    case 0..<5:
      let degree = pick(["", "", "really ", "very ", "simply "], &random)
      return "\(aspect) was \(degree)\(word(adjectives, isPositive, &random).word)"
    case 5, 6:
      let one = word(adjectives, isPositive, &random).word
      let two = word(adjectives, isPositive, &random).word
      return "\(aspect) was \(one) and \(two)"
    case 7: return "you will \(word(verbs, isPositive, &random).base) \(aspect)"
    case 8:
      let who = pick(["we", "I", "everybody", "my friends"], &random)
      return "\(who) \(word(verbs, isPositive, &random).word) \(aspect)"
    case 9: return "\(aspect) was \(withArticle(word(nouns, isPositive, &random).word))"
    case 10:
      let adjective = word(adjectives, isPositive, &random).word
      return "it was \(withArticle(adjective)) \(subject.whole)"
    default:
      let adjective = word(adjectives, isPositive, &random).word
      return "what \(withArticle(adjective)) \(pick(subject.parts, &random)) this \(subject.whole) had"
    }
  }

  /// Praise by denying blame, and the reverse.
  mutating func denial(_ isPositive: Bool, _ random: inout KeyedGenerator) -> String {
    let aspect = aspect(&random)
    switch random.below(3) {
    case 0: return "\(aspect) was not \(word(adjectives, !isPositive, &random).word)"
    case 1: return "nobody \(word(verbs, !isPositive, &random).word) \(aspect)"
    default: return "\(aspect) was never \(word(adjectives, !isPositive, &random).word)"
    }
  }
}
