import Foundation
import Randomness
import Support
import TestSupport
import Testing

@testable import Tokenization

/// The tokenizer of Marian, two models of SentencePiece with one vocabulary, against transformers'. See
/// translation/make_translation_fixture.py.
@Suite struct UnigramPairTests {
  private struct Fixture: Decodable {
    struct Text: Decodable {
      var input: String
      var source: [Int32]
      var target: [Int32]
      var text: String
    }

    var texts: [Text]

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/translation")
    static let folder = root.appendingPathComponent("opus").path

    static func read() throws -> Fixture {
      try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: root.appendingPathComponent("opus.json")))
    }
  }

  private static let files = ["source.spm", "target.spm", "vocab.json", "tokenizer_config.json"]

  private func copy() throws -> TestFolder {
    let folder = try TestFolder()
    for name in Self.files { try folder.write(name, FileContents.read("\(Fixture.folder)/\(name)")) }
    return folder
  }

  @Test func bothLanguagesHaveTheirTokens() throws {
    let folder = try Tokenizer(contentsOf: Fixture.folder)
    // A checkpoint of Graft's holds the same as one file.
    let file = try Tokenizer(jsonBytes: folder.jsonData(), file: "tokenizer.json")
    #expect(file.contentHash == folder.contentHash)
    for text in try Fixture.read().texts {
      for tokenizer in [folder, file] {
        #expect(tokenizer.encode(text.input) == text.source, "\(text.input.debugDescription)")
        #expect(tokenizer.forTargets.encode(text.input) == text.target, "\(text.input.debugDescription)")
        #expect(tokenizer.decodeText(text.target) == text.text, "\(text.input.debugDescription)")
        #expect(tokenizer.forTargets.decodeText(text.target) == text.text)
      }
      let located = folder.encodeWithOffsets(text.input)
      #expect(located.map(\.id) == text.source)
      let bytes = Array(text.input.utf8)
      var end = 0
      for token in located {
        #expect(token.range.lowerBound <= token.range.upperBound && token.range.upperBound <= bytes.count)
        // Both tokens of `▁a` come from the character a.
        #expect(token.range.upperBound >= end)
        end = token.range.upperBound
      }
    }
  }

  /// Worked examples of the documentation.
  @Test func whereTokensStand() throws {
    let tokenizer = try Tokenizer(contentsOf: Fixture.folder)
    let located = tokenizer.encodeWithOffsets(">>deu<<  ﬁ ")
    #expect(located.map { tokenizer.token($0.id) } == [">>deu<<", "▁", "f", "i"])
    #expect(located.map(\.range) == [0..<7, 9..<12, 9..<12, 9..<12])
    let normalizer = SentencePieceNormalizer(map: nil)
    for (text, expected) in [(" two  cats ", "▁two▁cats"), (">>de<< in", ">>de<<▁in"), ("  ", ""), ("", "")] {
      #expect(normalizer.normalized(Array(text.utf8)) == Array(expected.utf8))
    }
  }

  @Test func specialTokensAreRecognisedIfAsked() throws {
    let tokenizer = try Tokenizer(contentsOf: Fixture.folder)
    let dog = tokenizer.encode("dog")
    #expect(tokenizer.encode("dog</s>dog", recognizingSpecialTokens: true) == dog + [0] + dog)
    #expect(!tokenizer.encode("dog</s>dog").contains(0))
    #expect(tokenizer.postProcessor.applied(to: dog).tokens == dog + [0])
    let vocabulary = tokenizer.vocabulary
    #expect((vocabulary.endOfSequence, vocabulary.unknown, vocabulary.padding, vocabulary.start) == (0, 1, 73, 73))
    #expect(tokenizer.kind == .unigramPair)
  }

  @Test func otherTokenizersCutBothAlike() throws {
    let tokenizer = try Tokenizer(contentsOf: Fixture.root.path + "/../tokenizer/tokenizer.json")
    #expect(tokenizer.forTargets === tokenizer && tokenizer.filesOfTransformers == nil)
  }

  @Test func theFilesOfTransformersComeBack() throws {
    let written = try #require(try Tokenizer(contentsOf: Fixture.folder).filesOfTransformers)
    #expect(written.tokenizerClass == "MarianTokenizer" && written.files.count == 3)
    for name in ["source.spm", "target.spm"] {
      #expect(try written.files[name] == FileContents.read("\(Fixture.folder)/\(name)"))
    }
    func ids(_ bytes: [UInt8]) throws -> [String: Int] {
      try JSONDecoder().decode([String: Int].self, from: Data(bytes))
    }
    #expect(
      try ids(#require(written.files["vocab.json"])) == ids(FileContents.read("\(Fixture.folder)/vocab.json")))
  }

  /// A field that comes again takes the place of the earlier one.
  @Test(
    arguments: [
      ([0x12, 2, 0x18, 2], "is no unigram model"), ([0x12, 3, 0xC0, 1, 1], "treat_whitespace_as_suffix"),
      ([0x1A, 2, 0x18, 0], "add_dummy_prefix"), ([0x1A, 2, 0x20, 0], "remove_extra_whitespaces"),
      ([0x0A, 5, 0x0A, 1, 0x61, 0x18, 4], "the piece 'a'"), ([0x0A, 5, 0x0A, 1, 0x61, 0x18, 6], "byte_fallback"),
      ([0x1A, 3, 0x12, 1, 0x61], "precompiled_charsmap"), ([0x1A, 9], "no model of SentencePiece"),
    ] as [([UInt8], String)]) func otherModels(_ field: [UInt8], _ says: String) throws
  {
    for (name, key) in [("source.spm", "'source'"), ("target.spm", "'target'")] {
      let folder = try copy()
      try folder.write(name, FileContents.read("\(folder.path)/\(name)") + field)
      let error = #expect(throws: GraftError.self) { try Tokenizer(contentsOf: folder.path) }
      #expect(error?.code == .badData && error?.message.contains(says) == true, "\(error?.message ?? "")")
      #expect(error?.message.contains(key) == true, "\(error?.message ?? "")")
    }
  }

  /// Files that were changed anywhere are read or refused.
  @Test func noMutationTraps() throws {
    let folder = try copy()
    var generator = RandomKey(seed: 4).generator()
    for name in Self.files.prefix(3) {
      let original = try FileContents.read("\(folder.path)/\(name)")
      for _ in 0..<150 {
        var bytes = original
        for _ in 0...generator.below(3) { bytes[generator.below(bytes.count)] = UInt8(generator.below(256)) }
        try folder.write(name, bytes)
        guard let tokenizer = try? Tokenizer(contentsOf: folder.path) else { continue }
        for text in ["the dog", ">>deu<< Straße ☃", "é̂ﬁ…"] {
          for side in [tokenizer, tokenizer.forTargets] { _ = side.decodeText(side.encode(text)) }
          _ = tokenizer.encodeWithOffsets(text)
        }
      }
      try folder.write(name, original)
    }
  }

  @Test func foldersThatAreNotWhole() throws {
    for name in Self.files.prefix(3) {
      let folder = try copy()
      try folder.remove(name)
      let error = #expect(throws: GraftError.self) { try Tokenizer(contentsOf: folder.path) }
      #expect(error?.message.contains("has no \(name)") == true && error?.hint != nil, "\(error?.message ?? "")")
    }
    let folder = try copy()
    let config = String(decoding: try folder.bytes("tokenizer_config.json"), as: UTF8.self)
    try folder.write(
      "tokenizer_config.json",
      config.replacingOccurrences(of: "\"separate_vocabs\": false", with: "\"separate_vocabs\": true"))
    let separate = #expect(throws: GraftError.self) { try Tokenizer(contentsOf: folder.path) }
    #expect(separate?.message.contains("'separate_vocabs' is true") == true)
    try folder.write("tokenizer_config.json", config)
    let vocabulary = String(decoding: try folder.bytes("vocab.json"), as: UTF8.self)
    try folder.write("vocab.json", vocabulary.replacingOccurrences(of: "<pad>", with: "<gap>"))
    let padding = #expect(throws: GraftError.self) { try Tokenizer(contentsOf: folder.path) }
    #expect(padding?.message.contains("lacks the special token '<pad>'") == true)
    try folder.write("vocab.json", vocabulary.replacingOccurrences(of: ": 73", with: ": 90"))
    let gap = #expect(throws: GraftError.self) { try Tokenizer(contentsOf: folder.path) }
    #expect(gap?.message.contains("90") == true && gap?.location?.file.hasSuffix("vocab.json") == true)
  }
}
