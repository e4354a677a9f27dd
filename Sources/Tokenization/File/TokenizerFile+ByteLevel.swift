import Examples
import Support

extension TokenizerFile {
  private static let byteLevelKeys = ["type", "add_prefix_space", "trim_offsets", "use_regex"]

  /// The parts of a byte-level BPE.
  func byteLevelParts(
    _ model: JSONValue, json: UnsafeRawBufferPointer
  ) throws(JSONSyntaxError) -> TokenizerParts {
    let (pattern, addsPrefixSpace) = try bytePattern()
    let decoder = try top.type("decoder")
    guard decoder.value == "ByteLevel" else {
      throw JSONSyntaxError(
        "'decoder' has type '\(decoder.value)', not ByteLevel as the pre-tokenizer has", at: decoder.offset)
    }
    _ = try top.object("decoder", known: Self.byteLevelKeys)
    let model = try JSONFields(
      model, "'model'",
      known: [
        "type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk",
        "byte_fallback", "ignore_merges", "vocab", "merges",
      ])
    try Self.checkMergeModel(model)
    let pieces = try byteLevelPieces(model)
    var byteIDs = [TokenID](repeating: -1, count: 256)
    for (id, piece) in pieces.enumerated() where piece.count == 1 { byteIDs[Int(piece[0])] = TokenID(id) }
    let vocabulary = try vocabulary(size: pieces.count, unknown: nil)
    let merges = try Self.merges(model, pieces)
    let ignoresMerges = try model.boolean("ignore_merges", default: false)
    if pattern == .gpt2, !addsPrefixSpace, !ignoresMerges, let normalization = try canonicalNormalization() {
      return .byteLevel(
        vocabulary: vocabulary, normalization: normalization, pieces: pieces, specials: specials,
        byteIDs: byteIDs, merges: merges)
    }
    return TokenizerParts(
      kind: .byteLevelBPE, vocabulary: vocabulary, specials: specials, pieces: pieces,
      pipeline: TokenizationPipeline(
        normalizer: normalizer, cutting: .byteLevel(pattern, addsPrefixSpace: addsPrefixSpace),
        model: MergeModel(byteIDs: byteIDs, merges: merges, pieces: pieces, ignoresMerges: ignoresMerges),
        decoder: ByteLevelDecoder()),
      json: Array(json))
  }

  /// The normalisation of a tokenizer that Graft can write in its own way without loss, so that its content hash does
  /// not depend on who wrote the file: no post-processor that adds tokens, and special tokens like Graft's.
  private func canonicalNormalization() throws(JSONSyntaxError) -> Normalization? {
    let names = specials.map(\.name)
    guard
      [SpecialTokens.padding, SpecialTokens.endOfSequence, SpecialTokens.unknown].allSatisfy(names.contains),
      !specials.contains(where: { $0.stripsLeft || $0.stripsRight || $0.isNormalized && normalizer != nil })
    else { return nil }
    if top.isPresent("post_processor"), try top.type("post_processor").value != "ByteLevel" { return nil }
    guard let normalizer else { return Normalization.none }
    return Normalization.allCases.first { $0.form != nil && $0.form == normalizer as? NormalForm }
  }

  /// How text is cut: `ByteLevel` alone, or after a `Split` by one of the expressions that Graft has a scanner for.
  private func bytePattern() throws(JSONSyntaxError) -> (BytePattern, addsPrefixSpace: Bool) {
    let type = try top.type("pre_tokenizer")
    switch type.value {
    case "ByteLevel":
      let fields = try top.object("pre_tokenizer", known: Self.byteLevelKeys)
      let pattern = try fields.boolean("use_regex", default: true) ? BytePattern.gpt2 : .none
      return (pattern, try fields.boolean("add_prefix_space", default: true))
    case "Sequence":
      let fields = try top.object("pre_tokenizer", known: ["type", "pretokenizers"])
      let steps = try fields.array("pretokenizers")
      guard steps.value.count == 2 else {
        throw JSONSyntaxError(
          "'pretokenizers' has \(steps.value.count) members, Graft reads Split and ByteLevel with BPE",
          at: steps.offset)
      }
      let pattern = try Self.splitPattern(steps.value[0])
      let last = try JSONFields(steps.value[1], "a member of 'pretokenizers'", known: nil)
      let lastType = try last.string("type")
      guard lastType.value == "ByteLevel" else {
        throw JSONSyntaxError(
          "the last of 'pretokenizers' has type '\(lastType.value)', not ByteLevel", at: lastType.offset)
      }
      let byteLevel = try JSONFields(
        steps.value[1], "a member of 'pretokenizers'", known: Self.byteLevelKeys)
      // It would cut, or add a space to, every word that the Split has made.
      try byteLevel.require("use_regex", false, default: true)
      try byteLevel.require("add_prefix_space", false, default: true)
      return (pattern, false)
    default:
      throw JSONSyntaxError(
        "'pre_tokenizer' has type '\(type.value)', not ByteLevel or Sequence, which byte-level BPE needs",
        at: type.offset)
    }
  }

