import Randomness

/// A noun phrase of a plain clause.
struct NounPhrase: Sendable, Hashable {
  enum Determiner: Sendable, Hashable { case definite, indefinite }

  var noun: Noun
  var adjective: Adjective?
  var determiner: Determiner
  var isPlural = false

  static func == (left: NounPhrase, right: NounPhrase) -> Bool {
    left.noun.word == right.noun.word && left.adjective == right.adjective
      && left.determiner == right.determiner && left.isPlural == right.isPlural
  }
  func hash(into hasher: inout Hasher) { hasher.combine(noun.word) }
}

/// Who does what, where and when: the grammar behind translation and acceptability.
struct Clause: Sendable, Hashable {
  /// What stands around the bare clause.
  enum Frame: String, Sendable, Hashable, CaseIterable {
    /// "The dog chases the cat."
    case present
    /// "The dog chased the cat." – German perfect, participle last.
    case past
    /// "The dog must chase the cat." – German infinitive last.
    case must, can
    /// "Today the dog chases the cat." – German verb before the subject.
    case today, often
    /// "I know that the dog chases the cat." – German verb last.
    case know
    /// "The dog does not chase the cat."
    case negated
  }

  var frame: Frame
  var subject: NounPhrase
  var verb: ClauseVerb
  var recipient: NounPhrase?
  var object: NounPhrase?
  var place: Place?

  var usesHeldOutWord: Bool {
    let phrases = [subject, recipient, object].compactMap { $0 }
    return verb.isHeldOut || place?.isHeldOut == true
      || phrases.contains { $0.noun.isHeldOut || $0.adjective?.isHeldOut == true }
  }

  /// A random clause that keeps to what words can be combined with.
  /// - Parameter allowsPlural: German plurals are beyond the grammar, so translations do without.
  init(includesHeldOut: Bool, allowsPlural: Bool, _ random: inout KeyedGenerator) {
    let lexicon = Lexicon.shared
    func phrase(_ sorts: Set<String>, not other: Noun? = nil) -> NounPhrase {
      let nouns = lexicon.nouns(ofSorts: sorts)
        .filter { (includesHeldOut || !$0.isHeldOut) && $0.word != other?.word }
      let noun = pick(nouns, &random)
      let isPlural = allowsPlural && noun.plural != nil && noun.plural != noun.word && random.below(3) == 0
      let isIndefinite = noun.plural != nil && random.below(3) == 0
      var adjective: Adjective?
      if random.uniform() < 0.45 {
        let fitting = lexicon.adjectives.filter {
          (includesHeldOut || !$0.isHeldOut) && $0.sorts.contains(noun.sort)
            && (allowsPlural || $0.german != nil)
        }
        if !fitting.isEmpty { adjective = pick(fitting, &random) }
      }
      return NounPhrase(
        noun: noun, adjective: adjective, determiner: isIndefinite ? .indefinite : .definite,
        isPlural: isPlural)
    }
    let verbs = lexicon.clauseVerbs.filter { includesHeldOut || !$0.isHeldOut }
    let isHanding = random.uniform() < 0.15
    let verb = pick(verbs.filter { $0.isHanding == isHanding }, &random)
    frame = pick([.present, .present, .past, .past] + Frame.allCases, &random)
    self.verb = verb
    subject = phrase(verb.subjects)
    if verb.isHanding { recipient = phrase(["person"], not: subject.noun) }
    if !verb.objects.isEmpty { object = phrase(verb.objects, not: subject.noun) }
    if random.uniform() < (object == nil ? 0.6 : 0.25) {
      place = pick(lexicon.places.filter { includesHeldOut || !$0.isHeldOut }, &random)
    }
  }
}
