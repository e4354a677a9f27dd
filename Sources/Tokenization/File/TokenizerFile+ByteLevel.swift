import Records
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
    let model = try JSONFields(model, "'model'", known: Self.mergeModelKeys)
    try Self.requirePlainMerges(model)
    try model.require("byte_fallback", false, default: false)
    let vocab = try model.members("vocab")
    let entries = try Self.entries(vocab.value)
    try Self.requireBytes(entries, at: vocab.offset)
    let pieces = try pieces(entries, at: vocab.offset, wanted: "byte-level text") { text in
      ByteAlphabet.bytes(of: text).flatMap { $0.isEmpty ? nil : $0 }
    }
    var byteIDs = [TokenID](repeating: -1, count: 256)
    for (id, piece) in pieces.enumerated() where piece.count == 1 { byteIDs[Int(piece[0])] = TokenID(id) }
    let vocabulary = try vocabulary(size: pieces.count, unknown: nil)
    let merges = try Self.merges(model, entries.filter { !pieces[Int($0.id)].isEmpty })
    let ignoresMerges = try model.boolean("ignore_merges", default: false)
    if pattern == .gpt2, !addsPrefixSpace, !ignoresMerges, let normalization = try canonicalNormalization() {
      return .byteLevel(
        vocabulary: vocabulary, normalization: normalization, pattern: pattern, pieces: pieces,
        specials: specials, byteIDs: byteIDs, merges: merges)
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
  private func canonicalNormalization() throws(JSONSyntaxError) -> [Normalization]? {
    let names = specials.map(\.name)
    guard
      [SpecialTokens.padding, SpecialTokens.endOfSequence, SpecialTokens.unknown].allSatisfy(names.contains),
      !specials.contains(where: { $0.stripsLeft || $0.stripsRight || $0.isNormalized && normalizer != nil })
    else { return nil }
    if top.isPresent("post_processor"), try top.type("post_processor").value != "ByteLevel" { return nil }
    switch normalizer {
    case nil: return []
    case let form as NormalForm where form == .nfc: return [.nfc]
    case let form as NormalForm where form == .nfkc: return [.nfkc]
    default: return nil
    }
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
    let type = try JSONFields(value, "a member of 'pretokenizers'", known: nil).string("type")
    guard type.value == "Split" else {
      throw JSONSyntaxError(
        "the first of 'pretokenizers' has type '\(type.value)', not Split", at: type.offset)
    }
    let expression = try isolatedExpression(value)
    guard let pattern = BytePattern(expression: expression.value) else {
      throw JSONSyntaxError(
        "'Regex' of Split is '\(expression.value)', which is none that Graft has a scanner for: those of GPT-2, "
          + "of cl100k and Llama 3, of Qwen 2, and one that cuts at white space", at: expression.offset)
    }
    return pattern
  }

  /// The regular expression of a `Split` whose matches become words, as does what is between them.
  static func isolatedExpression(_ value: JSONValue) throws(JSONSyntaxError) -> (value: String, offset: Int) {
    let name = "a pre-tokenizer of type Split"
    let fields = try JSONFields(value, name, known: ["type", "pattern", "behavior", "invert"])
    let behavior = try fields.string("behavior")
    guard behavior.value == "Isolated" else {
      throw JSONSyntaxError("'behavior' is '\(behavior.value)', not Isolated", at: behavior.offset)
    }
    try fields.require("invert", false, default: false)
    return try fields.object("pattern", known: ["Regex"]).string("Regex")
  }

  static let mergeModelKeys = [
    "type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk",
    "byte_fallback",
    "ignore_merges", "vocab", "merges",
  ]

  static func requirePlainMerges(_ model: JSONFields) throws(JSONSyntaxError) {
    try model.requireAbsentOrNull("dropout")
    for key in ["continuing_subword_prefix", "end_of_word_suffix"] where model.isPresent(key) {
      let affix = try model.string(key)
      guard affix.value.isEmpty else {
        throw JSONSyntaxError("'\(key)' must be null or empty in a BPE that Graft reads", at: affix.offset)
      }
    }
  }

  /// Checks that every byte is a token.
  private static func requireBytes(_ entries: [Entry], at offset: Int) throws(JSONSyntaxError) {
    var isThere = [Bool](repeating: false, count: 256)
    for entry in entries where entry.text.utf8.count <= 2 {
      if let bytes = ByteAlphabet.bytes(of: entry.text), bytes.count == 1 { isThere[Int(bytes[0])] = true }
    }
    for byte in ByteAlphabet.order where !isThere[Int(byte)] {
      throw JSONSyntaxError(
        "'vocab' lacks '\(ByteAlphabet.text([byte]))', the token of byte \(byte)", at: offset)
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

  /// - Parameter entries: the tokens that may be merged.
  static func merges(
    _ model: JSONFields, _ entries: [Entry]
  ) throws(JSONSyntaxError) -> [(left: TokenID, right: TokenID, result: TokenID)] {
    var texts = ByteStringTable(capacity: entries.count)
    for entry in entries { texts.insert(entry.text) }
    var joined: [UInt8] = []
    var merges: [(left: TokenID, right: TokenID, result: TokenID)] = []
    let elements = try model.array("merges").value
    merges.reserveCapacity(elements.count)
    var seen = PairTable(capacity: elements.count)
    for element in elements {
      let (left, right) = try halves(element)
      joined.removeAll(keepingCapacity: true)
      joined += left.utf8
      joined += right.utf8
      guard let leftIndex = texts.index(of: left), let rightIndex = texts.index(of: right),
        let resultIndex = texts.index(of: joined)
      else {
        throw JSONSyntaxError(
          "'merges' joins '\(left)' and '\(right)', but not all of '\(left)', '\(right)' and "
            + "'\(left)\(right)' are in 'vocab'", at: element.offset)
      }
      let merge = (
        left: entries[leftIndex].id, right: entries[rightIndex].id, result: entries[resultIndex].id
      )
      let key = pairKey(merge.left, merge.right)
      guard seen.value(key) == PairTable.absent else {
        throw JSONSyntaxError("'merges' joins '\(left)' and '\(right)' twice", at: element.offset)
      }
      seen.insert(key, 0)
      merges.append(merge)
    }
    return merges
  }

  /// The two texts that a merge joins: a pair, or in older files both in one string with a space between, which is
  /// never part of byte-level text.
  private static func halves(_ element: JSONValue) throws(JSONSyntaxError) -> (left: String, right: String) {
    switch element.kind {
    case .array(let pair):
      guard pair.count == 2, case .string(let left) = pair[0].kind, case .string(let right) = pair[1].kind
      else { throw JSONSyntaxError("a member of 'merges' is not a pair of strings", at: element.offset) }
      return (left, right)
    case .string(let text):
      let halves = text.split(separator: " ", omittingEmptySubsequences: false)
      guard halves.count == 2 else {
        throw JSONSyntaxError("a member of 'merges' is not two tokens and a space", at: element.offset)
      }
      return (String(halves[0]), String(halves[1]))
    default:
      throw JSONSyntaxError("a member of 'merges' is \(element.kind.name)", at: element.offset)
    }
  }
}
