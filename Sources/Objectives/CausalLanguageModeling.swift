import Randomness
import Records
import Support

/// Predict every token from those before it. [5 6 7] becomes no inputs and targets [5 6 7].
public struct CausalLanguageModeling: PretrainingObjective {
  public static let identifier = "causal-lm"
  public static let summary = "predict each token from the ones before it"
  public static let parameters: [ObjectiveParameter] = []
  public static let layouts: Set<BatchLayout> = [.decoder]
  public static let examplesAreWholeTexts = true

  public init(_ values: [String: Double], vocabulary: Vocabulary) {}

  public func lengths(ofRaw raw: Int) -> ExampleLengths { ExampleLengths(inputs: 0, targets: raw) }

  public func example(from tokens: [TokenID], key: RandomKey) -> TokenExample? {
    tokens.isEmpty ? nil : TokenExample(inputs: [], targets: tokens)
  }
}
