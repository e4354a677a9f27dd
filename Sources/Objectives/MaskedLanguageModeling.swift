import Examples
import Randomness
import Support

/// BERT's masked language modelling (Devlin et al. 2019, `create_masked_lm_predictions`) with fresh masks for every
/// example (RoBERTa). Of the chosen tokens a share becomes the mask, a share a random token, the rest stays.
///
/// Worked example, mask M: tokens [a b c d e f g] with b, d and g chosen, one for each fate, gives inputs
/// [a M c x e f g] and targets [– b – d – – g].
public struct MaskedLanguageModeling: PretrainingObjective {
  public static let identifier = "masked-lm"
  public static let summary = "hide tokens and predict them from both sides (BERT)"
  public static let parameters = [
    ObjectiveParameter("masking-rate", "fraction of tokens that is predicted", default: 0.15, in: 0.01...0.9),
    ObjectiveParameter("mask-share", "of these, how many become the mask", default: 0.8, in: 0...1),
    ObjectiveParameter("random-share", "of these, how many become a random token", default: 0.1, in: 0...1),
  ]
  public static let layouts: Set<BatchLayout> = [.encoder]

  private let rate, maskShare, randomShare: Double
  private let mask: TokenID
  private let words: OrdinaryTokens

  public init(_ values: [String: Double], vocabulary: Vocabulary) throws(GraftError) {
    rate = values["masking-rate"] ?? 0.15
    maskShare = values["mask-share"] ?? 0.8
    randomShare = values["random-share"] ?? 0.1
    guard maskShare + randomShare <= 1 + 1e-9 else {
      throw GraftError(
        .usage, "'mask-share' and 'random-share' add up to \(maskShare + randomShare)",
        hint: "what is left of 1 stays as it is.")
    }
    mask = try Corruption.mask(of: vocabulary, for: Self.identifier)
    words = try OrdinaryTokens(vocabulary)
  }

  public func lengths(ofRaw raw: Int) -> ExampleLengths { ExampleLengths(inputs: raw, targets: raw) }

  public func example(from tokens: [TokenID], key: RandomKey) -> TokenExample? {
    var random = key.generator()
    var candidates = tokens.indices.filter { words.contains(tokens[$0]) }
    guard !candidates.isEmpty else { return nil }
    random.shuffle(&candidates)
    let count = max(1, Int((Double(tokens.count) * rate).rounded(.toNearestOrEven)))
    var inputs = tokens
    var targets = [TokenID](repeating: Batch.ignored, count: tokens.count)
    for position in candidates.prefix(count) {
      targets[position] = tokens[position]
      let fate = random.uniform()
      if fate < maskShare {
        inputs[position] = mask
      } else if fate < maskShare + randomShare {
        inputs[position] = words.draw(&random)
      }
    }
    return TokenExample(inputs: inputs, targets: targets)
  }
}
