import Randomness
import Records
import Support

/// A text is cut at a uniformly drawn place; its beginning is read and the rest predicted (the prefix language
/// modelling of Raffel et al. 2020).
///
/// Worked example: [a b c d e] cut after 2 gives inputs [a b </s>] and targets [c d e </s>].
public struct PrefixLanguageModeling: PretrainingObjective {
  public static let identifier = "prefix-lm"
  public static let summary = "read the beginning of a text and write the rest"
  public static let parameters = [
    ObjectiveParameter(
      "least-prefix", "fraction of a text that is always read, never written", default: 0, in: 0...0.9)
  ]
  public static let layouts = BatchLayout.textToText

  private let leastPrefix: Double
  private let vocabulary: Vocabulary

  public init(_ values: [String: Double], vocabulary: Vocabulary) {
    leastPrefix = values["least-prefix"] ?? 0
    self.vocabulary = vocabulary
  }

  /// A long prefix leaves little to write, so that both together are the text and two end-of-sequence tokens.
  public func lengths(ofRaw raw: Int) -> ExampleLengths {
    ExampleLengths(inputs: raw, targets: raw, total: raw + 2)
  }

  public func example(from tokens: [TokenID], key: RandomKey) -> TokenExample? {
    guard tokens.count >= 2 else { return nil }
    var random = key.generator()
    // The prefix has at least one token and leaves at least one.
    let least = min(max(1, Int(leastPrefix * Double(tokens.count))), tokens.count - 1)
    let cut = least + random.below(tokens.count - least)
    return TokenExample(
      inputs: Array(tokens[..<cut]) + [vocabulary.endOfSequence],
      targets: Array(tokens[cut...]) + [vocabulary.endOfSequence])
  }
}
