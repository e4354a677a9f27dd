import Examples
import Foundation
import Support

extension Tokenizer {
  /// The file meant by a path: itself, or `tokenizer.json` in it if it is a directory.
  static func resolve(_ path: String) -> String {
    var isDirectory: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
    guard exists, isDirectory.boolValue else { return path }
    return (path as NSString).appendingPathComponent("tokenizer.json")
  }

  /// Reads a `tokenizer.json`, or the one in a directory.
  /// - Throws: `.missingInput` if there is none, `.badData` naming the key and place of what is not as it
  /// must be.
  public convenience init(contentsOf path: String) throws(GraftError) {
    let file = Self.resolve(path)
    do throws(GraftError) {
      self.init(
        try MappedFile(file).withBytes { (bytes) throws(GraftError) in try TokenizerFile(bytes, file: file) })
    } catch {
      var error = error
      if error.code == .missingInput { error.hint = "`graft tokenizer train` makes a tokenizer.json." }
      throw error
    }
  }

  /// Reads the text of a `tokenizer.json`; `file` is its name in errors.
  public convenience init(json bytes: UnsafeRawBufferPointer, file: String) throws(GraftError) {
    self.init(try TokenizerFile(bytes, file: file))
  }

  private convenience init(_ parts: TokenizerFile) {
    self.init(
      vocabulary: parts.vocabulary, normalization: parts.normalization, tokens: parts.tokens,
      specials: parts.specials, byteIDs: parts.byteIDs, merges: parts.merges)
  }
}

/// What a `tokenizer.json` says, checked. Anything that would make encoding differ from what the file means
/// is refused.
private struct TokenizerFile {
  var vocabulary = Vocabulary(size: 0, sentinels: [])
  var normalization = Normalization.none
  var tokens: [[UInt8]] = []
  var specials: [(id: TokenID, name: String)] = []
  var byteIDs: [TokenID] = []
  var merges: [(left: TokenID, right: TokenID, result: TokenID)] = []

  init(_ bytes: UnsafeRawBufferPointer, file: String) throws(GraftError) {
    do throws(JSONSyntaxError) {
      try self.init(JSONValue(parsing: bytes))
    } catch {
      throw error.graftError(
        in: bytes, file: file,
        hint: "Graft reads byte-level BPE tokenizers as it and Hugging Face tokenizers write them; "
          + "`graft tokenizer train` makes one.")
    }
  }

  private init(_ root: JSONValue) throws(JSONSyntaxError) {
    let top = try JSONFields(
      root, "the tokenizer",
      known: [
        "version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor",
        "decoder", "model",
      ])
    try top.requireAbsentOrNull("truncation")
    try top.requireAbsentOrNull("padding")
    normalization = try Self.normalization(top)
    try Self.checkByteLevel(try top.object("pre_tokenizer", known: Self.byteLevelKeys), isPreTokenizer: true)
    try Self.checkByteLevel(try top.object("decoder", known: Self.byteLevelKeys), isPreTokenizer: false)
    if top.isPresent("post_processor") {
      // The byte-level post-processor only trims offsets; all others add tokens.
      let processor = try top.object("post_processor", known: Self.byteLevelKeys)
      try Self.checkByteLevel(processor, isPreTokenizer: false)
    }
    specials = try Self.addedTokens(top)
    try readSpecials(top)
    let model = try top.object(
      "model",
      known: [
        "type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk",
        "byte_fallback", "ignore_merges", "vocab", "merges",
      ])
    try Self.checkModel(model)
    try readVocabulary(model)
    try readMerges(model)
  }

  private static let byteLevelKeys = ["type", "add_prefix_space", "trim_offsets", "use_regex"]

  private static func normalization(_ top: JSONFields) throws(JSONSyntaxError) -> Normalization {
    guard top.isPresent("normalizer") else { return .none }
    let type = try top.object("normalizer", known: ["type"]).string("type")
    guard let found = Normalization.allCases.first(where: { $0.jsonType == type.value }) else {
      throw JSONSyntaxError("'normalizer' has type '\(type.value)', not NFC or NFKC", at: type.offset)
    }
    return found
  }

  private static func checkByteLevel(
    _ fields: JSONFields, isPreTokenizer: Bool
  ) throws(JSONSyntaxError) {
    let type = try fields.string("type")
    guard type.value == "ByteLevel" else {
      throw JSONSyntaxError("\(fields.name) has type '\(type.value)', not ByteLevel", at: type.offset)
    }
    guard isPreTokenizer else { return }
    try fields.require("add_prefix_space", false, default: true)
    try fields.require("use_regex", true, default: true)
  }

