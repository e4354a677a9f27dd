import Foundation
import Support

/// Folders whose tokenizer is a model of SentencePiece: of T5, ALBERT, XLM-R and Llama 2, each in its own way.
extension LegacyTokenizerFiles {
  private enum Form: CaseIterable {
    case albert, llama, t5, xlmRoberta

    /// The beginning of `tokenizer_class` or of `model_type`.
    var name: String {
      switch self {
      case .albert: "albert"
      case .llama: "llama"
      case .t5: "t5"
      case .xlmRoberta: "xlmroberta"
      }
    }
  }

  static let sentencePieceNames = ["spiece.model", "sentencepiece.bpe.model", "tokenizer.model", "spm.model"]

  /// The `tokenizer.json` that says what a model of SentencePiece does.
  /// - Throws: `.badData` for what is none, and for models of other families.
  func sentencePieceJSON(_ name: String) throws(GraftError) -> [UInt8] {
    guard let model = SentencePieceModel(try read(name)) else {
      throw failure(name, "is no model of SentencePiece that can be read")
    }
    guard let form = try form(of: model, name) else {
      throw failure(name, "is a model of SentencePiece of a family whose special tokens Graft does not know")
    }
    if model.writesSpacesBehind { throw failure(name, "writes spaces behind words (treat_whitespace_as_suffix)") }
    if !model.addsSpaceInFront { throw failure(name, "adds no space in front (add_dummy_prefix)") }
    let isBPE = form == .llama
    guard model.kind == (isBPE ? .bpe : .unigram) else {
      throw failure(name, "is not the \(isBPE ? "BPE" : "unigram") model that this family has")
    }
    guard isBPE ? model.characterMap.isEmpty : model.removesExtraSpaces else {
      throw failure(name, "normalizes text otherwise than this family does")
    }
    return Array(try json(model, form).utf8)
  }

  private func failure(_ name: String, _ what: String) -> GraftError {
    GraftError(
      .badData, "'\(path(name))' \(what)",
      hint: "python3 -c \"from transformers import AutoTokenizer; "
        + "AutoTokenizer.from_pretrained('\(folder)').save_pretrained('\(folder)')\" makes a tokenizer.json.")
  }

  /// What the files beside say, else what the pieces look like.
  private func form(of model: SentencePieceModel, _ name: String) throws(GraftError) -> Form? {
    for (file, key) in [("tokenizer_config.json", "tokenizer_class"), ("config.json", "model_type")] {
      guard let value = try strings(file)[key] else { continue }
      let plain = value.lowercased().filter { $0.isLetter || $0.isNumber }
      if let form = Form.allCases.first(where: { plain.hasPrefix($0.name) || plain.hasPrefix("m\($0.name)") }) {
        return form
      }
      if value != "PreTrainedTokenizerFast" { return nil }
    }
    let first = model.pieces.prefix(3).map(\.text)
    if first == ["<pad>", "</s>", "<unk>"] { return .t5 }
    guard first == ["<unk>", "<s>", "</s>"] else {
      return model.pieces.contains { $0.text == "[CLS]" } ? .albert : nil
    }
    if model.kind == .bpe, model.pieces.contains(where: { $0.role == .byte }) { return .llama }
    return name == "sentencepiece.bpe.model" ? .xlmRoberta : nil
  }

  // MARK: Writing

