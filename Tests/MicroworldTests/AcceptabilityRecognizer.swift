@testable import Microworld

/// Decides whether the grammar has a sentence by reading it word by word; written apart from the generator.
struct AcceptabilityRecognizer {
  private struct Phrase {
    var noun: Noun
    var isPlural: Bool
    var isSingular: Bool
  }

  private let lexicon = Lexicon.shared

  func accepts(_ sentence: String) -> Bool {
    guard sentence.hasSuffix(".") else { return false }
    var words = sentence.dropLast().split(separator: " ").map(String.init)
    guard let first = words.first else { return false }
    // Only "I" keeps its capital inside a sentence, and no sentence begins with it but "I know that".
    words[0] = first == "I" ? first : first.lowercased()
    var rest = words[...]
    if rest.starts(with: ["I", "know", "that"]) {
      rest = rest.dropFirst(3)
    } else if let opening = rest.first, ["today", "often"].contains(opening) {
      rest = rest.dropFirst()
    }
    guard let subject = phrase(&rest) else { return false }
    return verbs(&rest, subject).contains { complements($0, rest, subject) }
  }

  private func phrase(_ rest: inout ArraySlice<String>) -> Phrase? {
    guard let determiner = rest.first, ["the", "a", "an", "some"].contains(determiner) else { return nil }
    var words = rest.dropFirst()
    guard let head = words.first else { return nil }
    var adjective: Adjective?
    // "Light" and the like are adjectives only; nouns never precede nouns.
    if let found = lexicon.adjective(head) {
      adjective = found
      words = words.dropFirst()
    }
    guard let word = words.first else { return nil }
    words = words.dropFirst()
    guard let noun = lexicon.nouns.first(where: { $0.word == word || $0.plural == word }) else { return nil }
    let isSingular = noun.word == word
    let isPlural = noun.plural == word
    switch determiner {
    case "a", "an":
      guard isSingular, noun.plural != nil, determiner == ("aeiou".contains(head.prefix(1)) ? "an" : "a")
      else { return nil }
    case "some": guard isPlural else { return nil }
    default: break
    }
    if let adjective, !adjective.sorts.contains(noun.sort) { return nil }
    rest = words
    return Phrase(noun: noun, isPlural: isPlural, isSingular: isSingular)
  }

  /// The verbs that the next words can be, agreeing with the subject.
  private func verbs(_ rest: inout ArraySlice<String>, _ subject: Phrase) -> [ClauseVerb] {
    var forms: [(ClauseVerb) -> Bool] = []
    let next = rest.first ?? ""
    if ["must", "can"].contains(next) {
      rest = rest.dropFirst()
      let word = rest.first ?? ""
      forms = [{ $0.base == word }]
    } else if ["do", "does"].contains(next) {
      guard rest.dropFirst().first == "not", next == "do" ? subject.isPlural : subject.isSingular else {
        return []
      }
      rest = rest.dropFirst(2)
      let word = rest.first ?? ""
      forms = [{ $0.base == word }]
    } else {
      forms = [{ $0.past == next }]
      if subject.isSingular { forms.append { $0.thirdPerson == next } }
      if subject.isPlural { forms.append { $0.base == next } }
    }
    rest = rest.dropFirst()
    return lexicon.clauseVerbs.filter { verb in
      forms.contains { $0(verb) } && verb.subjects.contains(subject.noun.sort)
    }
  }

  private func complements(_ verb: ClauseVerb, _ words: ArraySlice<String>, _ subject: Phrase) -> Bool {
    var rest = words
    if verb.isHanding {
      guard let recipient = phrase(&rest), recipient.noun.sort == "person" else { return false }
    }
    if !verb.objects.isEmpty {
      guard let object = phrase(&rest), verb.objects.contains(object.noun.sort) else { return false }
    }
    if rest.isEmpty { return true }
    let place = Array(rest)
    guard place.count == 3, place[1] == "the", let found = lexicon.place(place[2]) else { return false }
    return found.preposition == place[0]
  }
}
