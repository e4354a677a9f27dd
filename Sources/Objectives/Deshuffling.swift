import Randomness
import Records
import Support

/// The tokens in random order are read, the text is predicted (Raffel et al. 2020 after Liu et al. 2019).
///
/// Worked example: [a b c d] gives for instance inputs [c a d b </s>] and targets [a b c d </s>].
public struct Deshuffling: PretrainingObjective {
  public static let identifier = "deshuffling"
  public static let summary = "put the tokens of a text back in order"
  public static let parameters: [ObjectiveParameter] = []
  public static let layouts = BatchLayout.textToText

  private let vocabulary: Vocabulary

  public init(_ values: [String: Double], vocabulary: Vocabulary) { self.vocabulary = vocabulary }

  public func lengths(ofRaw raw: Int) -> ExampleLengths {
    ExampleLengths(inputs: raw + 1, targets: raw + 1)
  }

  public func example(from tokens: [TokenID], key: RandomKey) -> TokenExample? {
    guard tokens.count >= 2 else { return nil }
    var random = key.generator()
    var inputs = tokens
    random.shuffle(&inputs)
    return TokenExample(
      inputs: inputs + [vocabulary.endOfSequence], targets: tokens + [vocabulary.endOfSequence])
  }
}
