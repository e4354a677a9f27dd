import Foundation
import Support
import TestSupport
import Testing

@testable import Tokenization

/// What is read out of other makers' files, and what is refused in them.
@Suite struct ForeignFileTests {
  private static func tokenizer(_ base: String) throws -> Tokenizer {
    try Tokenizer.parse(ForeignFixture.json(base))
  }

  // MARK: Special tokens

  @Test func gpt2HasOneSpecialTokenForAll() throws {
    let tokenizer = try Self.tokenizer("gpt2")
    let vocabulary = tokenizer.vocabulary
    let id = try #require(tokenizer.specialToken(named: "<|endoftext|>"))
    #expect(Int(id) == vocabulary.size - 1)
    #expect(
      [vocabulary.padding, vocabulary.endOfSequence, vocabulary.unknown, vocabulary.start]
        == [id, id, id, id])
    #expect(vocabulary.mask == nil)
    #expect(vocabulary.sentinels.isEmpty)
    #expect(tokenizer.kind == .byteLevelBPE)
    #expect(tokenizer.mergeCount == vocabulary.size - 257)
  }

  @Test func robertaStartsAndMasks() throws {
    let tokenizer = try Self.tokenizer("roberta")
    let vocabulary = tokenizer.vocabulary
    #expect(
      [vocabulary.start, vocabulary.padding, vocabulary.endOfSequence, vocabulary.unknown] == [0, 1, 2, 3])
    #expect(vocabulary.mask == tokenizer.specialToken(named: "<mask>"))
  }

  @Test func bertNamesItsTokensInBrackets() throws {
    let tokenizer = try Self.tokenizer("bert")
    let vocabulary = tokenizer.vocabulary
    #expect(
      [vocabulary.padding, vocabulary.unknown, vocabulary.start, vocabulary.endOfSequence] == [0, 1, 2, 3])
    #expect(vocabulary.mask == 4)
    #expect(vocabulary.sentinels.isEmpty)
    #expect(tokenizer.kind == .wordPiece)
    #expect(tokenizer.mergeCount == 0)
    #expect(tokenizer.normalizationName == "bert, lower case, no accents, ideographs apart")
  }

  @Test func t5CountsItsSentinelsFromTheEnd() throws {
    let tokenizer = try Self.tokenizer("t5")
    let vocabulary = tokenizer.vocabulary
    #expect(
      [vocabulary.padding, vocabulary.endOfSequence, vocabulary.unknown, vocabulary.start] == [0, 1, 2, 0])
    #expect(vocabulary.size == 1100)
    #expect(vocabulary.sentinels == (0..<100).map { 1099 - $0 })
    #expect(vocabulary.mask == 1099)
    #expect(tokenizer.kind == .unigram)
    #expect(tokenizer.encode("<extra_id_0>", recognizingSpecialTokens: true) == [1099])
    #expect(!tokenizer.encode("<extra_id_0>").contains(1099))
    // A model may have more rows than its tokenizer has tokens.
    #expect(tokenizer.isSpecial(1110))
    #expect(tokenizer.decodeText([1110, 1, 0]) == "")
  }

  /// What masking of whole words goes by: pieces that begin neither with a space nor with punctuation.
  @Test(.tags(.slow), arguments: ["bert", "t5", "gpt2"]) func tokensThatGoOnAWord(_ name: String) throws {
    let tokenizer = try Self.tokenizer(name)
    let ids = tokenizer.encode("Unbelievably, the stonecutters' children (aged 7) were counting.")
    var words = 0
    for (index, id) in ids.enumerated() {
      let piece = tokenizer.token(id)
      let isInside = tokenizer.vocabulary.continuesWord[Int(id)]
      switch name {
      case "bert": #expect(isInside == (piece.hasPrefix("##") && piece.dropFirst(2).first?.isLetter == true))
      case "t5": #expect(!isInside || !piece.hasPrefix("▁"))
      default: #expect(!isInside || !piece.hasPrefix("Ġ"))
      }
      if ["(", ")", ",", "."].contains(piece) { #expect(!isInside) }
      if !isInside || index == 0 { words += 1 }
    }
    #expect((11...16).contains(words), "\(words) words in \(ids.map(tokenizer.token))")
    #expect(tokenizer.vocabulary.continuesWord.count == tokenizer.vocabulary.size)
    #expect(!tokenizer.vocabulary.continuesWord[Int(tokenizer.vocabulary.endOfSequence)])
  }

  @Test func bytesOfTokens() throws {
    let bert = try Self.tokenizer("bert")
    for id in bert.encode("The children were counting stones.") {
      let piece = bert.token(id)
      #expect(bert.byteCount(id) == piece.utf8.count - (piece.hasPrefix("##") ? 2 : 0))
    }
    #expect(bert.byteCount(bert.vocabulary.unknown) == 0)
    let t5 = try Self.tokenizer("t5")
    // Each of the words has a space in front.
    let text = "two old ships"
    #expect(t5.encode(text).reduce(0) { $0 + t5.byteCount($1) } == text.utf8.count + 1)
    #expect(t5.byteCounts.count == 1100)
  }

  // MARK: Files

  /// What transformers writes into every file that was saved after a call with `truncation` or `padding`.
  @Test(.tags(.slow), arguments: ["bert", "bytes", "gpt2", "roberta", "t5"])
  func truncationAndPaddingAreReadOver(
    _ name: String
  )
    throws
  {
    let tokenizer = try Self.tokenizer(name)
    let text = String(decoding: tokenizer.jsonData(), as: UTF8.self)
    let truncation =
      #"{"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0}"#
    let padding =
      #"{"strategy": {"Fixed": 8}, "direction": "Left", "pad_to_multiple_of": 8, "pad_id": 0, "pad_type_id": 0, "#
      + #""pad_token": "[PAD]"}"#
    let changed = try #require(
      text.contains("\"truncation\": null") && text.contains("\"padding\": null")
        ? text.replacingOccurrences(of: "\"truncation\": null", with: "\"truncation\": \(truncation)")
          .replacingOccurrences(of: "\"padding\": null", with: "\"padding\": \(padding)") : nil)
    let read = try Tokenizer.parse(Array(changed.utf8))
    let sample = "The children were counting stones, doesn't it? ﬁné 東京"
    #expect(read.encode(sample) == tokenizer.encode(sample))
    #expect(read.encode(sample).count > 8)
  }

  /// What is changed in which file, and what the message must name.
  static let damages: [(base: String, old: String, new: String, names: String)] = [
    ("bert", "\"unk_token\": \"[UNK]\"", "\"unk_token\": \"[OTHER]\"", "'unk_token' is '[OTHER]'"),
    (
      "bert", "\"type\": \"BertPreTokenizer\"", "\"type\": \"Punctuations\"",
      "'pre_tokenizer' has type 'Punctuations'"
    ),
    ("bert", "\"type\": \"BertPreTokenizer\"", "\"type\": \"BertPreTokenizer\", \"x\": 1", "unknown key 'x'"),
    ("bert", "\"clean_text\": true", "\"clean_text\": 1", "'clean_text'"),
    ("bert", "\"clean_text\": true", "\"cleantext\": true", "did you mean 'clean_text'"),
    (
      "bert", "\"type\": \"TemplateProcessing\"", "\"type\": \"Template\"",
      "'post_processor' has type 'Template'"
    ),
    (
      "bert", "\"max_input_chars_per_word\": 100", "\"max_input_chars_per_word\": -1",
      "'max_input_chars_per_word'"
    ),
    ("bert", "\"content\": \"[SEP]\"", "\"content\": \"[END]\"", "'[END]' the id 3, which is taken"),
    ("bert", "\"single_word\": false", "\"single_word\": 0", "'single_word'"),
    ("t5", "\"unk_id\": 2", "\"unk_id\": null", "'unk_id'"),
    ("t5", "\"precompiled_charsmap\": \"ALwC", "\"precompiled_charsmap\": \"AL?C", "'precompiled_charsmap'"),
    (
      "t5", "\"precompiled_charsmap\": \"ALwCAACE", "\"precompiled_charsmap\": \"////////",
      "'precompiled_charsmap'"
    ),
    ("t5", "\"prepend_scheme\": \"always\"", "\"prepend_scheme\": \"first\"", "'prepend_scheme'"),
    ("t5", "\"prepend_scheme\": \"always\"", "\"prepend_scheme\": \"often\"", "'prepend_scheme' is 'often'"),
    ("t5", "\"replacement\": \"▁\"", "\"replacement\": \"ab\"", "'replacement'"),
    ("t5", "\"type\": \"Precompiled\"", "\"type\": \"Nmd\"", "'normalizer' has type 'Nmd'"),
    ("gpt2", "\"type\": \"ByteLevel\"", "\"type\": \"ByteLevels\"", "has type 'ByteLevels'"),
  ]

  @Test(.tags(.slow), arguments: damages.indices)
  func damageIsNamed(_ index: Int) throws {
    let (base, old, new, names) = Self.damages[index]
    expectDamage(of: try ForeignFixture.json(base), old, new, named: names)
  }

  @Test(.tags(.slow), arguments: ["bert", "t5", "gpt2"])
  func olderFilesDoNotNameTheModel(_ base: String) throws {
    let text = String(decoding: try ForeignFixture.json(base), as: UTF8.self)
    let type = try #require(
      text.range(of: "\"model\": \\{\\s*\"type\": \"\\w+\",", options: .regularExpression))
    let older = text.replacingCharacters(in: type, with: "\"model\": {")
    let tokenizer = try Tokenizer.parse(Array(older.utf8))
    #expect(tokenizer.encode("The old ships") == (try Self.tokenizer(base)).encode("The old ships"))
  }

  @Test func whereTheBeginningMayBeDroppedFirstIsRefused() throws {
    let json = try ForeignFixture.altered(
      "t5",
      [
        "normalizer": ["type": "Strip", "strip_left": true, "strip_right": false],
        "pre_tokenizer": ["type": "Metaspace", "replacement": "▁", "prepend_scheme": "first"],
      ])
    let error = #expect(throws: GraftError.self) { try Tokenizer.parse(json) }
    #expect(error?.message.contains("'prepend_scheme' is 'first'") == true)
  }

  @Test(.tags(.slow)) func addPrefixSpaceIsTheOlderPrependScheme() throws {
    for (flag, scheme) in [(true, "always"), (false, "never")] {
      func parse(_ metaspace: [String: Any]) throws -> Tokenizer {
        try Tokenizer.parse(ForeignFixture.altered("t5", ["pre_tokenizer": metaspace, "decoder": metaspace]))
      }
      let older = try parse(["type": "Metaspace", "replacement": "▁", "add_prefix_space": flag])
      let newer = try parse(["type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme])
      #expect(older.encode("two old ships") == newer.encode("two old ships"))
      #expect(older.decodeText(older.encode("two old ships")) == "two old ships")
    }
  }

  @Test func noNoiseTraps() throws {
    for base in ["bert", "gpt2", "t5"] {
      let json = try ForeignFixture.json(base)
      for _ in 0..<10 {
        var noisy = json
        for _ in 0..<3 { noisy[Int.random(in: 0..<noisy.count)] = UInt8.random(in: 0...255) }
        if let tokenizer = try? Tokenizer.parse(noisy) { _ = tokenizer.encode("The é ﬁ \u{0}") }
      }
    }
  }

  // MARK: Folders without tokenizer.json

  private func withFolder(_ files: [String: String], _ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for (name, text) in files { try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }
    try body(folder)
  }

  @Test(.tags(.slow)) func readsTheVocabularyOfBert() throws {
    let model = try #require(ForeignFixture.object("bert")["model"] as? [String: Any])
    let vocab = try #require(model["vocab"] as? [String: Int])
    let lines = vocab.sorted { $0.value < $1.value }.map(\.key).joined(separator: "\n") + "\n"
    let texts = try #require(ForeignFixture.shared?.texts)
    for (settings, name) in [
      (nil, "bert uncased"), ("{\"do_lower_case\": false, \"model_max_length\": 512}", "bert cased"),
      ("{\"do_lower_case\": true, \"strip_accents\": false}", "electra"),
    ] {
      let variant = try #require(ForeignTests.variants.first { $0.name == name })
      try withFolder(
        ["vocab.txt": lines].merging(settings.map { ["tokenizer_config.json": $0] } ?? [:]) { $1 }
      ) {
        let tokenizer = try Tokenizer(contentsOf: $0)
        for (text, ids) in zip(texts, variant.ids) { #expect(tokenizer.encode(text) == ids) }
        // What it writes is a whole tokenizer.json.
        #expect(try Tokenizer.parse(tokenizer.jsonData()).contentHash == tokenizer.contentHash)
      }
    }
  }

  @Test func readsTheVocabularyAndMergesOfGPT2() throws {
    let model = try #require(ForeignFixture.object("gpt2")["model"] as? [String: Any])
    let vocab = try JSONSerialization.data(withJSONObject: try #require(model["vocab"]))
    let merges = try #require(model["merges"] as? [String])
    let files = [
      "vocab.json": String(decoding: vocab, as: UTF8.self),
      "merges.txt": "#version: 0.2\n" + merges.joined(separator: "\n") + "\n",
    ]
    let variant = try #require(ForeignTests.variants.first { $0.name == "gpt2" })
    let texts = try #require(ForeignFixture.shared?.texts)
    try withFolder(files) {
      let tokenizer = try Tokenizer(contentsOf: $0)
      for (text, ids) in zip(texts, variant.ids) { #expect(tokenizer.encode(text) == ids) }
      #expect(tokenizer.vocabulary == (try Self.tokenizer("gpt2")).vocabulary)
    }
  }

  /// What transformers' classes put around texts, for their files do not say it.
  @Test(
    arguments: [
      (#"{"tokenizer_class": "RobertaTokenizer"}"#, "{}", [0, 5, 2], [0, 5, 2, 2, 6, 2], 0),
      ("{}", #"{"model_type": "bart"}"#, [0, 5, 2], [0, 5, 2, 2, 6, 2], 0),
      (
        #"{"tokenizer_class": "GPT2Tokenizer", "add_bos_token": true, "bos_token": "</s>"}"#, #"{"model_type": "opt"}"#,
        [2, 5], [2, 5, 2, 6], 2
      ),
      (
        #"{"tokenizer_class": "GPT2Tokenizer", "add_bos_token": true, "bos_token": {"content": "<go>"}}"#, "{}",
        [7, 5],
        [7, 5, 7, 6], 0
      ),
      (#"{"tokenizer_class": "GPT2Tokenizer", "bos_token": "</s>"}"#, "{}", [5], [5, 6], 0),
    ] as [(String, String, [Int32], [Int32], Int32)])
  func classesPutTokensAroundTexts(
    _ settings: String, _ config: String, _ single: [Int32], _ pair: [Int32], _ start: Int32
  ) throws {
    let files = [
      "vocab.json": #"{"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "<mask>": 4, "a": 5, "b": 6, "<go>": 7}"#,
      "merges.txt": "#version: 0.2\n", "tokenizer_config.json": settings, "config.json": config,
    ]
    try withFolder(files) { folder in
      let tokenizer = try Tokenizer(contentsOf: folder)
      #expect(tokenizer.postProcessor.applied(to: tokenizer.encode("a")).tokens == single)
      #expect(tokenizer.postProcessor.applied(to: tokenizer.encode("a"), tokenizer.encode("b")).tokens == pair)
      #expect(tokenizer.vocabulary.start == start)
    }
  }

  /// Numbers that are no ids, for which there is no `Int`.
  @Test(arguments: ["1e300", "-1e300", "0.5"])
  func refusesAnIdThatIsNoWholeNumber(_ id: String) throws {
    try withFolder(["vocab.json": "{\"a\": 0, \"<s>\": \(id)}", "merges.txt": "#version: 0.2\n"]) { folder in
      let error = #expect(throws: GraftError.self) { try Tokenizer(contentsOf: folder) }
      #expect(error?.code == .badData)
    }
  }

  @Test func saysHowToConvertASentencePieceModel() throws {
    try withFolder(["spiece.model": "x"]) { folder in
      let error = #expect(throws: GraftError.self) { try Tokenizer(contentsOf: folder) }
      #expect(error?.code == .badData)
      #expect(error?.message.contains("spiece.model") == true)
      #expect(error?.hint?.contains("save_pretrained") == true)
    }
  }
}
