import Randomness
import Records
import Support

/// Independent noise: the tokens it hits are left out and predicted, with nothing to say where they stood ("i.i.d.
/// noise, drop tokens" of Raffel et al. 2020).
///
/// Worked example: [a b c d e f g h] with noise at c, d and g gives inputs [a b e f h </s>] and targets [c d g </s>].
public struct DropTokens: PretrainingObjective {
  public static let identifier = "drop-tokens"
  public static let summary = "leave tokens out one by one and predict them in order"
  public static let parameters = [Corruption.density]
  public static let layouts = BatchLayout.textToText

  private let noise: IndependentNoise

  public init(_ values: [String: Double], vocabulary: Vocabulary) {
    noise = IndependentNoise(values, vocabulary: vocabulary)
  }

  public func lengths(ofRaw raw: Int) -> ExampleLengths {
    ExampleLengths(inputs: raw, targets: raw, total: raw + 2)
  }

  public func example(from tokens: [TokenID], key: RandomKey) -> TokenExample? {
    noise.example(from: tokens, key: key) { mask, _ in
      (
        Corruption.keeping(noise: false, of: tokens, mask),
        Corruption.keeping(noise: true, of: tokens, mask)
      )
    }
  }
}
