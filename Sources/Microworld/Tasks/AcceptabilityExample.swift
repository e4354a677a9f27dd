import Randomness

/// A sentence and whether the grammar produces it.
public struct AcceptabilityExample: Sendable, Hashable {
  /// What is wrong with an unacceptable sentence.
  public enum Violation: String, Sendable, Hashable, CaseIterable {
    /// "The dogs chases the cat.", "The dog must chases the cat."
    case agreement
    /// "The chases dog the cat.", "The dog small chases the cat."
    case wordOrder = "word-order"
    /// "The hammer drinks the tea.", "The poet drinks the hammer."
    case selection
    /// "A apple", "an dog", "a dogs".
    case article
  }

  /// Begins with a capital and ends with a full stop, right or wrong.
  public var sentence: String
  /// Nil for an acceptable sentence.
  public var violation: Violation?
  /// Whether a word occurs that no training example contains.
  public var usesHeldOutWord: Bool

  /// `acceptable` or `unacceptable`, as the task's files have it.
  public var label: String { violation == nil ? "acceptable" : "unacceptable" }

  init(key: RandomKey, split: Split, index: Int) {
    let key = key.folded("acceptability").folded(split.rawValue)
    let isAcceptable = key.balancedClass(index, of: 2) == 1
    var random = key.folded(index).generator()
    let clause = Clause(includesHeldOut: split.includesHeldOut, allowsPlural: true, &random)
    let english = EnglishClause()
    guard !isAcceptable else {
      sentence = english.sentence(clause)
      violation = nil
      usesHeldOutWord = clause.usesHeldOutWord
      return
    }
    var order = Violation.allCases
    random.shuffle(&order)
    // Selection needs the most knowledge of words, hence a share of its own.
    if random.uniform() < 0.25 { order = [.selection] + order }
    for violation in order {
      if let (words, used) = Self.violate(clause, violation, split, &random) {
        sentence = makeSentence(words.joined(separator: " "))
        self.violation = violation
        usesHeldOutWord = used
        return
      }
    }
    // Unreachable in practice, for every clause has a word order to break, but no reason to trap.
    sentence = makeSentence(english.words(clause).reversed().joined(separator: " "))
    violation = .wordOrder
    usesHeldOutWord = clause.usesHeldOutWord
  }

  private static func violate(
    _ clause: Clause, _ violation: Violation, _ split: Split, _ random: inout KeyedGenerator
  ) -> (words: [String], usesHeldOutWord: Bool)? {
    let english = EnglishClause()
    let opening = english.opening(clause.frame)
    let subject = english.words(clause.subject)
    let verb = english.verb(clause)
    let complement = english.complement(clause)
    switch violation {
    case .agreement:
      var wrong = verb
      // "The poet read" is right, of the past, and "the fish sleep", of several fish.
      let isOwnPast = clause.verb.base == clause.verb.past && !clause.subject.isPlural
      let isInvariant = clause.subject.noun.plural == clause.subject.noun.word
      switch clause.frame {
      case .past: return nil
      case .present, .today, .often, .know:
        if isInvariant || isOwnPast { return nil }
        wrong = [clause.subject.isPlural ? clause.verb.thirdPerson : clause.verb.base]
      case .must, .can: wrong[1] = clause.verb.thirdPerson
      case .negated:
        if !isInvariant, random.below(2) == 0 {
          wrong[0] = clause.subject.isPlural ? "does" : "do"
        } else {
          wrong[2] = clause.verb.thirdPerson
        }
      }
      return (opening + subject + wrong + complement, clause.usesHeldOutWord)
    case .wordOrder:
      var orders: [[String]] = [
        opening + verb + subject.dropFirst() + subject.prefix(1) + complement,
        opening + subject.prefix(1) + verb + subject.dropFirst() + complement,
        opening + subject.dropFirst() + subject.prefix(1) + verb + complement,
      ]
      if clause.subject.adjective != nil {
        orders.append(opening + [subject[0], subject[2], subject[1]] + verb + complement)
      }
      // With a place alone it would be "the dog in the kitchen sleeps", which is right.
      if clause.object != nil { orders.append(opening + subject + complement + verb) }
      return (pick(orders, &random), clause.usesHeldOutWord)
    case .selection:
      var wrong = clause
      let lexicon = Lexicon.shared
      func wrongNoun(_ sorts: Set<String>, like phrase: NounPhrase) -> NounPhrase {
        let nouns = lexicon.nouns.filter {
          !sorts.contains($0.sort) && (split.includesHeldOut || !$0.isHeldOut)
            && $0.plural != nil && $0.plural != $0.word
        }
        // The adjective goes: it could be what is wrong instead.
        return NounPhrase(
          noun: pick(nouns, &random), adjective: nil, determiner: phrase.determiner,
          isPlural: phrase.isPlural)
      }
      // What living beings see is nearly everything; there the subject is the one to spoil.
      if let object = clause.object, clause.verb.objects.count < 8, random.below(2) == 0 {
        wrong.object = wrongNoun(clause.verb.objects, like: object)
      } else {
        wrong.subject = wrongNoun(clause.verb.subjects, like: clause.subject)
      }
      return (english.words(wrong), wrong.usesHeldOutWord)
    case .article:
      guard clause.subject.noun.plural != nil else { return nil }
      var wrong = subject
      let right = indefiniteArticle(before: subject[1])
      wrong[0] = clause.subject.isPlural ? right : right == "a" ? "an" : "a"
      return (opening + wrong + verb + complement, clause.usesHeldOutWord)
    }
  }
}
