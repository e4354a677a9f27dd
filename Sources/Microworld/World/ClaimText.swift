/// How claims are put into English.
struct ClaimText: Sendable {
  private let lexicon = Lexicon.shared

  func name(_ entity: Entity) -> String {
    switch entity {
    case .person(let name), .animal(let name): name
    case .thing(let word): "the \(word)"
    }
  }

  /// The claim as a clause without capital and full stop. `variant` selects among equivalent forms.
  func clause(_ claim: Claim, variant: Int = 0) -> String {
    let not = claim.isNegated ? "not " : ""
    let word = claim.senses[0].word
    let first = name(claim.slot.entities[0])
    switch claim.slot {
    case .kind: return "\(first) is \(not)\(withArticle(word))"
    case .quality, .activity: return "\(first) is \(not)\(word)"
    case .location: return "\(first) is \(not)\(lexicon.place(word)?.preposition ?? "in") the \(word)"
    case .attitude(_, let other):
      let verb = claim.isNegated ? "does not \(lexicon.claimVerbs[word]?.base ?? word)" : word
      return "\(first) \(verb) \(name(other))"
    case .comparison(_, let other, _):
      let comparative = lexicon.adjective(word)?.comparative ?? "more \(word)"
      let (subject, object) = claim.isReversed ? (name(other), first) : (first, name(other))
      return "\(subject) is \(not)\(comparative) than \(object)"
    case .transfer(_, let other):
      guard let verb = lexicon.claimVerbs[word] else { return "" }
      let (giver, receiver) = claim.isReversed ? (name(other), first) : (first, name(other))
      let (subject, partner) = verb.takes ? (receiver, giver) : (giver, receiver)
      let form = claim.isNegated ? "did not \(verb.base)" : verb.form
      let thing = withArticle(claim.senses[1].word)
      if !verb.takes, word != "donated", variant % 2 == 1 { return "\(subject) \(form) \(partner) \(thing)" }
      return "\(subject) \(form) \(thing) \(verb.preposition) \(partner)"
    }
  }

  /// The question whether the (positive) claim holds, without capital and question mark.
  func question(_ claim: Claim) -> String {
    var positive = claim
    positive.isNegated = false
    let words = clause(positive).split(separator: " ").map(String.init)
    let word = claim.senses[0].word
    switch claim.slot {
    case .attitude, .transfer:
      guard let verb = lexicon.claimVerbs[word], let index = words.firstIndex(of: word) else { return "" }
      var asked = words
      asked[index] = verb.base
      let auxiliary = if case .transfer = claim.slot { "did" } else { "does" }
      return ([auxiliary] + asked).joined(separator: " ")
    default:
      guard let index = words.firstIndex(of: "is") else { return "" }
      var asked = words
      asked.remove(at: index)
      return (["is"] + asked).joined(separator: " ")
    }
  }
}

/// "a" or "an" before the word. No word of the lexicon is an exception to the rule of the first letter but
/// those that begin with the sound of "you".
func withArticle(_ word: String) -> String { "\(indefiniteArticle(before: word)) \(word)" }

func indefiniteArticle(before word: String) -> String {
  guard let first = word.utf8.first else { return "a" }
  return "aeiou".utf8.contains(first) && !word.hasPrefix("uni") && !word.hasPrefix("eu") ? "an" : "a"
}

/// With a capital at the beginning.
func capitalized(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

/// A clause as a sentence.
func makeSentence(_ clause: String, _ mark: String = ".") -> String { capitalized(clause) + mark }