  private static func checkModel(_ model: JSONFields) throws(JSONSyntaxError) {
    if model.isPresent("type") {
      let type = try model.string("type")
      guard type.value == "BPE" else {
        throw JSONSyntaxError("'model' has type '\(type.value)', not BPE", at: type.offset)
      }
    }
    try model.requireAbsentOrNull("dropout")
    for key in ["continuing_subword_prefix", "end_of_word_suffix"] where model.isPresent(key) {
      let affix = try model.string(key)
      guard affix.value.isEmpty else {
        throw JSONSyntaxError("'\(key)' must be null or empty in a byte-level model", at: affix.offset)
      }
    }
    try model.require("byte_fallback", false, default: false)
    try model.require("ignore_merges", false, default: false)
  }

  private static func addedTokens(
    _ top: JSONFields
  ) throws(JSONSyntaxError) -> [(id: TokenID, name: String)] {
    let list = try top.array("added_tokens")
    var result: [(id: TokenID, name: String)] = []
    for element in list.value {
      let entry = try JSONFields(
        element, "a member of 'added_tokens'",
        known: ["id", "content", "single_word", "lstrip", "rstrip", "normalized", "special"])
      let name = try entry.string("content")
      guard !name.value.isEmpty else {
        throw JSONSyntaxError("'content' of an added token is empty", at: name.offset)
      }
      let id = try entry.identifier("id")
      try entry.require("special", true, default: false)
      guard !result.contains(where: { $0.id == id.value || $0.name == name.value }) else {
        throw JSONSyntaxError("'added_tokens' has '\(name.value)' or its id twice", at: name.offset)
      }
      result.append((id.value, name.value))
    }
    return result
  }

  private mutating func readVocabulary(_ model: JSONFields) throws(JSONSyntaxError) {
    let vocab = try model.members("vocab")
    let texts = Set(vocab.value.map(\.key))
    for byte in ByteAlphabet.order where !texts.contains(ByteAlphabet.text([byte])) {
      throw JSONSyntaxError(
        "'vocab' lacks '\(ByteAlphabet.text([byte]))', the token of byte \(byte)", at: vocab.offset)
    }
    let size = texts.union(specials.map(\.name)).count
    let names = Dictionary(specials.map { ($0.name, $0.id) }, uniquingKeysWith: { first, _ in first })
    var isTaken = [Bool](repeating: false, count: size)
    tokens = [[UInt8]](repeating: [], count: size)
    byteIDs = [TokenID](repeating: -1, count: 256)
    for (text, value) in vocab.value {
      let id = try JSONFields.identifier(value, "the id of '\(text)' in 'vocab'")
      guard Int(id) < size, !isTaken[Int(id)] else {
        throw JSONSyntaxError(
          "'vocab' gives '\(text)' the id \(id): ids must be 0 … \(size - 1), each once", at: value.offset)
      }
      isTaken[Int(id)] = true
      if let special = names[text] {
        guard special == id else {
          throw JSONSyntaxError(
            "'\(text)' has id \(id) in 'vocab' and \(special) in 'added_tokens'", at: value.offset)
        }
        continue
      }
      guard let bytes = ByteAlphabet.bytes(of: text), !bytes.isEmpty else {
        throw JSONSyntaxError(
          "'vocab' has '\(text)', which is neither byte-level text nor one of 'added_tokens'",
          at: value.offset)
      }
      tokens[Int(id)] = bytes
      if bytes.count == 1 { byteIDs[Int(bytes[0])] = id }
    }
    for special in specials where !(Int(special.id) < size && tokens[Int(special.id)].isEmpty) {
      throw JSONSyntaxError(
        "'added_tokens' gives '\(special.name)' the id \(special.id), which is taken or beyond the "
          + "\(size) ids",
        at: vocab.offset)
    }
    vocabulary.size = size
  }

  private mutating func readMerges(_ model: JSONFields) throws(JSONSyntaxError) {
    var ids: [[UInt8]: TokenID] = [:]
    for (id, bytes) in tokens.enumerated() where !bytes.isEmpty { ids[bytes] = TokenID(id) }
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
      merges.append((leftID, rightID, result))
    }
  }

  private mutating func readSpecials(_ top: JSONFields) throws(JSONSyntaxError) {
    let names = Dictionary(specials.map { ($0.name, $0.id) }, uniquingKeysWith: { first, _ in first })
    func required(_ name: String) throws(JSONSyntaxError) -> TokenID {
      guard let id = names[name] else {
        throw JSONSyntaxError("'added_tokens' lacks the special token '\(name)'", at: top.offset)
      }
      return id
    }
    vocabulary.padding = try required(SpecialTokens.padding)
    vocabulary.start = vocabulary.padding
    vocabulary.endOfSequence = try required(SpecialTokens.endOfSequence)
    vocabulary.unknown = try required(SpecialTokens.unknown)
    let count = specials.count { SpecialTokens.sentinelNumber($0.name) != nil }
    for number in 0..<count { vocabulary.sentinels.append(try required(SpecialTokens.sentinel(number))) }
    vocabulary.mask = vocabulary.sentinels.first
  }
}
