/// Where the names of a tokenizer's special tokens are looked for when that is asked for.
struct SpecialTokenRecognition: Sendable {
  /// Those whose names stand in the text itself. Nil if there are none, as below.
  let inText: SpecialTokenScanner?
  /// Those whose normalised names stand in the normalised text.
  let inNormalizedText: SpecialTokenScanner?

  init(_ specials: [SpecialToken], normalizer: (any TextNormalizer)?) {
    let names = specials.map { (token: $0, name: Array($0.name.utf8)) }
    inText = SpecialTokenScanner(names.filter { !$0.token.isNormalized })
    inNormalizedText = SpecialTokenScanner(
      names.filter(\.token.isNormalized).map { ($0.token, normalizer?.normalized($0.name) ?? $0.name) })
  }
}
