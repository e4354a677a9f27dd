import Examples
import Tokenization

/// Turns examples into token ids the same way wherever a model reads them: both sides end in end-of-sequence,
/// so that in a decoder a prompt and its answer never share a token.
public struct TextCodec: Sendable {
  public let tokenizer: Tokenizer
  /// Whether `<extra_id_0>` in a text is that token; else it is characters like any others.
  public let recognizesSpecialTokens: Bool

  public init(_ tokenizer: Tokenizer, recognizingSpecialTokens: Bool = false) {
    self.tokenizer = tokenizer
    recognizesSpecialTokens = recognizingSpecialTokens
  }

  public var vocabulary: Vocabulary { tokenizer.vocabulary }

  public func tokens(_ text: String) -> [TokenID] {
    tokenizer.encode(text, recognizingSpecialTokens: recognizesSpecialTokens) + [vocabulary.endOfSequence]
  }

  public func tokenExample(_ example: Example) -> TokenExample {
    TokenExample(inputs: tokens(example.inputs), targets: tokens(example.targets))
  }

  /// Token ids of many examples; one encoder keeps its cache of words between them.
  public func tokenExamples(_ examples: [Example]) -> [TokenExample] {
    let encoder = tokenizer.makeEncoder()
    let end = vocabulary.endOfSequence
    func tokens(_ text: String) -> [TokenID] {
      encoder.encode(text, recognizingSpecialTokens: recognizesSpecialTokens) + [end]
    }
    return examples.map { TokenExample(inputs: tokens($0.inputs), targets: tokens($0.targets)) }
  }
}
