import Records
import Support

/// The models whose vocabularies are pieces of text.
extension TokenizerFile {
  // MARK: WordPiece

  func wordPieceParts(
    _ model: JSONValue, json: UnsafeRawBufferPointer
  ) throws(JSONSyntaxError) -> TokenizerParts {
    let model = try JSONFields(
      model, "'model'",
      known: ["type", "unk_token", "continuing_subword_prefix", "max_input_chars_per_word", "vocab"])
    let (pieces, vocabulary) = try words(model)
    let prefix = try model.string("continuing_subword_prefix").value
    let longest = try model.identifier("max_input_chars_per_word").value
    return TokenizerParts(
      kind: .wordPiece, vocabulary: vocabulary, specials: specials, pieces: pieces.decoder,
      pipeline: TokenizationPipeline(
        normalizer: normalizer, cutting: try cutting(),
        model: WordPieceModel(
          pieces: pieces.model, continuingPrefix: Array(prefix.utf8), unknown: vocabulary.unknown,
          longestWord: Int(longest)),
        decoder: try decoder()),
      json: Array(json))
  }

  // MARK: Words and characters

  func wordLevelParts(
    _ model: JSONValue, json: UnsafeRawBufferPointer
  ) throws(JSONSyntaxError) -> TokenizerParts {
    let model = try JSONFields(model, "'model'", known: ["type", "unk_token", "vocab"])
    let (pieces, vocabulary) = try words(model)
    return TokenizerParts(
      kind: .wordLevel, vocabulary: vocabulary, specials: specials, pieces: pieces.decoder,
      pipeline: TokenizationPipeline(
        normalizer: normalizer, cutting: try cutting(),
        model: WordLevelModel(pieces: pieces.model, unknown: vocabulary.unknown), decoder: try decoder()),
      json: Array(json))
  }

  /// The pieces of a vocabulary that maps texts to ids, `unk_token` among them.
  func words(_ model: JSONFields) throws(JSONSyntaxError) -> (Pieces, Vocabulary) {
    let vocab = try model.members("vocab")
    let entries = try Self.entries(vocab.value)
    let pieces = try pieces(entries, at: vocab.offset) { Array($0.utf8) }
    let name = try model.string("unk_token")
    guard let unknown = entries.first(where: { $0.text.utf8.elementsEqual(name.value.utf8) }) else {
      throw JSONSyntaxError("'unk_token' is '\(name.value)', which 'vocab' lacks", at: name.offset)
    }
    return (pieces, try vocabulary(size: pieces.count, unknown: unknown.id))
  }

  // MARK: Unigram

  func unigramParts(
    _ model: JSONValue, json: UnsafeRawBufferPointer
  ) throws(JSONSyntaxError) -> TokenizerParts {
    let model = try JSONFields(model, "'model'", known: ["type", "unk_id", "vocab", "byte_fallback"])
    let vocab = try model.array("vocab")
    var entries: [Entry] = []
    var scores: [Double] = []
    for element in vocab.value {
      guard case .array(let pair) = element.kind, pair.count == 2, case .string(let text) = pair[0].kind,
        case .number(let score) = pair[1].kind
      else {
        throw JSONSyntaxError("a member of 'vocab' is not a pair of text and score", at: element.offset)
      }
      entries.append(Entry(text: text, id: TokenID(entries.count), offset: element.offset))
      scores.append(score)
    }
    let unknown = try model.identifier("unk_id")
    guard Int(unknown.value) < entries.count else {
      throw JSONSyntaxError(
        "'unk_id' is \(unknown.value), 'vocab' has \(entries.count) members", at: unknown.offset)
    }
    let pieces = try pieces(entries, at: vocab.offset) { Array($0.utf8) }
    let vocabulary = try vocabulary(size: pieces.count, unknown: unknown.value)
    return TokenizerParts(
      kind: .unigram, vocabulary: vocabulary, specials: specials, pieces: pieces.decoder,
      pipeline: TokenizationPipeline(
        normalizer: normalizer, cutting: try cutting(),
        model: UnigramModel(
          pieces: pieces.model, scores: scores, unknown: unknown.value,
          byteIDs: try model.boolean("byte_fallback", default: false) ? Self.byteIDs(pieces.model) : nil),
        decoder: try decoder()),
      json: Array(json))
  }

  /// The ids of `<0x00>` … `<0xFF>`, -1 for those that are missing.
  static func byteIDs(_ pieces: [[UInt8]]) -> [TokenID] {
    let ids = Dictionary(
      pieces.enumerated().map { ($0.element, TokenID($0.offset)) }, uniquingKeysWith: { _, last in last })
    return (0..<256).map { byte in
      let digits = String(byte, radix: 16, uppercase: true)
      return ids[Array("<0x\(byte < 16 ? "0" : "")\(digits)>".utf8)] ?? -1
    }
  }
}
