import Examples

/// What a tokenizer is made of, checked.
struct TokenizerParts {
  var kind: TokenizerKind
  var vocabulary: Vocabulary
  /// With ids within `pieces`.
  var specials: [SpecialToken]
  /// Each id's text as the vocabulary has it, in a byte-level one its bytes; empty for special tokens.
  var pieces: [[UInt8]]
  var pipeline: TokenizationPipeline
  /// The content of the `tokenizer.json` that says all this.
  var json: [UInt8]
}

extension TokenizerParts {
  /// A byte-level BPE with GPT-2's cutting, in Graft's own writing of `tokenizer.json`.
  static func byteLevel(
    vocabulary: Vocabulary, normalization: Normalization, pieces: [[UInt8]], specials: [SpecialToken],
    byteIDs: [TokenID], merges: [(left: TokenID, right: TokenID, result: TokenID)]
  ) -> TokenizerParts {
    let specials = specials.sorted { $0.id < $1.id }
    return TokenizerParts(
      kind: .byteLevelBPE, vocabulary: vocabulary, specials: specials, pieces: pieces,
      pipeline: TokenizationPipeline(
        normalizer: normalization.form, cutting: .byteLevel(.gpt2, addsPrefixSpace: false),
        model: MergeModel(byteIDs: byteIDs, merges: merges, pieces: pieces), decoder: ByteLevelDecoder()),
      json: tokenizerJSON(
        tokens: pieces, specials: specials, merges: merges, normalization: normalization))
  }
}
