import Foundation
import Support
import TestSupport
import Testing

@testable import Tokenization

/// Free combinations of stages, in the forms of published models, against Hugging Face tokenizers. See
/// make_stage_fixtures.py.
@Suite struct StageTests {
  private struct Expected: Decodable {
    struct Form: Decodable {
      var ids: [[Int32]]
      var decoded: [String]
      var single, pair: [Int32]
      var singleTypes, pairTypes: [Int]
    }

    struct Folder: Decodable {
      var file: String
      var ids: [[Int32]]
      var decoded: [String]
    }

    var texts: [String]
    var forms: [String: Form]
    var folders: [String: Folder]
  }

  private static let expected = Result {
    try JSONDecoder().decode(
      Expected.self, from: Data(FileContents.read(Fixture.folder + "/stages/expected.json.gz")))
  }

  static let names = [
    "bloom", "clip", "deepseek", "falcon", "gemma", "gpt1", "o200k", "opt", "phi2", "scripts", "smollm", "words",
  ]

  static func json(_ name: String) throws -> [UInt8] {
    let folder = ["bloom", "phi2", "smollm"].contains(name) ? "published" : "stages"
    return try FileContents.read("\(Fixture.folder)/\(folder)/\(name).tokenizer.json.gz")
  }

  @Test func thereAreFixtures() throws {
    #expect(try Self.expected.get().forms.keys.sorted() == Self.names)
  }

  @Test(.tags(.slow), arguments: names) func idsAreThoseOfHuggingFace(_ name: String) throws {
    let expected = try Self.expected.get()
    let form = try #require(expected.forms[name])
    let tokenizer = try Tokenizer.parse(Self.json(name))
    let encoder = tokenizer.makeEncoder()
    for (text, ids) in zip(expected.texts, form.ids) {
      #expect(encoder.encode(text) == ids, "\(text.debugDescription)")
      let bytes = Array(text.utf8)
      let located = bytes.withUnsafeBytes { encoder.encodeWithOffsets($0) }
      #expect(located.map(\.id) == ids, "\(text.debugDescription)")
      #expect(located.allSatisfy { $0.range.upperBound <= bytes.count })
      #expect(zip(located, located.dropFirst()).allSatisfy { $0.range.lowerBound <= $1.range.lowerBound })
    }
    for (ids, text) in zip(form.ids, form.decoded) {
      #expect(Array(tokenizer.decodeText(ids).utf8) == Array(text.utf8), "\(text.debugDescription)")
      var incremental = IncrementalDecoder(tokenizer)
      let streamed = ids.map { incremental.append($0) }.joined() + incremental.finish()
      #expect(Array(streamed.utf8) == Array(text.utf8), "\(text.debugDescription)")
    }
    #expect(try Tokenizer.parse(tokenizer.jsonData()).contentHash == tokenizer.contentHash)
  }

  @Test(arguments: names) func addedTokensAreThoseOfHuggingFace(_ name: String) throws {
    let form = try #require(try Self.expected.get().forms[name])
    let tokenizer = try Tokenizer.parse(Self.json(name))
    let (first, second) = (tokenizer.encode("The old ship."), tokenizer.encode("Two cats"))
    let single = tokenizer.postProcessor.applied(to: first)
    let pair = tokenizer.postProcessor.applied(to: first, second)
    #expect(single.tokens == form.single && single.types == form.singleTypes)
    #expect(pair.tokens == form.pair && pair.types == form.pairTypes)
  }

  /// What special tokens are for where names alone do not say it.
  @Test func roles() throws {
    func roles(_ name: String) throws -> [String] {
      let tokenizer = try Tokenizer.parse(Self.json(name))
      let vocabulary = tokenizer.vocabulary
      return [vocabulary.padding, vocabulary.endOfSequence, vocabulary.unknown, vocabulary.start].map(tokenizer.token)
    }
    #expect(try roles("opt") == ["<pad>", "</s>", "<unk>", "</s>"])
    #expect(try roles("clip") == ["<|endoftext|>", "<|endoftext|>", "<|endoftext|>", "<|startoftext|>"])
    #expect(try roles("gemma") == ["<pad>", "<eos>", "<unk>", "<bos>"])
    #expect(try roles("gpt1") == ["<unk>", "<unk>", "<unk>", "<unk>"])
    #expect(try roles("smollm") == ["<|endoftext|>", "<|endoftext|>", "<|endoftext|>", "<|endoftext|>"])
    #expect(try roles("deepseek")[0] == "<|begin▁of▁sentence|>")
  }

