import Records
import Support

/// BPE, of bytes or of characters.
extension TokenizerFile {
  private static let keys = [
    "type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", "byte_fallback",
    "ignore_merges", "vocab", "merges",
  ]

  func mergeParts(_ model: JSONValue, json: UnsafeRawBufferPointer) throws(JSONSyntaxError) -> TokenizerParts {
    let fields = try JSONFields(model, "'model'", known: Self.keys)
    // Merges are left out at random then, in the peer at every encoding.
    if fields.isPresent("dropout") {
      let dropout = try fields.value("dropout")
      guard case .number(0) = dropout.kind else {
        throw JSONSyntaxError("'dropout' is not null or 0, which would make encoding random", at: dropout.offset)
      }
    }
    let affixes = CharacterMergeModel.Affixes(
      prefix: try Self.affix(fields, "continuing_subword_prefix"), suffix: try Self.affix(fields, "end_of_word_suffix"))
    let vocab = try fields.members("vocab")
    let entries = try Self.entries(vocab.value)
    let hasAffixes = !affixes.prefix.isEmpty || !affixes.suffix.isEmpty
    if !hasAffixes, let cutting = try byteCutting(), isOfBytes(entries) {
      return try byteLevelParts(fields, entries, cutting, json: json)
    }
    return try characterParts(fields, entries, affixes, json: json)
  }

  private static func affix(_ fields: JSONFields, _ key: String) throws(JSONSyntaxError) -> [UInt8] {
    fields.isPresent(key) ? Array(try fields.string(key).value.utf8) : []
  }

  // MARK: Of bytes

  /// How text is cut if nothing looks at what `ByteLevel` makes of it but the model: it is the last stage and the
  /// decoder.
  private func byteCutting() throws(JSONSyntaxError) -> TokenizationPipeline.Cutting? {
    guard top.isPresent("decoder"), try top.type("decoder").value == "ByteLevel", let stages = try stages(),
      let last = stages.last, last.type == "ByteLevel", stages.count(where: { $0.type == "ByteLevel" }) == 1
    else { return nil }
    _ = try top.object("decoder", known: ["type", "add_prefix_space", "trim_offsets", "use_regex"])
    let (pattern, addsPrefixSpace) = try Self.byteLevel(last)
    if stages.count == 1 { return .byteLevel(pattern, addsPrefixSpace: addsPrefixSpace) }
    guard pattern == .none, !addsPrefixSpace else { return .words(try cutter(stages, writesAlphabet: false)) }
    if stages.count == 2, let scanner = try Self.splitPattern(stages[0]) {
      return .byteLevel(scanner, addsPrefixSpace: false)
    }
    return .words(try cutter(stages.dropLast(), writesAlphabet: false))
  }

  /// Whether every byte is a token, and every token that text becomes is bytes.
  private func isOfBytes(_ entries: [Entry]) -> Bool {
    let added = Set((specials + addedWords).map(\.name))
    var isThere = [Bool](repeating: false, count: 256)
    for entry in entries where !added.contains(entry.text) {
      guard let bytes = ByteAlphabet.bytes(of: entry.text), !bytes.isEmpty else { return false }
      if bytes.count == 1 { isThere[Int(bytes[0])] = true }
    }
    return !isThere.contains(false)
  }

