import Foundation
import Support

/// What folders of transformers hold instead of a `tokenizer.json`: `vocab.txt` of BERT and ELECTRA, `vocab.json` and
/// `merges.txt` of GPT-2, or one or two models of SentencePiece, with the settings in `tokenizer_config.json` if there
/// is one.
struct LegacyTokenizerFiles {
  let folder: String

  func path(_ name: String) -> String { Paths.join(folder, name) }
  func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  func read(_ name: String) throws(GraftError) -> [UInt8] {
    try MappedFile(path(name)).withBytes { bytes in Array(bytes) }
  }

  /// The `tokenizer.json` that says the same; nil if the folder has no such files.
  /// - Throws: `.badData` if it has another kind of tokenizer only.
  func json() throws(GraftError) -> [UInt8]? {
    if has("vocab.txt") { return try wordPieceJSON() }
    if Self.pairNames.contains(where: has) { return try unigramPairJSON() }
    if has("vocab.json"), has("merges.txt") { return try byteLevelJSON() }
    for name in Self.sentencePieceNames where has(name) { return try sentencePieceJSON(name) }
    return nil
  }

  /// The vocabulary, for messages.
  var mainFile: String {
    path((["vocab.txt", "vocab.json"] + Self.sentencePieceNames).first(where: has) ?? "vocab.json")
  }