  /// The files beside it say what the file itself does not.
  @Test func rolesOfTheFolder() throws {
    let folder = try TestFolder()
    try folder.write("tokenizer.json", Self.json("deepseek"))
    try folder.write(
      "tokenizer_config.json",
      #"{"eos_token": {"content": "<|end▁of▁sentence|>"}, "bos_token": "<|begin▁of▁sentence|>", "pad_token": 1}"#)
    let tokenizer = try Tokenizer(contentsOf: folder.path)
    #expect(tokenizer.token(tokenizer.vocabulary.endOfSequence) == "<|end▁of▁sentence|>")
    #expect(tokenizer.token(tokenizer.vocabulary.start) == "<|begin▁of▁sentence|>")
  }

  /// Bytes that are no text come back from byte-level models whatever cuts them.
  @Test(arguments: ["smollm", "o200k", "deepseek", "bloom", "phi2"])
  func anyBytesComeBack(_ name: String) throws {
    let tokenizer = try Tokenizer.parse(Self.json(name))
    var generator = SystemRandomNumberGenerator()
    for length in [0, 1, 2, 3, 17, 200] {
      let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
      let ids = bytes.withUnsafeBytes { tokenizer.encode($0) }
      let text = bytes.filter { $0 != 0x20 }
      let decoded = tokenizer.decode(ids, skippingSpecialTokens: true).filter { $0 != 0x20 }
      // BLOOM's Split, as written here, keeps what is between its matches, too.
      #expect(decoded == text)
    }
  }

  /// A text that comes in parts has the tokens of the whole, added ones with spaces in their names among them.
  @Test func partsGiveTheTokensOfTheWhole() throws {
    let text = Array(String(repeating: "for  (cats) an a  of\t\tit\n    x = an apple\n\n", count: 40).utf8)
    let phi = String(decoding: try Self.json("phi2"), as: UTF8.self)
    let spaced = phi.replacingOccurrences(of: #""content": "\t\t","#, with: #""content": "an a","#)
    #expect(spaced != phi)
    for json in [phi, spaced] {
      let tokenizer = try Tokenizer.parse(Array(json.utf8))
      let expected = text.withUnsafeBytes { tokenizer.encode($0) }
      var stream = StreamEncoder(tokenizer)
      stream.chunk = 50
      var tokens: [Int32] = []
      for start in stride(from: 0, to: text.count, by: 7) {
        text[start..<min(start + 7, text.count)].withUnsafeBytes { stream.append($0, to: &tokens) }
      }
      #expect((tokens.count > 0) == (json == phi))
      stream.finish(into: &tokens)
      #expect(tokens == expected)
    }
  }

  // MARK: Models of SentencePiece

  private static func model(_ name: String) throws -> [UInt8] {
    try FileContents.read("\(Fixture.folder)/stages/\(name).model.gz")
  }

  @Test(arguments: ["albert", "llama", "t5", "xlm_roberta"]) func readsModelsOfSentencePiece(_ name: String) throws {
    let expected = try Self.expected.get()
    let wanted = try #require(expected.folders[name])
    let folder = try TestFolder()
    try folder.write(wanted.file, Self.model(name))
    let tokenizer = try Tokenizer(contentsOf: folder.path)
    for (text, ids) in zip(expected.texts, wanted.ids) {
      #expect(tokenizer.encode(text) == ids, "\(text.debugDescription)")
    }
    for (ids, text) in zip(wanted.ids, wanted.decoded) { #expect(tokenizer.decodeText(ids) == text) }
    // What is written is a whole tokenizer.json.
    #expect(try Tokenizer.parse(tokenizer.jsonData()).contentHash == tokenizer.contentHash)
    let added = PostProcessor.description(tokenizer.postProcessor.pair) { tokenizer.token($0) }
    #expect(
      added
        == [
          "albert": "[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1", "llama": "<s>:0 $A:0 <s>:1 $B:1",
          "t5": "$A:0 </s>:0 $B:0 </s>:0", "xlm_roberta": "<s>:0 $A:0 </s>:0 </s>:0 $B:0 </s>:0",
        ][name])
  }

  @Test func otherModelsOfSentencePieceAreRefused() throws {
    let folder = try TestFolder()
    try folder.write("spiece.model", Self.model("t5"))
    for (settings, says) in [
      (#"{"tokenizer_class": "XLNetTokenizer"}"#, "of a family whose special tokens"),
      (#"{"tokenizer_class": "LlamaTokenizer"}"#, "is not the BPE model"),
    ] {
      try folder.write("tokenizer_config.json", settings)
      let error = #expect(throws: GraftError.self) { _ = try Tokenizer(contentsOf: folder.path) }
      #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
    }
    try folder.write("tokenizer_config.json", #"{"extra_ids": 3}"#)
    #expect(try Tokenizer(contentsOf: folder.path).vocabulary.sentinels.count == 3)
  }

  @Test(.tags(.slow)) func noDamagedModelTraps() throws {
    for name in ["t5", "llama"] {
      let model = try Self.model(name)
      for number in 0..<40 {
        var changed = model
        for _ in 0..<(1 + number % 3) { changed[Int.random(in: 0..<changed.count)] = UInt8.random(in: 0...255) }
        if number % 4 == 0 { changed.removeLast(Int.random(in: 0..<changed.count)) }
        let folder = try TestFolder()
        try folder.write("tokenizer.model", changed)
        if let tokenizer = try? Tokenizer(contentsOf: folder.path) { _ = tokenizer.encode("The é ﬁ 12 \u{0} x") }
      }
    }
  }

  // MARK: Damage

  /// What is changed in which file, and what the message must name.
  static let damages: [(form: String, old: String, new: String, names: String)] = [
    ("smollm", "\"Digits\"", "\"Digit\"", "type 'Digit', which is none"),
    ("smollm", "\"individual_digits\": true", "\"individual\": true", "unknown key 'individual'"),
    ("scripts", "\"MergedWithPrevious\"", "\"Merged\"", "'behavior' is 'Merged'"),
    ("scripts", "\"length\":7", "\"length\":0", "'length' is 0"),
    ("clip", "[^\\\\s\\\\p{L}\\\\p{N}]+", "\\\\X", "'\\X'"),
    ("clip", "\\\\p{N}", "\\\\p{Numb}", "'\\p{Numb}'"),
    ("clip", "'s|", "(?i:ss)|", "'ss' where the case is ignored"),
    ("clip", "'s|", "(s|", "unmatched '('"),
    ("clip", "'s|", "(?<n>s)|", "'(?"),
    ("clip", "'s|", "(?<=a*)s|", "which ICU does not compile"),
    ("clip", "\"dropout\":null", "\"dropout\":0.5", "'dropout'"),
    ("clip", "[\"<|endoftext|>\",1]", "[\"<|endoftext|>\",100000]", "adds a token with id 100000"),
    ("clip", "\"decoder\":{\"type\":\"ByteLevel\"", "\"decoder\":{\"type\":\"CTC\"", "type 'CTC'"),
    ("gpt1", "\"suffix\":\"</w>\"", "\"suffix\":\"\"", "'suffix' is empty"),
    ("opt", "\"SpecialToken\":{\"id\":\"</s>\"", "\"SpecialToken\":{\"id\":\"<b>\"", "'special_tokens' lacks '<b>'"),
    ("opt", "\"Sequence\":{\"id\":\"A\"", "\"Sequence\":{\"id\":\"C\"", "'id' is 'C'"),
    ("words", "\"single_word\":true", "\"single_word\":1", "'single_word'"),
  ]

  @Test(arguments: damages.indices) func damageIsNamed(_ index: Int) throws {
    let (form, old, new, names) = Self.damages[index]
    expectDamage(of: try Self.json(form), old, new, named: names)
  }

  /// Files whose bytes, keys and values are changed at random are read or refused, and what is read encodes.
  @Test(.tags(.slow)) func noMutationTraps() throws {
    for name in Self.names {
      let json = try Self.json(name)
      let pieces = json.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
      for _ in 0..<12 {
        var parts = pieces
        for _ in 0..<2 {
          let index = Int.random(in: 0..<min(60, parts.count))
          switch Int.random(in: 0..<3) {
          case 0: parts.remove(at: index)
          case 1: parts.insert(parts[Int.random(in: 0..<min(60, parts.count))], at: index)
          default: parts.swapAt(index, Int.random(in: 0..<parts.count))
          }
        }
        var changed = Array(parts.joined(separator: [UInt8(ascii: ",")]))
        if Bool.random() { changed[Int.random(in: 0..<changed.count)] = UInt8.random(in: 0x20...0x7E) }
        if let tokenizer = try? Tokenizer.parse(changed) {
          _ = tokenizer.decodeText(tokenizer.encode("The é ﬁ 12 \u{0} \r\n ▁ x"))
        }
      }
    }
  }
}
