import Randomness

/// A document of the corpus: a story, a review, an encyclopedia's page, or sentences in two languages.
struct Document: Sendable {
  let text: String

  init(key: RandomKey, index: Int) {
    let key = key.folded("corpus").folded(index)
    var random = key.generator()
    switch random.below(20) {
    case 0..<10: text = Story(key: key).text
    case 10..<13: text = Self.review(key)
    case 13..<15: text = Encyclopedia(key: key).text
    case 14..<18: text = Self.bilingual(key)
    default: text = Self.doings(key)
    }
  }

  /// One opinion from beginning to end; what speaks against it comes before a "but".
  private static func review(_ key: RandomKey) -> String {
    var random = key.folded("review").generator()
    let isPositive = random.below(2) == 1
    var review = ReviewText(includesHeldOut: true, &random)
    var sentences: [String] = []
    for _ in 0..<(4 + random.below(4)) {
      let clause = review.clause(isPositive, &random)
      switch random.below(8) {
      case 0: sentences.append(makeSentence(review.denial(isPositive, &random)))
      case 1:
        let other = review.clause(!isPositive, &random)
        sentences.append(makeSentence("\(other), but \(clause)"))
      case 2, 3: sentences.append(makeSentence("\(clause) and \(review.clause(isPositive, &random))"))
      default: sentences.append(makeSentence(clause))
      }
    }
    if random.below(2) == 0 {
      sentences.append("This is a \(isPositive ? "positive" : "negative") review of the \(review.whole).")
    }
    return sentences.joined(separator: " ")
  }

  /// Sentences, each followed or preceded by itself in the other language.
  private static func bilingual(_ key: RandomKey) -> String {
    var random = key.folded("bilingual").generator()
    return (0..<(3 + random.below(3))).map { _ in
      let pair = TranslationPair(clause: Clause(includesHeldOut: true, allowsPlural: false, &random))
      return random.below(4) == 0
        ? "Auf Deutsch: \(pair.german) In English: \(pair.english)"
        : "In English: \(pair.english) Auf Deutsch: \(pair.german)"
    }.joined(separator: " ")
  }

  /// What goes on in the world, in English with its plurals.
  private static func doings(_ key: RandomKey) -> String {
    var random = key.folded("doings").generator()
    return (0..<(6 + random.below(5))).map { _ in
      EnglishClause().sentence(Clause(includesHeldOut: true, allowsPlural: true, &random))
    }.joined(separator: " ")
  }
}
