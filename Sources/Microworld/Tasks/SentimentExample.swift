import Randomness

/// A sentence out of a review and whether it praises or blames.
public struct SentimentExample: Sendable, Hashable {
  /// One sentence of one or two parts.
  public var sentence: String
  /// Whether it praises.
  public var isPositive: Bool
  /// Whether a word occurs that no training example contains.
  public var usesHeldOutWord: Bool
  /// `plain`, `negation` (praise by denying blame and the reverse), `contrast` (the part after "but" decides)
  /// or `double` (two parts that agree).
  public var construction: String

  /// `positive` or `negative`, as the task's files have it.
  public var label: String { isPositive ? "positive" : "negative" }

  init(key: RandomKey, split: Split, index: Int) {
    let key = key.folded("sentiment").folded(split.rawValue)
    let isPositive = key.balancedClass(index, of: 2) == 1
    var random = key.folded(index).generator()
    var review = ReviewText(includesHeldOut: split.includesHeldOut, &random)
    let clause: String
    switch random.below(10) {
    case 0..<5:
      construction = "plain"
      clause = review.clause(isPositive, &random)
    case 5, 6:
      construction = "double"
      let first = review.clause(isPositive, &random)
      clause = "\(first) and \(review.clause(isPositive, &random))"
    case 7:
      construction = "negation"
      clause = review.denial(isPositive, &random)
    default:
      construction = "contrast"
      let first = review.clause(!isPositive, &random)
      clause = "\(first), but \(review.clause(isPositive, &random))"
    }
    sentence = makeSentence(clause)
    self.isPositive = isPositive
    usesHeldOutWord = review.usedHeldOutWord
  }
}
