import Randomness
import Records
import Support

/// BERT's masked language modelling (Devlin et al. 2019, `create_masked_lm_predictions`) with fresh masks for every
/// example (RoBERTa), or with one of a few fixed masks as there. Of the chosen tokens a share becomes the mask, a share
/// a random token, the rest stays.
///
/// Worked example, mask M: tokens [a b c d e f g] with b, d and g chosen, one for each fate, gives inputs
/// [a M c x e f g] and targets [– b – d – – g].
public struct MaskedLanguageModeling: PretrainingObjective {
  public static let identifier = "masked-lm"
  public static let summary = "hide tokens and predict them from both sides (BERT)"
  public static let parameters = [
    TokenMasking.rate,
    TokenMasking.finalRate,
    TokenMasking.maskShare,
    TokenMasking.randomShare,
    TokenMasking.longestSpan,
    TokenMasking.wholeWords,
    TokenMasking.staticMasks,
  ]
  public static let layouts: Set<BatchLayout> = [.encoder]

  private var masking: TokenMasking

  public init(_ values: [String: Double], vocabulary: Vocabulary) throws(GraftError) {
    masking = try TokenMasking(values, maskShare: 0.8, randomShare: 0.1, vocabulary, for: Self.identifier)
  }

  public func at(progress: Double) -> Self {
    var objective = self
    objective.masking = masking.at(progress: progress)
    return objective
  }

  public func lengths(ofRaw raw: Int) -> ExampleLengths { ExampleLengths(inputs: raw, targets: raw) }

  public func example(from tokens: [TokenID], key: RandomKey) -> TokenExample? {
    masking.example(from: tokens, key: key)
  }
}
