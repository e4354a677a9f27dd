import Randomness
import Records
import Support

/// Independent noise: the tokens it hits become the mask, or a random token with a probability of one in ten, and the
/// whole text is predicted (Raffel et al. 2020 after Devlin et al. 2019).
///
/// Worked example: [a b c d e f g h] with noise at c, d and g, where g becomes x, gives inputs [a b M M e f x h </s>]
/// and targets [a b c d e f g h </s>].
public struct BERTStyle: PretrainingObjective {
  public static let identifier = "bert-style"
  public static let summary = "hide or change tokens one by one and predict the whole text"
  public static let parameters = [
    Corruption.density,
    ObjectiveParameter("random-share", "of these, how many become a random token", default: 0.1, in: 0...1),
  ]
  public static let layouts = BatchLayout.textToText

  private let noise: IndependentNoise
  private let randomShare: Double
  private let words: OrdinaryTokens
  private let mask: TokenID

  public init(_ values: [String: Double], vocabulary: Vocabulary) throws(GraftError) {
    noise = IndependentNoise(values, vocabulary: vocabulary)
    randomShare = values["random-share"] ?? 0.1
    mask = try Corruption.mask(of: vocabulary, for: Self.identifier)
    words = try OrdinaryTokens(vocabulary)
  }

  public func lengths(ofRaw raw: Int) -> ExampleLengths {
    ExampleLengths(inputs: raw + 1, targets: raw + 1)
  }

  public func example(from tokens: [TokenID], key: RandomKey) -> TokenExample? {
    noise.example(from: tokens, key: key) { hidden, random in
      var inputs = Corruption.replacing(tokens, hidden, by: mask)
      for index in inputs.indices where hidden[index] && random.uniform() < randomShare {
        inputs[index] = words.draw(&random)
      }
      return (inputs, tokens)
    }
  }
}
