/// Where the names of a tokenizer's added tokens are looked for.
struct AddedTokenRecognition: Sendable {
  /// Those whose names stand in the text itself. Nil if there are none, as below.
  private let text: AddedTokenScanner?
  /// Those whose normalised names stand in the normalised text.
  private let normalizedText: AddedTokenScanner?

  init(_ tokens: [AddedToken], normalizer: (any TextNormalizer)?) {
    let names = tokens.map { (token: $0, name: Array($0.name.utf8)) }
    text = AddedTokenScanner(names.filter { !$0.token.isNormalized })
    normalizedText = AddedTokenScanner(
      names.filter(\.token.isNormalized).map { ($0.token, normalizer?.normalized($0.name) ?? $0.name) })
  }

  /// What finds names in the text as it stands; nil if there is nothing to find.
  /// - Parameter specials: whether special tokens are to be found, too.
  func inText(_ specials: Bool) -> AddedTokenScanner? { text.flatMap { specials || $0.hasPlain ? $0 : nil } }

  /// The same in normalised text.
  func inNormalizedText(_ specials: Bool) -> AddedTokenScanner? {
    normalizedText.flatMap { specials || $0.hasPlain ? $0 : nil }
  }
}
