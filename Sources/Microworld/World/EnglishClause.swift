/// Clauses in English, as words, so that violations can be made of them.
struct EnglishClause: Sendable {
  func words(_ phrase: NounPhrase) -> [String] {
    let noun = phrase.isPlural ? phrase.noun.plural ?? phrase.noun.word : phrase.noun.word
    let head = [phrase.adjective?.word, noun].compactMap { $0 }
    switch phrase.determiner {
    case .definite: return ["the"] + head
    case .indefinite: return (phrase.isPlural ? ["some"] : [indefiniteArticle(before: head[0])]) + head
    }
  }

  /// The verb with its auxiliaries.
  func verb(_ clause: Clause) -> [String] {
    let isPlural = clause.subject.isPlural
    switch clause.frame {
    case .present, .today, .often, .know: return [isPlural ? clause.verb.base : clause.verb.thirdPerson]
    case .past: return [clause.verb.past]
    case .must: return ["must", clause.verb.base]
    case .can: return ["can", clause.verb.base]
    case .negated: return [isPlural ? "do" : "does", "not", clause.verb.base]
    }
  }

  func opening(_ frame: Clause.Frame) -> [String] {
    switch frame {
    case .today: ["today"]
    case .often: ["often"]
    case .know: ["I", "know", "that"]
    default: []
    }
  }

  func words(_ clause: Clause) -> [String] {
    opening(clause.frame) + words(clause.subject) + verb(clause) + complement(clause)
  }

  /// What follows the verb.
  func complement(_ clause: Clause) -> [String] {
    (clause.recipient.map(words) ?? []) + (clause.object.map(words) ?? [])
      + (clause.place.map { [$0.preposition, "the", $0.word] } ?? [])
  }

  func sentence(_ clause: Clause) -> String { makeSentence(words(clause).joined(separator: " ")) }
}
