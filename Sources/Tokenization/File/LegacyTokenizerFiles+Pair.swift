import Foundation
import Records
import Support

/// Folders of Marian: `source.spm` and `target.spm`, models of SentencePiece for the two languages, and the
/// `vocab.json` with the ids of both.
extension LegacyTokenizerFiles {
  static let pairNames = ["source.spm", "target.spm"]
  private static let vocabularyName = "vocab.json"

  /// The `tokenizer.json` of Graft's that holds the three files.
  /// - Throws: `.badData` for a folder in which one is missing, and for a vocabulary of its own for each language.
  func unigramPairJSON() throws(GraftError) -> [UInt8] {
    if let missing = (Self.pairNames + [Self.vocabularyName]).first(where: { !has($0) }) {
      throw GraftError(
        .badData, "'\(folder)' has no \(missing), without which the other files of its tokenizer say nothing",
        hint: "copy the folder again, with source.spm, target.spm and vocab.json.")
    }
    guard try settings()["separate_vocabs"] != "true" else {
      throw GraftError(
        .badData, "'separate_vocabs' is true: each language has a vocabulary of its own, which Graft does not read",
        hint: "models with one vocabulary for both, as opus-mt has them, are read.",
        location: SourceLocation(file: path("tokenizer_config.json")))
    }
    let vocabulary = try read(Self.vocabularyName)
    let file = path(Self.vocabularyName)
    guard case .object(let members) = try Self.parse(vocabulary, file: file).kind else {
      throw GraftError(.badData, "not a JSON object", location: SourceLocation(file: file))
    }
    let declared = declaredTokens()
    let names = [("unk_token", "<unk>"), ("eos_token", "</s>"), ("pad_token", "<pad>")].map { declared[$0] ?? $1 }
    var specials: [String] = []
    var end = 0
    for name in names {
      guard case .number(let number)? = members.first(where: { $0.key == name })?.value.kind,
        let id = Int(exactly: number)
      else {
        throw GraftError(
          .badData, "the vocabulary lacks the special token '\(name)'", hint: "is it the vocab.json of a Marian?",
          location: SourceLocation(file: file))
      }
      if name == names[1] { end = id }
      specials.append(Self.specialToken(name, id: id))
    }
    let models = try Self.pairNames.map { (name) throws(GraftError) in Data(try read(name)).base64EncodedString() }
    let text = "{\"Sequence\": {\"id\": \"A\", \"type_id\": 0}}"
    let last = "{\"SpecialToken\": {\"id\": \(names[1].jsonLiteral), \"type_id\": 0}}"
    return Array(
      """
      {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [
      \(specials.joined(separator: ",\n"))],
      "normalizer": null,
      "pre_tokenizer": null,
      "post_processor": {"type": "TemplateProcessing", "single": [\(text), \(last)], \
      "pair": [\(text), \(text.replacing("\"A\"", with: "\"B\"")), \(last)], \
      "special_tokens": {\(names[1].jsonLiteral): \
      {"id": \(names[1].jsonLiteral), "ids": [\(end)], "tokens": [\(names[1].jsonLiteral)]}}},
      "decoder": {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, \
      {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": \(Int32.max), "stop": \(Int32.max)}]},
      "model": {"type": "\(TokenizerFile.unigramPairType)", "unk_token": \(names[0].jsonLiteral),
      "source": "\(models[0])",
      "target": "\(models[1])",
      "vocab": \(String(decoding: vocabulary.starts(with: byteOrderMark) ? vocabulary.dropFirst(3) : vocabulary[...], as: UTF8.self))}}

      """.utf8)
  }
}

extension Tokenizer {
  /// The files in which transformers keeps this tokenizer, by name, and the class that reads them; nil if its
  /// tokenizer.json is all.
  public var filesOfTransformers: (tokenizerClass: String, files: [String: [UInt8]])? {
    guard kind == .unigramPair, let file = try? jsonData().withUnsafeBytes({ try JSONValue(parsing: $0) }),
      let model = try? JSONFields(JSONFields(file, "the tokenizer", known: nil).value("model"), "'model'", known: nil)
    else { return nil }
    var files: [String: [UInt8]] = [:]
    for (key, name) in zip(["source", "target"], LegacyTokenizerFiles.pairNames) {
      guard let text = try? model.string(key).value, let data = Data(base64Encoded: text) else { return nil }
      files[name] = Array(data)
    }
    let lines = (0..<TokenID(vocabulary.size)).map { "  \(token($0).jsonLiteral): \($0)" }
    files["vocab.json"] = Array(("{\n" + lines.joined(separator: ",\n") + "\n}\n").utf8)
    return ("MarianTokenizer", files)
  }
}
