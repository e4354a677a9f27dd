import Records
import Support

/// Reads what a `tokenizer.json` says. Anything that would make encoding differ from what the file means is refused.
struct TokenizerFile {
  let top: JSONFields
  let specials: [SpecialToken]
  let normalizer: (any TextNormalizer)?

  /// - Throws: `.badData`, naming the key and place of what is not as it must be.
  static func parts(_ bytes: UnsafeRawBufferPointer, file: String) throws(GraftError) -> TokenizerParts {
    if let kind = ForeignFile(bytes) { throw kind.error(path: file, wanted: "a tokenizer.json") }
    let result: Result<TokenizerParts, GraftError>
    do throws(JSONSyntaxError) {
      let root = try JSONValue(parsing: bytes)
      if let error = OtherTokenizerFile.error(root, file: file) {
        result = .failure(error)
      } else {
        result = .success(try TokenizerFile(root).parts(json: bytes))
      }
    } catch {
      throw error.graftError(
        in: bytes, file: file,
        hint:
          "Graft reads byte-level BPE, WordPiece, unigram and word-level tokenizers as it and Hugging Face tokenizers write "
          + "them; `graft tokenizer train` makes one.")
    }
    return try result.get()
  }

  private init(_ root: JSONValue) throws(JSONSyntaxError) {
    top = try JSONFields(
      root, "the tokenizer",
      known: [
        "version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor",
        "decoder", "model",
      ])
    // `truncation` and `padding` say what the library does to batches, nothing of ids: Graft cuts and pads by itself.
    normalizer = try Self.normalizer(top)
    try Self.checkPostProcessor(top)
    specials = try Self.addedTokens(top)
  }

  private func parts(json: UnsafeRawBufferPointer) throws(JSONSyntaxError) -> TokenizerParts {
    let model = try top.value("model")
    let kind = try Self.kind(ofModel: model)
    // Before the vocabulary, so that a special token that is missing is called so, not an id that is left over.
    _ = try vocabulary(
      size: 0, unknown: nil, paddingIsUnknown: kind == .byteLevelBPE ? !isByteLevel() : false)
    switch kind {
    case .byteLevelBPE, .characterBPE:
      return try isByteLevel() ? byteLevelParts(model, json: json) : characterParts(model, json: json)
    case .wordPiece: return try wordPieceParts(model, json: json)
    case .unigram: return try unigramParts(model, json: json)
    case .wordLevel: return try wordLevelParts(model, json: json)
    }
  }

  /// Older files do not name the type: merges are BPE's, a list of pieces is a unigram model's.
  private static func kind(ofModel model: JSONValue) throws(JSONSyntaxError) -> TokenizerKind {
    let fields = try JSONFields(model, "'model'", known: nil)
    if fields.isPresent("type") {
      let type = try fields.string("type")
      switch type.value {
      case "BPE": return .byteLevelBPE
      case "WordPiece": return .wordPiece
      case "Unigram": return .unigram
      case "WordLevel": return .wordLevel
      default:
        throw JSONSyntaxError(
          "'model' has type '\(type.value)', not BPE, WordPiece, Unigram or WordLevel", at: type.offset)
      }
    }
    if fields.isPresent("merges") { return .byteLevelBPE }
    if fields.isPresent("max_input_chars_per_word") { return .wordPiece }
    if fields.isPresent("unk_id") { return .unigram }
    throw JSONSyntaxError("'model' lacks 'type'", at: model.offset)
  }

  // MARK: Special tokens

  private static func addedTokens(_ top: JSONFields) throws(JSONSyntaxError) -> [SpecialToken] {
    let list = try top.array("added_tokens")
    var result: [SpecialToken] = []
    var ids: Set<TokenID> = []
    var names: Set<[UInt8]> = []
    for element in list.value {
      let entry = try JSONFields(
        element, "a member of 'added_tokens'",
        known: ["id", "content", "single_word", "lstrip", "rstrip", "normalized", "special"])
      let name = try entry.string("content")
      guard !name.value.isEmpty else {
        throw JSONSyntaxError("'content' of an added token is empty", at: name.offset)
      }
      let id = try entry.identifier("id")
      // Others are found in every text, whoever encodes it.
      try entry.require("special", true, default: false)
      try entry.require("single_word", false, default: false)
      guard ids.insert(id.value).inserted, names.insert(Array(name.value.utf8)).inserted else {
        throw JSONSyntaxError("'added_tokens' has '\(name.value)' or its id twice", at: name.offset)
      }
      result.append(
        SpecialToken(
          id: id.value, name: name.value, stripsLeft: try entry.boolean("lstrip", default: false),
          stripsRight: try entry.boolean("rstrip", default: false),
          isNormalized: try entry.boolean("normalized", default: false)))
    }
    return result
  }

