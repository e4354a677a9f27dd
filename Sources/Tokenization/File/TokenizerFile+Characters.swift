import Records
import Support

/// BPE that is not byte-level: of characters, with bytes to fall back on.
extension TokenizerFile {
  /// Whether the file's BPE works on bytes: its pre-tokeniser, or the last step of it, makes bytes of text.
  func isByteLevel() throws(JSONSyntaxError) -> Bool {
    if top.isPresent("decoder"), try top.type("decoder").value == "ByteLevel" { return true }
    guard top.isPresent("pre_tokenizer") else { return false }
    let type = try top.type("pre_tokenizer").value
    guard type == "Sequence" else { return type == "ByteLevel" }
    let steps = try JSONFields(top.value("pre_tokenizer"), "'pre_tokenizer'", known: nil).array(
      "pretokenizers")
    for step in steps.value {
      if try JSONFields(step, "a member of 'pretokenizers'", known: nil).string("type").value == "ByteLevel" {
        return true
      }
    }
    return false
  }

  func characterParts(
    _ model: JSONValue, json: UnsafeRawBufferPointer
  ) throws(JSONSyntaxError) -> TokenizerParts {
    let model = try JSONFields(model, "'model'", known: Self.mergeModelKeys)
    try Self.requirePlainMerges(model)
    let vocab = try model.members("vocab")
    let entries = try Self.entries(vocab.value)
    let pieces = try pieces(entries, at: vocab.offset, wanted: "text") { $0.isEmpty ? nil : Array($0.utf8) }
    var unknown: TokenID?
    if model.isPresent("unk_token") {
      let name = try model.string("unk_token")
      unknown = entries.first { $0.text.utf8.elementsEqual(name.value.utf8) }?.id
      guard unknown != nil else {
        throw JSONSyntaxError("'unk_token' is '\(name.value)', which 'vocab' lacks", at: name.offset)
      }
    }
    var byteIDs: [TokenID]?
    if try model.boolean("byte_fallback", default: false) {
      let ids = Self.byteIDs(pieces)
      if let missing = ids.firstIndex(of: -1) {
        throw JSONSyntaxError(
          "'byte_fallback' is true, but 'vocab' has no token of byte \(missing)", at: vocab.offset)
      }
      byteIDs = ids
    }
    let vocabulary = try vocabulary(size: pieces.count, unknown: unknown, paddingIsUnknown: true)
    return TokenizerParts(
      kind: .characterBPE, vocabulary: vocabulary, specials: specials, pieces: pieces,
      pipeline: TokenizationPipeline(
        normalizer: normalizer, cutting: try cutting(),
        model: CharacterMergeModel(
          pieces: pieces, merges: try Self.merges(model, entries.filter { !pieces[Int($0.id)].isEmpty }),
          byteIDs: byteIDs, unknown: unknown, fusesUnknown: try model.boolean("fuse_unk", default: false),
          ignoresMerges: try model.boolean("ignore_merges", default: false)),
        decoder: try decoder()),
      json: Array(json))
  }

  /// The decoder of Llama 2: Replace, ByteFallback, Fuse, Strip, each at most once and in this order.
  static func sequenceDecoder(_ value: JSONValue) throws(JSONSyntaxError) -> ByteFallbackDecoder {
    var result = ByteFallbackDecoder(replacement: nil, readsBytes: false, strips: 0)
    let order = ["Replace", "ByteFallback", "Fuse", "Strip"]
    var last = -1
    for step in try JSONFields(value, "'decoder'", known: ["type", "decoders"]).array("decoders").value {
      let name = "a member of 'decoders'"
      let type = try JSONFields(step, name, known: nil).string("type")
      guard let place = order.firstIndex(of: type.value), place > last else {
        throw JSONSyntaxError(
          "\(name) has type '\(type.value)'; Graft reads Replace, ByteFallback, Fuse and Strip, in this order",
          at: type.offset)
      }
      last = place
      switch type.value {
      case "Replace":
        let fields = try JSONFields(step, name, known: ["type", "pattern", "content"])
        let content = try fields.string("content")
        guard content.value == " " else {
          throw JSONSyntaxError("'content' is '\(content.value)', not a space", at: content.offset)
        }
        let text = try fields.object("pattern", known: ["String"]).string("String")
        guard !text.value.isEmpty else { throw JSONSyntaxError("'String' is empty", at: text.offset) }
        result.replacement = Array(text.value.utf8)
      case "ByteFallback":
        _ = try JSONFields(step, name, known: ["type"])
        result.readsBytes = true
      case "Strip":
        let fields = try JSONFields(step, name, known: ["type", "content", "start", "stop"])
        let content = try fields.string("content")
        let (start, stop) = (try fields.identifier("start"), try fields.identifier("stop"))
        guard content.value == " ", stop.value == 0 else {
          throw JSONSyntaxError("Graft reads a Strip of spaces at the start only", at: content.offset)
        }
        result.strips = Int(start.value)
      default: _ = try JSONFields(step, name, known: ["type"])
      }
    }
    return result
  }
}
