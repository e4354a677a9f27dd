import Randomness

/// A sentence in English and in German.
public struct TranslationPair: Sendable, Hashable {
  /// The sentence in English, made from the same clause as the German one.
  public var english: String
  /// The sentence in German.
  public var german: String
  /// Whether an English word occurs that no training example contains.
  public var usesHeldOutWord: Bool

  init(clause: Clause) {
    english = EnglishClause().sentence(clause)
    german = GermanClause().sentence(clause)
    usesHeldOutWord = clause.usesHeldOutWord
  }

  init(key: RandomKey, split: Split, index: Int) {
    var random = key.folded("en-de").folded(split.rawValue).folded(index).generator()
    self.init(clause: Clause(includesHeldOut: split.includesHeldOut, allowsPlural: false, &random))
  }
}