  private func json(_ model: SentencePieceModel, _ form: Form) throws(GraftError) -> String {
    var pieces = model.pieces.map { (text: $0.text, score: $0.score) }
    var specials = model.pieces.filter { $0.role == .control || $0.role == .unknown }.map(\.text)
    var unknown = model.unknown
    let words = model.pieces.filter { $0.role == .userDefined }.map(\.text)
    switch form {
    case .albert, .llama: break
    case .t5:
      let count = pieces.contains { $0.text == "<extra_id_0>" } ? 0 : try extraIDs()
      let sentinels = (0..<count).reversed().map { "<extra_id_\($0)>" }
      pieces += sentinels.map { ($0, 0) }
      specials += sentinels
    case .xlmRoberta:
      // Its model has the first three in another order; the mask is no piece.
      specials = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
      pieces = specials.prefix(4).map { ($0, 0) } + pieces.dropFirst(3) + [("<mask>", 0)]
      unknown = 3
    }
    let ids = Dictionary(
      pieces.enumerated().map { ($0.element.text, $0.offset) }, uniquingKeysWith: { first, _ in first })
    let tokens = (specials.map { ($0, true) } + words.map { ($0, false) }).map { name, isSpecial in
      let strips = name == "<mask>" || name == "[MASK]"
      return "{\"id\": \(ids[name] ?? 0), \"content\": \(name.jsonLiteral), \"single_word\": false, "
        + "\"lstrip\": \(strips), \"rstrip\": false, \"normalized\": false, \"special\": \(isSpecial)}"
    }
    let stages = try self.stages(model, form)
    return """
      {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [
      \(tokens.joined(separator: ",\n"))],
      \(stages.joined(separator: ",\n")),
      "post_processor": \(Self.template(try added(around: form), ids)),
      "model": \(form == .llama ? Self.bpe(pieces, model) : Self.unigram(pieces, unknown: unknown))}

      """
  }

  /// Normaliser, pre-tokeniser and decoder.
  private func stages(_ model: SentencePieceModel, _ form: Form) throws(GraftError) -> [String] {
    let settings = try settings()
    if form == .llama {
      return [
        "\"normalizer\": null",
        "\"pre_tokenizer\": {\"type\": \"Metaspace\", \"replacement\": \"▁\", \"prepend_scheme\": \"first\", "
          + "\"split\": false}",
        "\"decoder\": {\"type\": \"Sequence\", \"decoders\": [{\"type\": \"Replace\", \"pattern\": {\"String\": \"▁\"}, "
          + "\"content\": \" \"}, {\"type\": \"ByteFallback\"}, {\"type\": \"Fuse\"}, "
          + "{\"type\": \"Strip\", \"content\": \" \", \"start\": 1, \"stop\": 0}]}",
      ]
    }
    var normalizers: [String] = []
    if form == .albert {
      normalizers += ["``", "''"].map {
        "{\"type\": \"Replace\", \"pattern\": {\"String\": \"\($0)\"}, \"content\": \"\\\"\"}"
      }
      if settings["keep_accents"] != "true" { normalizers += ["{\"type\": \"NFKD\"}", "{\"type\": \"StripAccents\"}"] }
      if settings["do_lower_case"] != "false" { normalizers.append("{\"type\": \"Lowercase\"}") }
    }
    if !model.characterMap.isEmpty {
      let map = Data(model.characterMap).base64EncodedString()
      normalizers.append("{\"type\": \"Precompiled\", \"precompiled_charsmap\": \"\(map)\"}")
    }
    let metaspace = "{\"type\": \"Metaspace\", \"replacement\": \"▁\", \"prepend_scheme\": \"always\", \"split\": true}"
    return [
      "\"normalizer\": {\"type\": \"Sequence\", \"normalizers\": [\(normalizers.joined(separator: ", "))]}",
      "\"pre_tokenizer\": {\"type\": \"Sequence\", \"pretokenizers\": [{\"type\": \"WhitespaceSplit\"}, \(metaspace)]}",
      "\"decoder\": \(metaspace)",
    ]
  }

  /// What is put around one text and around two, `$A` and `$B`, each with its type.
  private func added(around form: Form) throws(GraftError) -> (single: [(String, Int)], pair: [(String, Int)]) {
    switch form {
    case .albert:
      let single = [("[CLS]", 0), ("$A", 0), ("[SEP]", 0)]
      return (single, single + [("$B", 1), ("[SEP]", 1)])
    case .t5: return ([("$A", 0), ("</s>", 0)], [("$A", 0), ("</s>", 0), ("$B", 0), ("</s>", 0)])
    case .xlmRoberta:
      let single = [("<s>", 0), ("$A", 0), ("</s>", 0)]
      return (single, single + [("</s>", 0), ("$B", 0), ("</s>", 0)])
    case .llama:
      let settings = try settings()
      let start = settings["add_bos_token"] == "false" ? [] : ["<s>"]
      let end = settings["add_eos_token"] == "true" ? ["</s>"] : []
      let first = (start + ["$A"] + end).map { ($0, 0) }
      return (first, first + (start + ["$B"] + end).map { ($0, 1) })
    }
  }

