/// Clauses in German: gender and case on articles and adjectives, the finite verb second in main clauses and
/// last in subordinate ones, infinitives and participles last.
struct GermanClause: Sendable {
  enum Case: Sendable { case nominative, accusative, dative }

  /// Worked examples: definite nominative masculine `der kleine Hund`, indefinite accusative masculine `einen
  /// kleinen Hund`, indefinite nominative neuter `ein kleines Tier`, dative `dem kleinen Hund`.
  func phrase(_ phrase: NounPhrase, _ grammaticalCase: Case) -> String {
    let german = phrase.noun.german
    let noun = grammaticalCase == .nominative ? german.word : german.oblique
    let article: String
    let ending: String
    switch (phrase.determiner, grammaticalCase, german.gender) {
    case (.definite, .nominative, .masculine): (article, ending) = ("der", "e")
    case (.definite, .accusative, .masculine): (article, ending) = ("den", "en")
    case (.definite, .dative, .feminine): (article, ending) = ("der", "en")
    case (.definite, .dative, _): (article, ending) = ("dem", "en")
    case (.definite, _, .feminine): (article, ending) = ("die", "e")
    case (.definite, _, .neuter): (article, ending) = ("das", "e")
    case (.indefinite, .nominative, .masculine): (article, ending) = ("ein", "er")
    case (.indefinite, .accusative, .masculine): (article, ending) = ("einen", "en")
    case (.indefinite, .dative, .feminine): (article, ending) = ("einer", "en")
    case (.indefinite, .dative, _): (article, ending) = ("einem", "en")
    case (.indefinite, _, .feminine): (article, ending) = ("eine", "e")
    case (.indefinite, _, .neuter): (article, ending) = ("ein", "es")
    }
    guard let stem = phrase.adjective?.german?.stem else { return "\(article) \(noun)" }
    // A stem that ends in e, such as müde, takes the ending without its own.
    let bare = stem.hasSuffix("e") ? String(stem.dropLast()) : stem
    return "\(article) \(bare)\(ending) \(noun)"
  }

  func sentence(_ clause: Clause) -> String {
    let subject = phrase(clause.subject, .nominative)
    var middle: [String] = []
    if let recipient = clause.recipient { middle.append(phrase(recipient, .dative)) }
    if let object = clause.object { middle.append(phrase(object, .accusative)) }
    let place = clause.place.map(\.german)
    let rest = middle + (place.map { [$0] } ?? [])
    let verb = clause.verb
    let words: [String] =
      switch clause.frame {
      case .present: [subject, verb.germanThirdPerson] + rest
      case .past: [subject, verb.germanAuxiliary] + rest + [verb.germanParticiple]
      case .must: [subject, "muss"] + rest + [verb.germanInfinitive]
      case .can: [subject, "kann"] + rest + [verb.germanInfinitive]
      case .today: ["heute", verb.germanThirdPerson, subject] + rest
      case .often: ["oft", verb.germanThirdPerson, subject] + rest
      case .know: ["ich weiß, dass", subject] + rest + [verb.germanThirdPerson]
      case .negated: [subject, verb.germanThirdPerson] + middle + ["nicht"] + (place.map { [$0] } ?? [])
      }
    return makeSentence(words.joined(separator: " "))
  }
}
