import Examples
import Tokenization

/// Turns examples into token ids the same way wherever a model reads them: both sides end in end-of-sequence,
/// so that in a decoder a prompt and its answer never share a token.
public struct TextCodec: Sendable {
  public let tokenizer: Tokenizer

  public init(_ tokenizer: Tokenizer) { self.tokenizer = tokenizer }

  public var vocabulary: Vocabulary { tokenizer.vocabulary }

  /// - Parameter recognizingSpecialTokens: whether `<extra_id_0>` in the text is that token.
  public func tokens(_ text: String, recognizingSpecialTokens: Bool = false) -> [TokenID] {
    tokenizer.encode(text, recognizingSpecialTokens: recognizingSpecialTokens) + [vocabulary.endOfSequence]
  }

  public func tokenExample(_ example: Example) -> TokenExample {
    TokenExample(inputs: tokens(example.inputs), targets: tokens(example.targets))
  }

  /// Token ids of many examples; one encoder keeps its cache of words between them.
  public func tokenExamples(_ examples: [Example]) -> [TokenExample] {
    let encoder = tokenizer.makeEncoder()
    let end = vocabulary.endOfSequence
    return examples.map {
      TokenExample(inputs: encoder.encode($0.inputs) + [end], targets: encoder.encode($0.targets) + [end])
    }
  }
}