  private func byteLevelParts(
    _ model: JSONFields, _ entries: [Entry], _ cutting: TokenizationPipeline.Cutting, json: UnsafeRawBufferPointer
  ) throws(JSONSyntaxError) -> TokenizerParts {
    let pieces = try pieces(entries, at: try model.members("vocab").offset) { text in
      ByteAlphabet.bytes(of: text).flatMap { $0.isEmpty ? nil : $0 }
    }
    var byteIDs = [TokenID](repeating: -1, count: 256)
    for (id, piece) in pieces.model.enumerated() where piece.count == 1 { byteIDs[Int(piece[0])] = TokenID(id) }
    let vocabulary = try vocabulary(size: pieces.count, unknown: nil)
    let merges = try Self.merges(model, entries.filter { !pieces.model[Int($0.id)].isEmpty })
    let ignoresMerges = try model.boolean("ignore_merges", default: false)
    if case .byteLevel(.gpt2, addsPrefixSpace: false) = cutting, !ignoresMerges,
      let normalization = try canonicalNormalization()
    {
      return .byteLevel(
        vocabulary: vocabulary, normalization: normalization, pattern: .gpt2, pieces: pieces.model,
        specials: specials, byteIDs: byteIDs, merges: merges)
    }
    return TokenizerParts(
      kind: .byteLevelBPE, vocabulary: vocabulary, specials: specials, pieces: pieces.decoder,
      pipeline: TokenizationPipeline(
        normalizer: normalizer, cutting: cutting,
        model: MergeModel(
          byteIDs: byteIDs, merges: merges, pieces: pieces.model, ignoresMerges: ignoresMerges),
        decoder: ByteLevelDecoder()),
      json: Array(json))
  }

  /// The normalisation of a tokenizer that Graft can write in its own way without loss, so that its content hash does
  /// not depend on who wrote the file: no post-processor that adds tokens, and special tokens like Graft's.
  private func canonicalNormalization() throws(JSONSyntaxError) -> [Normalization]? {
    let names = specials.map(\.name)
    guard
      SpecialTokens.always.allSatisfy(names.contains), addedWords.isEmpty,
      !specials.contains(where: {
        $0.stripsLeft || $0.stripsRight || $0.isSingleWord || $0.isNormalized && normalizer != nil
      })
    else { return nil }
    if top.isPresent("post_processor"), try top.type("post_processor").value != "ByteLevel" { return nil }
    switch normalizer {
    case nil: return []
    case let form as NormalForm where form == .nfc: return [.nfc]
    case let form as NormalForm where form == .nfkc: return [.nfkc]
    default: return nil
    }
  }

  // MARK: Of characters

  private func characterParts(
    _ model: JSONFields, _ entries: [Entry], _ affixes: CharacterMergeModel.Affixes, json: UnsafeRawBufferPointer
  ) throws(JSONSyntaxError) -> TokenizerParts {
    let pieces = try pieces(entries, at: try model.members("vocab").offset) { $0.isEmpty ? nil : Array($0.utf8) }
    var unknowns = CharacterMergeModel.Unknowns(fuses: try model.boolean("fuse_unk", default: false))
    if model.isPresent("unk_token") {
      let name = try model.string("unk_token")
      unknowns.token = entries.first { $0.text.utf8.elementsEqual(name.value.utf8) }?.id
      guard unknowns.token != nil else {
        throw JSONSyntaxError("'unk_token' is '\(name.value)', which 'vocab' lacks", at: name.offset)
      }
    }
    if try model.boolean("byte_fallback", default: false) { unknowns.byteIDs = Self.byteIDs(pieces.model) }
    let vocabulary = try vocabulary(size: pieces.count, unknown: unknowns.token)
    let merges = try Self.merges(
      model, entries.filter { !pieces.model[Int($0.id)].isEmpty }, prefix: affixes.prefix)
    return TokenizerParts(
      kind: .characterBPE, vocabulary: vocabulary, specials: specials, pieces: pieces.decoder,
      pipeline: TokenizationPipeline(
        normalizer: normalizer, cutting: try cutting(),
        model: CharacterMergeModel(
          pieces: pieces.model, merges: merges, affixes: affixes, unknowns: unknowns,
          ignoresMerges: try model.boolean("ignore_merges", default: false)),
        decoder: try decoder()),
      json: Array(json))
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

  /// - Parameters:
  ///   - entries: the tokens that may be merged.
  ///   - prefix: what a token that is no word's beginning has in front, and what it is merged into has not.
  private static func merges(
    _ model: JSONFields, _ entries: [Entry], prefix: [UInt8] = []
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
      joined += right.utf8.dropFirst(prefix.count)
      guard right.utf8.count >= prefix.count, let leftIndex = texts.index(of: left),
        let rightIndex = texts.index(of: right),
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
