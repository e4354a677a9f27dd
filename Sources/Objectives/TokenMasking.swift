import Examples
import Randomness
import Support

/// Chooses tokens to be predicted and hides them: a share becomes the mask, a share a random token, the rest stays.
struct TokenMasking: Sendable {
  static let rate = ObjectiveParameter(
    "masking-rate", "fraction of tokens that is predicted", default: 0.15, in: 0.01...0.9)

  private let rate, maskShare, randomShare: Double
  private let mask: TokenID
  private let words: OrdinaryTokens

  /// - Parameters:
  ///   - values: an objective's; `maskShare` and `randomShare` are used where it has none.
  ///   - name: the objective, for messages.
  /// - Throws: `.usage` if the shares exceed 1 or the vocabulary has no mask.
  init(
    _ values: [String: Double], maskShare: Double, randomShare: Double, _ vocabulary: Vocabulary,
    for name: String
  ) throws(GraftError) {
    rate = values[Self.rate.name] ?? Self.rate.defaultValue
    self.maskShare = values["mask-share"] ?? maskShare
    self.randomShare = values["random-share"] ?? randomShare
    guard self.maskShare + self.randomShare <= 1 + 1e-9 else {
      throw GraftError(
        .usage, "'mask-share' and 'random-share' add up to \(self.maskShare + self.randomShare)",
        hint: "what is left of 1 stays as it is.")
    }
    mask = try Corruption.mask(of: vocabulary, for: name)
    words = try OrdinaryTokens(vocabulary)
  }

  /// Inputs, and targets at the chosen positions. Nil if there is nothing to hide.
  func example(from tokens: [TokenID], key: RandomKey) -> TokenExample? {
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
