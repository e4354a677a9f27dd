import Randomness
import Records

/// What the objectives with independent noise share: each token is hit by itself, and inputs and targets are made of
/// the text and what was hit.
struct IndependentNoise: Sendable {
  private let density: Double
  private let vocabulary: Vocabulary

  init(_ values: [String: Double], vocabulary: Vocabulary) {
    density = values[Corruption.density.name] ?? Corruption.density.defaultValue
    self.vocabulary = vocabulary
  }

  /// Nil for a text of fewer than two tokens.
  /// - Parameter corrupt: inputs and targets, to which end-of-sequence is added.
  func example(
    from tokens: [TokenID], key: RandomKey,
    _ corrupt: (_ mask: [Bool], _ random: inout KeyedGenerator) -> (inputs: [TokenID], targets: [TokenID])
  ) -> TokenExample? {
    guard tokens.count >= 2 else { return nil }
    var random = key.generator()
    let mask = Corruption.independentMask(count: tokens.count, density: density, &random)
    let (inputs, targets) = corrupt(mask, &random)
    return TokenExample(
      inputs: inputs + [vocabulary.endOfSequence], targets: targets + [vocabulary.endOfSequence])
  }
}