  /// What each special token is for, by its name: the names of T5 and RoBERTa, of BERT, of GPT-2 and Qwen, of Llama 3,
  /// in this order.
  /// - Parameters:
  ///   - unknown: what the model takes for the unknown token; nil if it needs none.
  ///   - paddingIsUnknown: whether the unknown token serves as padding if there is none, as with Llama 2.
  func vocabulary(
    size: Int, unknown: TokenID?, paddingIsUnknown: Bool = false
  ) throws(JSONSyntaxError) -> Vocabulary {
    let ids = Dictionary(specials.map { ($0.name, $0.id) }, uniquingKeysWith: { first, _ in first })
    func first(_ names: [String]) -> TokenID? { names.lazy.compactMap { ids[$0] }.first }
    func required(_ names: [String]) throws(JSONSyntaxError) -> TokenID {
      guard let id = first(names) else {
        let others = names.dropFirst().prefix(2).map { " or '\($0)'" }.joined()
        throw JSONSyntaxError("'added_tokens' lacks the special token '\(names[0])'\(others)", at: top.offset)
      }
      return id
    }
    // Of the models with one special token for all, GPT-2's name and Llama 3's.
    let only = [SpecialTokens.endOfText, "<|end_of_text|>"]
    let padding = try required(
      [SpecialTokens.padding, "[PAD]", "<|finetune_right_pad_id|>"] + only
        + (paddingIsUnknown ? [SpecialTokens.unknown] : []))
    let end = try required([SpecialTokens.endOfSequence, "[SEP]"] + only)
    let unknownByName = try required([SpecialTokens.unknown, "[UNK]"] + only)
    var sentinels: [TokenID] = []
    for number in 0..<specials.count(where: { SpecialTokens.sentinelNumber($0.name) != nil }) {
      sentinels.append(try required([SpecialTokens.sentinel(number)]))
    }
    if let unknown, !specials.contains(where: { $0.id == unknown }) {
      throw JSONSyntaxError(
        "the unknown token of 'model', id \(unknown), is not one of 'added_tokens'", at: top.offset)
    }
    return Vocabulary(
      size: size, padding: padding, endOfSequence: end, unknown: unknown ?? unknownByName,
      start: first(["<s>", "[CLS]", "<|begin_of_text|>"] + only), mask: first(["<mask>", "[MASK]"]),
      sentinels: sentinels)
  }

  // MARK: Vocabularies

  /// One line of a vocabulary.
  struct Entry {
    var text: String
    var id: TokenID
    var offset: Int
  }

  /// The piece of each id, empty for special tokens: every id once, 0 … size - 1.
  /// - Parameters:
  ///   - offset: of the vocabulary, for errors.
  ///   - piece: the piece of an entry that is not special, nil if it cannot be one.
  ///   - wanted: what the message calls such a piece.
  func pieces(
    _ entries: [Entry], at offset: Int, wanted: String, piece: (String) -> [UInt8]?
  ) throws(JSONSyntaxError) -> [[UInt8]] {
    var names = ByteStringTable()
    for special in specials { names.insert(special.name) }
    let specialNumbers = entries.map { names.index(of: $0.text) }
    let present = specialNumbers.count { $0 != nil }
    let size = entries.count + specials.count - present
    var isTaken = [Bool](repeating: false, count: size)
    var pieces = [[UInt8]](repeating: [], count: size)
    for (entry, specialNumber) in zip(entries, specialNumbers) {
      guard Int(entry.id) < size, !isTaken[Int(entry.id)] else {
        throw JSONSyntaxError(
          "'vocab' gives '\(entry.text)' the id \(entry.id): ids must be 0 … \(size - 1), each once",
          at: entry.offset)
      }
      isTaken[Int(entry.id)] = true
      if let specialNumber {
        let special = specials[specialNumber].id
        guard special == entry.id else {
          throw JSONSyntaxError(
            "'\(entry.text)' has id \(entry.id) in 'vocab' and \(special) in 'added_tokens'", at: entry.offset
          )
        }
        continue
      }
      guard let bytes = piece(entry.text) else {
        throw JSONSyntaxError(
          "'vocab' has '\(entry.text)', which is neither \(wanted) nor one of 'added_tokens'",
          at: entry.offset)
      }
      pieces[Int(entry.id)] = bytes
    }
    for special in specials {
      guard Int(special.id) < size, pieces[Int(special.id)].isEmpty else {
        throw JSONSyntaxError(
          "'added_tokens' gives '\(special.name)' the id \(special.id), which is taken or beyond the \(size) ids",
          at: offset)
      }
    }
    return pieces
  }
}
