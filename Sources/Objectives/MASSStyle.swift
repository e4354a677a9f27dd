import Randomness
import Records
import Support

/// Independent noise: the tokens it hits become the mask, and the whole text is predicted (Raffel et al. 2020 after
/// Song et al. 2019).
///
/// Worked example: [a b c d e f g h] with noise at c, d and g gives inputs [a b M M e f M h </s>] and targets
/// [a b c d e f g h </s>].
public struct MASSStyle: PretrainingObjective {
  public static let identifier = "mass-style"
  public static let summary = "hide tokens one by one and predict the whole text"
  public static let parameters = [Corruption.density]
  public static let layouts = BatchLayout.textToText

  private let noise: IndependentNoise
  private let mask: TokenID

  public init(_ values: [String: Double], vocabulary: Vocabulary) throws(GraftError) {
    noise = IndependentNoise(values, vocabulary: vocabulary)
    mask = try Corruption.mask(of: vocabulary, for: Self.identifier)
  }

  public func lengths(ofRaw raw: Int) -> ExampleLengths {
    ExampleLengths(inputs: raw + 1, targets: raw + 1)
  }

  public func example(from tokens: [TokenID], key: RandomKey) -> TokenExample? {
    noise.example(from: tokens, key: key) { hidden, _ in
      (Corruption.replacing(tokens, hidden, by: mask), tokens)
    }
  }
}
