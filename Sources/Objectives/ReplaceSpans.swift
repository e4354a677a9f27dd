import Randomness
import Records
import Support

/// Independent noise whose runs are replaced by one sentinel each and predicted behind it: span corruption without the
/// choice of spans ("i.i.d. noise, replace spans" of Raffel et al. 2020).
///
/// Worked example: [a b c d e f g h] with noise at c, d and g gives inputs [a b S0 e f S1 h </s>] and targets
/// [S0 c d S1 g S2 </s>].
public struct ReplaceSpans: PretrainingObjective {
  public static let identifier = "replace-spans"
  public static let summary = "hide tokens one by one, neighbours behind one sentinel, and predict them"
  public static let parameters = [Corruption.density]
  public static let layouts = BatchLayout.textToText

  private let noise: IndependentNoise
  private let vocabulary: Vocabulary

  public init(_ values: [String: Double], vocabulary: Vocabulary) throws(GraftError) {
    noise = IndependentNoise(values, vocabulary: vocabulary)
    self.vocabulary = vocabulary
    try Corruption.requireSentinels(vocabulary, for: Self.identifier)
  }

  public func lengths(ofRaw raw: Int) -> ExampleLengths {
    ExampleLengths(inputs: raw + 1, targets: raw + 2)
  }

  public func example(from tokens: [TokenID], key: RandomKey) -> TokenExample? {
    noise.example(from: tokens, key: key) { mask, _ in
      let sentinels = vocabulary.sentinels
      let mask = Corruption.limited(mask, toRuns: sentinels.count)
      return (
        Corruption.replacingRuns(tokens, mask, sentinels), Corruption.runs(tokens, mask, sentinels)
      )
    }
  }
}
