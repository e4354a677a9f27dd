import Foundation
import Records
import Support

/// Two models of SentencePiece in one file, a form of Graft's own: the `tokenizers` library has none.
extension TokenizerFile {
  /// The type of such a model. Its other keys are `source` and `target`, the models' files in base64, the `vocab` they
  /// share and its `unk_token`.
  static let unigramPairType = "UnigramPair"

  func unigramPairParts(_ model: JSONValue, json: UnsafeRawBufferPointer) throws(JSONSyntaxError) -> TokenizerParts {
    let model = try JSONFields(model, "'model'", known: ["type", "unk_token", "source", "target", "vocab"])
    for key in ["normalizer", "pre_tokenizer"] { try top.requireAbsentOrNull(key) }
    let (pieces, vocabulary) = try words(model)
    let names = ByteTrie()
    for (id, piece) in pieces.model.enumerated() where !piece.isEmpty { names.insert(piece, TokenID(id)) }
    let decoder = try decoder()
    func pipeline(_ key: String) throws(JSONSyntaxError) -> TokenizationPipeline {
      let text = try model.string(key)
      let sentencePiece = try Self.sentencePiece(text.value, "'\(key)' of 'model'", at: text.offset)
      return TokenizationPipeline(
        normalizer: SentencePieceNormalizer(map: CharacterMapNormalizer(sentencePiece.characterMap)), cutting: .whole,
        model: SharedVocabularyModel(sentencePiece, names: names, unknown: vocabulary.unknown), decoder: decoder)
    }
    return TokenizerParts(
      kind: .unigramPair, vocabulary: vocabulary, specials: specials, pieces: pieces.decoder,
      pipeline: try pipeline("source"), targetPipeline: try pipeline("target"), json: Array(json))
  }

  /// A unigram model as SentencePiece trains it unless told otherwise.
  private static func sentencePiece(
    _ base64: String, _ name: String, at offset: Int
  ) throws(JSONSyntaxError) -> SentencePieceModel {
    func failure(_ what: String) -> JSONSyntaxError { JSONSyntaxError("\(name) \(what)", at: offset) }
    guard let data = Data(base64Encoded: base64), let model = SentencePieceModel(Array(data)) else {
      throw failure("is no model of SentencePiece that can be read")
    }
    guard model.kind == .unigram else { throw failure("is no unigram model (model_type)") }
    if model.writesSpacesBehind { throw failure("writes spaces behind words (treat_whitespace_as_suffix)") }
    if !model.addsSpaceInFront { throw failure("adds no space in front (add_dummy_prefix)") }
    if !model.removesExtraSpaces { throw failure("keeps all spaces (remove_extra_whitespaces)") }
    if let piece = model.pieces.first(where: { $0.role == .userDefined }) {
      throw failure("has the piece '\(piece.text)', which is never cut (user_defined_symbols)")
    }
    if model.pieces.contains(where: { $0.role == .byte }) {
      throw failure("spells characters in bytes (byte_fallback)")
    }
    guard model.characterMap.isEmpty || CharacterMapNormalizer(model.characterMap) != nil else {
      throw failure("has a map of characters that cannot be read (precompiled_charsmap)")
    }
    return model
  }
}
