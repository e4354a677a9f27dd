/// The stages that text goes through to become tokens, and back. Every kind of tokenizer is a choice of stages.
struct TokenizationPipeline: Sendable {
  /// How text is cut into the words that the model sees.
  enum Cutting: Sendable {
    /// In place, by a rule; with a space in front of text that begins with none if one is asked for.
    case byteLevel(BytePattern, addsPrefixSpace: Bool)
    case words(any WordCutter)
    /// Not at all.
    case whole
  }

  /// Nil if text stays as it is.
  var normalizer: (any TextNormalizer)?
  var cutting: Cutting
  var model: any TokenModel
  var decoder: any TokenDecoder
}