  /// Lines of a text file, without the empty end.
  private func lines(_ name: String) throws(GraftError) -> [String] {
    let bytes = try read(name)
    if let kind = bytes.withUnsafeBytes({ ForeignFile($0) }) {
      throw kind.error(path: path(name), wanted: "a list of tokens")
    }
    let text = bytes.starts(with: byteOrderMark) ? bytes.dropFirst(byteOrderMark.count) : bytes[...]
    var lines = text.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
      String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
    }
    if lines.last == "" { lines.removeLast() }
    return lines
  }

  // MARK: BERT

  private static let bertSpecials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

  private func wordPieceJSON() throws(GraftError) -> [UInt8] {
    let tokens = try lines("vocab.txt")
    var seen = ByteStringTable(capacity: tokens.count)
    for (index, token) in tokens.enumerated() {
      let first = seen.insert(token)
      guard first == index else {
        throw GraftError(
          .badData, "the token '\(token)' stands in line \(first + 1), too",
          hint: "a vocab.txt has each token once, a line for each id; copy the file again.",
          location: SourceLocation(file: path("vocab.txt"), line: index + 1))
      }
    }
    var specials: [String] = []
    for name in Self.bertSpecials {
      guard let id = tokens.firstIndex(of: name) else {
        throw GraftError(
          .badData, "the vocabulary lacks the special token '\(name)'",
          hint: "is it the vocab.txt of a BERT or ELECTRA?", location: SourceLocation(file: path("vocab.txt"))
        )
      }
      specials.append(Self.specialToken(name, id: id))
    }
    let settings = try settings()
    let vocab = tokens.enumerated().map { "\($0.element.jsonLiteral): \($0.offset)" }.joined(separator: ",\n")
    return Array(
      """
      {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [
      \(specials.joined(separator: ",\n"))],
      "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": \
      \(settings["tokenize_chinese_chars"] ?? "true"), "strip_accents": \(settings["strip_accents"] ?? "null"), \
      "lowercase": \(settings["do_lower_case"] ?? "true")},
      "pre_tokenizer": {"type": "BertPreTokenizer"},
      "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", \(tokens.firstIndex(of: "[SEP]") ?? 0)], \
      "cls": ["[CLS]", \(tokens.firstIndex(of: "[CLS]") ?? 0)]},
      "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
      "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", \
      "max_input_chars_per_word": 100, "vocab": {
      \(vocab)}}}

      """.utf8)
  }

  static func specialToken(_ name: String, id: Int) -> String {
    "{\"id\": \(id), \"content\": \(name.jsonLiteral), \"single_word\": false, \"lstrip\": false, "
      + "\"rstrip\": false, \"normalized\": false, \"special\": true}"
  }

  /// The settings of `tokenizer_config.json` that are true, false or null, as JSON.
  func settings() throws(GraftError) -> [String: String] {
    let name = "tokenizer_config.json"
    guard has(name) else { return [:] }
    guard case .object(let members) = try Self.parse(try read(name), file: path(name)).kind else {
      return [:]
    }
    var result: [String: String] = [:]
    for (key, value) in members {
      if case .boolean(let flag) = value.kind { result[key] = flag ? "true" : "false" }
    }
    return result
  }

  /// The members of a JSON file that are strings; none if there is no such file.
  func strings(_ name: String) throws(GraftError) -> [String: String] {
    guard has(name), case .object(let members) = try Self.parse(try read(name), file: path(name)).kind else {
      return [:]
    }
    var result: [String: String] = [:]
    for (key, value) in members {
      if case .string(let text) = value.kind { result[key] = text }
    }
    return result
  }

  /// What the special tokens are for: `pad_token`, `eos_token` … of `tokenizer_config.json` and
  /// `special_tokens_map.json`, each a name or an object with the name as `content`. Files that cannot be read say
  /// nothing.
  func declaredTokens() -> [String: String] {
    var result: [String: String] = [:]
    for name in ["special_tokens_map.json", "tokenizer_config.json"] where has(name) {
      guard let bytes = try? read(name), case .object(let members) = try? Self.parse(bytes, file: path(name)).kind
      else { continue }
      for (key, value) in members where key.hasSuffix("_token") {
        switch value.kind {
        case .string(let token): result[key] = token
        case .object(let fields):
          if case .string(let token) = fields.first(where: { $0.key == "content" })?.value.kind { result[key] = token }
        default: break
        }
      }
    }
    return result
  }

  static func parse(_ bytes: [UInt8], file: String) throws(GraftError) -> JSONValue {
    let result: Result<JSONValue, GraftError> = bytes.withUnsafeBytes { bytes in
      do throws(JSONSyntaxError) {
        return .success(try JSONValue(parsing: bytes))
      } catch {
        return .failure(error.graftError(in: bytes, file: file))
      }
    }
    return try result.get()
  }

  // MARK: GPT-2

  private func byteLevelJSON() throws(GraftError) -> [UInt8] {
    let vocab = try read("vocab.json")
    let file = path("vocab.json")
    guard case .object(let members) = try Self.parse(vocab, file: file).kind else {
      throw GraftError(.badData, "not a JSON object", location: SourceLocation(file: file))
    }
    // RoBERTa's, with a mask that takes the space before it along; else GPT-2's.
    var specials: [String] = []
    var ids: [String: Int] = [:]
    let usual = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", SpecialTokens.endOfText]
    for name in usual + Set(declaredTokens().values).subtracting(usual).sorted() {
      guard let member = members.first(where: { $0.key == name }),
        case .number(let number) = member.value.kind, let id = Int(exactly: number)
      else { continue }
      ids[name] = id
      var special = Self.specialToken(name, id: id)
      if name == "<mask>" {
        special = special.replacingOccurrences(of: "\"lstrip\": false", with: "\"lstrip\": true")
      }
      specials.append(special)
    }
    let merges = try checkedMerges(members.map(\.key))
    let prefix = try settings()["add_prefix_space"] ?? "false"
    let byteLevel = "\"add_prefix_space\": \(prefix), \"trim_offsets\": true, \"use_regex\": true}"
    return Array(
      """
      {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [
      \(specials.joined(separator: ",\n"))],
      "normalizer": null,
      "pre_tokenizer": {"type": "ByteLevel", \(byteLevel),
      "post_processor": \(try around(ids) ?? "{\"type\": \"ByteLevel\", \(byteLevel)"),
      "decoder": {"type": "ByteLevel", \(byteLevel),
      "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null, \
      "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false, "ignore_merges": false, \
      "vocab": \(String(decoding: vocab.starts(with: byteOrderMark) ? vocab.dropFirst(3) : vocab[...], as: UTF8.self)),
      "merges": [
      \(merges.map(\.jsonLiteral).joined(separator: ",\n"))]}}

      """.utf8)
  }

  /// What the tokenizer's class puts around texts, as a post-processor: that of RoBERTa and BART theirs, GPT-2's, which
  /// OPT has too, a token before them if it is told to. Nil for nothing.
  /// - Parameter ids: of the special tokens that the vocabulary has.
  private func around(_ ids: [String: Int]) throws(GraftError) -> String? {
    let (stated, modelType) = (
      try strings("tokenizer_config.json")["tokenizer_class"], try strings("config.json")["model_type"]
    )
    let isOfRoBERTa = ["roberta", "bart"].contains { (stated ?? modelType ?? "").lowercased().hasPrefix($0) }
    if isOfRoBERTa, let start = ids["<s>"], let end = ids["</s>"] {
      return "{\"type\": \"RobertaProcessing\", \"sep\": [\"</s>\", \(end)], \"cls\": [\"<s>\", \(start)], "
        + "\"trim_offsets\": true, \"add_prefix_space\": false}"
    }
    guard try settings()["add_bos_token"] == "true", let start = declaredTokens()["bos_token"], ids[start] != nil else {
      return nil
    }
    let first = [(start, 0), ("$A", 0)]
    return Self.template((first, first + [(start, 1), ("$B", 1)]), ids)
  }

  /// The lines of merges.txt but its first, each two tokens that make a third.
  /// - Throws: `.badData` with the line of one that is not.
  private func checkedMerges(_ tokens: [String]) throws(GraftError) -> [String] {
    var known = ByteStringTable(capacity: tokens.count)
    for token in tokens { known.insert(token) }
    var seen = ByteStringTable()
    var merges: [String] = []
    for (index, line) in try lines("merges.txt").enumerated()
    where !line.isEmpty && !line.hasPrefix("#version") {
      func failure(_ message: String) -> GraftError {
        GraftError(
          .badData, message,
          hint:
            "a line of merges.txt is two tokens of vocab.json with a space between; do the files belong together?",
          location: SourceLocation(file: path("merges.txt"), line: index + 1))
      }
      let parts = line.utf8.split(separator: 0x20, omittingEmptySubsequences: false).map { String($0) ?? "" }
      guard parts.count == 2, !parts.contains("") else { throw failure("'\(line)' is not two tokens") }
      if let missing = (parts + [parts[0] + parts[1]]).first(where: { known.index(of: $0) == nil }) {
        throw failure("'\(line)' needs the token '\(missing)', which vocab.json lacks")
      }
      guard seen.insert(line) == merges.count else { throw failure("'\(line)' stands there twice") }
      merges.append(line)
    }
    return merges
  }
}
