import Records
import Support

/// Reads what a `tokenizer.json` says. Anything that would make encoding differ from what the file means is refused.
struct TokenizerFile {
  let top: JSONFields
  /// The added tokens that are special, and those that are not.
  let specials, addedWords: [AddedToken]
  let normalizer: (any TextNormalizer)?
  let postProcessor: PostProcessor
  /// What the files beside it say special tokens are for, by the keys of tokenizer_config.json.
  let declared: [String: String]

  /// - Parameter declared: what special tokens are for, by the keys of tokenizer_config.json, where the file itself
  ///   does not show it.
  /// - Throws: `.badData`, naming the key and place of what is not as it must be.
  static func parts(
    _ bytes: UnsafeRawBufferPointer, file: String, declared: [String: String] = [:]
  ) throws(GraftError) -> TokenizerParts {
    if let kind = ForeignFile(bytes) { throw kind.error(path: file, wanted: "a tokenizer.json") }
    let result: Result<TokenizerParts, GraftError>
    do throws(JSONSyntaxError) {
      let root = try JSONValue(parsing: bytes)
      if let error = OtherTokenizerFile.error(root, file: file) {
        result = .failure(error)
      } else {
        result = .success(try TokenizerFile(root, declared: declared).parts(json: bytes))
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

  private init(_ root: JSONValue, declared: [String: String]) throws(JSONSyntaxError) {
    top = try JSONFields(
      root, "the tokenizer",
      known: [
        "version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor",
        "decoder", "model",
      ])
    // `truncation` and `padding` say what the library does to batches, nothing of ids: Graft cuts and pads by itself.
    normalizer = try Self.normalizer(top)
    postProcessor = try Self.postProcessor(top)
    let added = try Self.addedTokens(top)
    specials = added.filter(\.isSpecial)
    addedWords = added.filter { !$0.isSpecial }
    self.declared = declared
  }

  private func parts(json: UnsafeRawBufferPointer) throws(JSONSyntaxError) -> TokenizerParts {
    let model = try top.value("model")
    var parts: TokenizerParts
    switch try Self.kind(ofModel: model) {
    case .byteLevelBPE, .characterBPE: parts = try mergeParts(model, json: json)
    case .wordPiece: parts = try wordPieceParts(model, json: json)
    case .unigram: parts = try unigramParts(model, json: json)
    case .unigramPair: parts = try unigramPairParts(model, json: json)
    case .wordLevel: parts = try wordLevelParts(model, json: json)
    }
    parts.addedWords = addedWords
    parts.postProcessor = postProcessor
    parts.roles = roles(of: parts.vocabulary)
    for part in postProcessor.single + postProcessor.pair {
      if case .token(let id, _) = part, Int(id) >= parts.pieces.count {
        throw JSONSyntaxError(
          "'post_processor' adds a token with id \(id), the vocabulary has \(parts.pieces.count)", at: top.offset)
      }
    }
    return parts
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
      case unigramPairType: return .unigramPair
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

  private static func addedTokens(_ top: JSONFields) throws(JSONSyntaxError) -> [AddedToken] {
    let list = try top.array("added_tokens")
    var result: [AddedToken] = []
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
      guard ids.insert(id.value).inserted, names.insert(Array(name.value.utf8)).inserted else {
        throw JSONSyntaxError("'added_tokens' has '\(name.value)' or its id twice", at: name.offset)
      }
      result.append(
        AddedToken(
          id: id.value, name: name.value, isSpecial: try entry.boolean("special", default: false),
          isSingleWord: try entry.boolean("single_word", default: false),
          stripsLeft: try entry.boolean("lstrip", default: false),
          stripsRight: try entry.boolean("rstrip", default: false),
          isNormalized: try entry.boolean("normalized", default: false)))
    }
    return result
  }

  // MARK: Vocabularies

  /// One line of a vocabulary.
  struct Entry {
    var text: String
    var id: TokenID
    var offset: Int
  }

  /// The texts of a vocabulary by id.
  struct Pieces {
    /// As the model takes them: empty for special tokens and for added ones that are none of the vocabulary.
    var model: [[UInt8]]
    /// As the decoder takes them: empty for special tokens.
    var decoder: [[UInt8]]

    var count: Int { model.count }
  }

  /// The pieces of a vocabulary: every id once, 0 … size - 1.
  /// - Parameters:
  ///   - offset: of the vocabulary, for errors.
  ///   - piece: the piece of an entry that is not special, nil if it cannot be one.
  func pieces(
    _ entries: [Entry], at offset: Int, piece: (String) -> [UInt8]?
  ) throws(JSONSyntaxError) -> Pieces {
    let added = specials + addedWords
    var names = ByteStringTable()
    for token in added { names.insert(token.name) }
    let numbers = entries.map { names.index(of: $0.text) }
    let present = Set(numbers.compactMap { $0 })
    let size = entries.count + added.count - present.count
    var isTaken = [Bool](repeating: false, count: size)
    var pieces = [[UInt8]](repeating: [], count: size)
    for (entry, number) in zip(entries, numbers) {
      guard Int(entry.id) < size, !isTaken[Int(entry.id)] else {
        throw JSONSyntaxError(
          "'vocab' gives '\(entry.text)' the id \(entry.id): ids must be 0 … \(size - 1), each once",
          at: entry.offset)
      }
      isTaken[Int(entry.id)] = true
      if let number {
        guard added[number].id == entry.id else {
          throw JSONSyntaxError(
            "'\(entry.text)' has id \(entry.id) in 'vocab' and \(added[number].id) in 'added_tokens'",
            at: entry.offset)
        }
        if added[number].isSpecial { continue }
      }
      pieces[Int(entry.id)] = piece(entry.text) ?? []
    }
    var result = Pieces(model: pieces, decoder: pieces)
    for (number, token) in added.enumerated() {
      let isOfVocabulary = present.contains(number)
      guard Int(token.id) < size, isOfVocabulary || !isTaken[Int(token.id)] else {
        throw JSONSyntaxError(
          "'added_tokens' gives '\(token.name)' the id \(token.id), which is taken or beyond the \(size) ids",
          at: offset)
      }
      isTaken[Int(token.id)] = true
      if !token.isSpecial { result.decoder[Int(token.id)] = decoded(token, piece) }
    }
    return result
  }

  /// What the decoder takes for an added token: its name as the normaliser leaves it, where that is how it is found.
  private func decoded(_ token: AddedToken, _ piece: (String) -> [UInt8]?) -> [UInt8] {
    let name = Array(token.name.utf8)
    let text = token.isNormalized ? normalizer?.normalized(name) ?? name : name
    return piece(String(decoding: text, as: UTF8.self)) ?? text
  }
}
