import Randomness
import Records
import Support

/// GPT-BERT's hybrid of causal and masked language modelling (Charpentier & Samuel 2024). A share of the texts is
/// predicted token by token from what stands before; of the others, spans of one to three tokens are hidden and
/// predicted from both sides. In both, the state at a token predicts the next one, so that one output layer serves
/// both.
///
/// Worked example, mask M: tokens [a b c d] as a causal text are targets [a b c d], read after the start token; with b
/// and c hidden they are inputs [a M M d] and targets [– b c –], each predicted one place before it stands.
public struct HybridLanguageModeling: PretrainingObjective {
  public static let identifier = "hybrid-lm"
  public static let summary = "causal and masked prediction of the next token in one model (GPT-BERT)"
  public static let parameters = [
    ObjectiveParameter("causal-share", "fraction of texts that is read from the left only", default: 0.5, in: 0...1),
    ObjectiveParameter(
      "final-causal-share", "that fraction at the end of the run, reached on a straight line; -1 for no change",
      default: -1, in: -1...1),
    ObjectiveParameter(
      TokenMasking.rate.name, "of the other texts, fraction of tokens that is predicted", default: 0.3, in: 0.01...0.9),
    TokenMasking.finalRate,
    ObjectiveParameter(
      TokenMasking.longestSpan.name, TokenMasking.longestSpan.summary, default: 3, in: TokenMasking.longestSpan.range),
    TokenMasking.maskShare, TokenMasking.randomShare, TokenMasking.wholeWords,
  ]
  public static let layouts: Set<BatchLayout> = [.prefixDecoder]

  private let firstShare, finalShare: Double
  private var causalShare: Double
  private var masking: TokenMasking

  public init(_ values: [String: Double], vocabulary: Vocabulary) throws(GraftError) {
    firstShare = values["causal-share"] ?? 0.5
    let last = values["final-causal-share"] ?? -1
    finalShare = last < 0 ? firstShare : last
    causalShare = firstShare
    masking = try TokenMasking(values, maskShare: 0.8, randomShare: 0.1, vocabulary, for: Self.identifier)
  }

  public func at(progress: Double) -> Self {
    var objective = self
    objective.causalShare = firstShare + (finalShare - firstShare) * progress
    objective.masking = masking.at(progress: progress)
    return objective
  }

  public func lengths(ofRaw raw: Int) -> ExampleLengths { ExampleLengths(inputs: raw, targets: raw, total: raw) }

  public func example(from tokens: [TokenID], key: RandomKey) -> TokenExample? {
    guard !tokens.isEmpty else { return nil }
    var random = key.folded("order").generator()
    guard random.uniform() >= causalShare else { return TokenExample(inputs: [], targets: tokens) }
    var example = masking.example(from: tokens, key: key)
    example?.predictsInputs = true
    return example
  }
}
