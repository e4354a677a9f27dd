import Records

/// What a tokenizer is made of, checked.
struct TokenizerParts {
  var kind: TokenizerKind
  var vocabulary: Vocabulary
  /// With ids within `pieces`.
  var specials: [AddedToken]
  /// Added tokens that are not special.
  var addedWords: [AddedToken] = []
  var postProcessor = PostProcessor()
  /// See `Tokenizer.roles`.
  var roles: [String: String] = [:]
  /// Each id's text as the decoder takes it, in a byte-level one its bytes; empty for special tokens.
  var pieces: [[UInt8]]
  var pipeline: TokenizationPipeline
  /// How texts that a model writes become tokens, where they do so otherwise than those it reads.
  var targetPipeline: TokenizationPipeline?
  /// The content of the `tokenizer.json` that says all this.
  var json: [UInt8]
}

/// Tokenizers in Graft's own writing of `tokenizer.json`.
extension TokenizerParts {
  static func byteLevel(
    vocabulary: Vocabulary, normalization: [Normalization], pattern: BytePattern, pieces: [[UInt8]],
    specials: [AddedToken], byteIDs: [TokenID],
    merges: [(left: TokenID, right: TokenID, result: TokenID)]
  ) -> TokenizerParts {
    let json = TokenizerJSON(pieces: pieces, specials: specials, normalization: normalization)
    return TokenizerParts(
      kind: .byteLevelBPE, vocabulary: vocabulary, specials: specials, pieces: pieces,
      pipeline: TokenizationPipeline(
        normalizer: Normalization.normalizer(normalization),
        cutting: .byteLevel(pattern, addsPrefixSpace: false),
        model: MergeModel(byteIDs: byteIDs, merges: merges, pieces: pieces), decoder: ByteLevelDecoder()),
      json: json.byteLevel(merges: merges, pattern: pattern))
  }

  /// - Parameter isOfCharacters: whether words are single characters.
  static func wordLevel(
    isOfCharacters: Bool, vocabulary: Vocabulary, normalization: [Normalization], pieces: [[UInt8]],
    specials: [AddedToken]
  ) -> TokenizerParts {
    let json = TokenizerJSON(pieces: pieces, specials: specials, normalization: normalization)
    return TokenizerParts(
      kind: .wordLevel, vocabulary: vocabulary, specials: specials, pieces: pieces,
      pipeline: TokenizationPipeline(
        normalizer: Normalization.normalizer(normalization),
        cutting: .words(isOfCharacters ? CharacterCutter() : WhitespaceCutter()),
        model: WordLevelModel(pieces: pieces, unknown: vocabulary.unknown),
        decoder: isOfCharacters ? FusingDecoder() : SpacedDecoder()),
      json: json.wordLevel(isOfCharacters: isOfCharacters))
  }
}