  private static func splitPattern(_ value: JSONValue) throws(JSONSyntaxError) -> BytePattern {
    let name = "a member of 'pretokenizers'"
    let type = try JSONFields(value, name, known: nil).string("type")
    guard type.value == "Split" else {
      throw JSONSyntaxError(
        "the first of 'pretokenizers' has type '\(type.value)', not Split", at: type.offset)
    }
    let fields = try JSONFields(value, name, known: ["type", "pattern", "behavior", "invert"])
    let behavior = try fields.string("behavior")
    guard behavior.value == "Isolated" else {
      throw JSONSyntaxError("'behavior' is '\(behavior.value)', not Isolated", at: behavior.offset)
    }
    try fields.require("invert", false, default: false)
    let expression = try fields.object("pattern", known: ["Regex"]).string("Regex")
    guard let pattern = BytePattern(expression: expression.value) else {
      throw JSONSyntaxError(
        "'Regex' of Split is '\(expression.value)', which is none that Graft has a scanner for: those of GPT-2, "
          + "of cl100k and Llama 3, and of Qwen 2", at: expression.offset)
    }
    return pattern
  }

  private static func checkMergeModel(_ model: JSONFields) throws(JSONSyntaxError) {
    try model.requireAbsentOrNull("dropout")
    for key in ["continuing_subword_prefix", "end_of_word_suffix"] where model.isPresent(key) {
      let affix = try model.string(key)
      guard affix.value.isEmpty else {
        throw JSONSyntaxError("'\(key)' must be null or empty in a byte-level model", at: affix.offset)
      }
    }
    try model.require("byte_fallback", false, default: false)
  }

  private func byteLevelPieces(_ model: JSONFields) throws(JSONSyntaxError) -> [[UInt8]] {
    let vocab = try model.members("vocab")
    let texts = Set(vocab.value.map(\.key))
    for byte in ByteAlphabet.order where !texts.contains(ByteAlphabet.text([byte])) {
      throw JSONSyntaxError(
        "'vocab' lacks '\(ByteAlphabet.text([byte]))', the token of byte \(byte)", at: vocab.offset)
    }
    return try pieces(try Self.entries(vocab.value), at: vocab.offset, wanted: "byte-level text") { text in
      ByteAlphabet.bytes(of: text).flatMap { $0.isEmpty ? nil : $0 }
    }
  }

  /// The entries of a vocabulary that maps texts to ids.
  static func entries(
    _ members: [(key: String, value: JSONValue)]
  ) throws(JSONSyntaxError) -> [Entry] {
    var entries: [Entry] = []
    entries.reserveCapacity(members.count)
    for (text, value) in members {
      let id = try JSONFields.identifier(value, "the id of '\(text)' in 'vocab'")
      entries.append(Entry(text: text, id: id, offset: value.offset))
    }
    return entries
  }

  private static func merges(
    _ model: JSONFields, _ pieces: [[UInt8]]
  ) throws(JSONSyntaxError) -> [(left: TokenID, right: TokenID, result: TokenID)] {
    var ids: [[UInt8]: TokenID] = [:]
    for (id, bytes) in pieces.enumerated() where !bytes.isEmpty { ids[bytes] = TokenID(id) }
    var merges: [(left: TokenID, right: TokenID, result: TokenID)] = []
    var seen: Set<UInt64> = []
    for element in try model.array("merges").value {
      let (left, right): (String, String)
      switch element.kind {
      case .array(let pair):
        guard pair.count == 2, case .string(let first) = pair[0].kind, case .string(let second) = pair[1].kind
        else { throw JSONSyntaxError("a member of 'merges' is not a pair of strings", at: element.offset) }
        (left, right) = (first, second)
      case .string(let text):
        // The form of older files: both halves in one string. A space is never part of byte-level text.
        let halves = text.split(separator: " ", omittingEmptySubsequences: false)
        guard halves.count == 2 else {
          throw JSONSyntaxError("a member of 'merges' is not two tokens and a space", at: element.offset)
        }
        (left, right) = (String(halves[0]), String(halves[1]))
      default:
        throw JSONSyntaxError("a member of 'merges' is \(element.kind.name)", at: element.offset)
      }
      guard let leftBytes = ByteAlphabet.bytes(of: left), let rightBytes = ByteAlphabet.bytes(of: right),
        let leftID = ids[leftBytes], let rightID = ids[rightBytes], let result = ids[leftBytes + rightBytes]
      else {
        throw JSONSyntaxError(
          "'merges' joins '\(left)' and '\(right)', but not all of '\(left)', '\(right)' and "
            + "'\(left)\(right)' are in 'vocab'", at: element.offset)
      }
      guard seen.insert(pairKey(leftID, rightID)).inserted else {
        throw JSONSyntaxError("'merges' joins '\(left)' and '\(right)' twice", at: element.offset)
      }
      merges.append((leftID, rightID, result))
    }
    return merges
  }
}