  static func template(
    _ around: (single: [(String, Int)], pair: [(String, Int)]), _ ids: [String: Int]
  ) -> String {
    func pieces(_ parts: [(String, Int)]) -> String {
      parts.map { name, type in
        name.hasPrefix("$")
          ? "{\"Sequence\": {\"id\": \"\(name.dropFirst())\", \"type_id\": \(type)}}"
          : "{\"SpecialToken\": {\"id\": \(name.jsonLiteral), \"type_id\": \(type)}}"
      }.joined(separator: ", ")
    }
    let names = Set(around.pair.map(\.0).filter { !$0.hasPrefix("$") }).sorted()
    let tokens = names.compactMap { name in
      ids[name].map { id in
        let name = name.jsonLiteral
        return "\(name): {\"id\": \(name), \"ids\": [\(id)], \"tokens\": [\(name)]}"
      }
    }
    return "{\"type\": \"TemplateProcessing\", \"single\": [\(pieces(around.single))], "
      + "\"pair\": [\(pieces(around.pair))], \"special_tokens\": {\(tokens.joined(separator: ", "))}}"
  }

  private static func unigram(_ pieces: [(text: String, score: Float)], unknown: Int) -> String {
    let vocab = pieces.map { "[\($0.text.jsonLiteral), \(Double($0.score))]" }
    return "{\"type\": \"Unigram\", \"unk_id\": \(unknown), \"byte_fallback\": false, \"vocab\": [\n"
      + vocab.joined(separator: ",\n") + "]}"
  }

  /// The merges are all pairs of pieces that make a piece, in the order of what they make, shorter left parts first.
  private static func bpe(_ pieces: [(text: String, score: Float)], _ model: SentencePieceModel) -> String {
    let mayMerge = model.pieces.map { $0.role != .control && $0.role != .unknown }
    var known: Set<String> = []
    for (piece, isPart) in zip(pieces, mayMerge) where isPart { known.insert(piece.text) }
    var merges: [String] = []
    for (piece, isPart) in zip(pieces, mayMerge) where isPart {
      let scalars = piece.text.unicodeScalars
      for index in scalars.indices.dropFirst() {
        let (left, right) = (String(scalars[..<index]), String(scalars[index...]))
        if known.contains(left), known.contains(right) {
          merges.append("[\(left.jsonLiteral), \(right.jsonLiteral)]")
        }
      }
    }
    let vocab = pieces.enumerated().map { "\($0.element.text.jsonLiteral): \($0.offset)" }
    return "{\"type\": \"BPE\", \"dropout\": null, \"unk_token\": \"<unk>\", \"continuing_subword_prefix\": null, "
      + "\"end_of_word_suffix\": null, \"fuse_unk\": true, \"byte_fallback\": true, \"ignore_merges\": false, "
      + "\"vocab\": {\n"
      + vocab.joined(separator: ",\n") + "}, \"merges\": [\n" + merges.joined(separator: ",\n") + "]}"
  }

  /// How many sentinels a T5 has besides its pieces.
  private func extraIDs() throws(GraftError) -> Int {
    guard has("tokenizer_config.json"),
      case .object(let members) = try Self.parse(read("tokenizer_config.json"), file: path("tokenizer_config.json"))
        .kind,
      case .number(let number) = members.first(where: { $0.key == "extra_ids" })?.value.kind,
      let count = Int(exactly: number), (0...10_000).contains(count)
    else { return 100 }
    return count
  }
}
