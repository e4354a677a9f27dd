import Foundation
import Support
import TestSupport
import Testing

@testable import Tokenization

/// Every kind of tokenizer that can be trained, read by Hugging Face tokenizers; make_trained_fixtures.py says how
/// trained.json.gz was made.
@Suite struct TrainedFixtureTests {
  struct Fixtures: Decodable {
    struct Kind: Decodable {
      var hash: String
      var ids: [[Int32]]
      var decoded: [String]
    }

    var texts: [String]
    var kinds: [String: Kind]

    static func load() throws -> Fixtures {
      try JSONDecoder().decode(
        Fixtures.self, from: Data(FileContents.read(Fixture.folder + "/trained.json.gz")))
    }
  }

  static let kinds: [(name: String, change: @Sendable (inout TokenizerTrainingOptions) -> Void)] = [
    ("cl100k", { $0.pattern = .cl100k }),
    ("qwen2", { $0.pattern = .qwen2 }),
    ("whitespace", { $0.pattern = .whitespace }),
    ("whole", { $0.pattern = .none }),
    ("lowercase", { $0.normalization = [.nfkc, .stripAccents, .lowercase] }),
    ("special", { $0.specialTokens = ["<sep>", "<user>"] }),
    ("byte", { $0.unit = .byte }),
    ("character", { $0.unit = .character }),
    (
      "word",
      {
        $0.unit = .word
        $0.normalization = [.lowercase]
      }
    ),
  ]

  private func train(_ index: Int) throws -> Tokenizer {
    var options = Fixture.trainingOptions
    Self.kinds[index].change(&options)
    return try Tokenizer.train(documents: Fixture.trainingDocuments(), options: options)
  }

  @Test(.tags(.slow), arguments: kinds.indices)
  func encodesAndDecodesAsHuggingFaceDoes(_ index: Int) throws {
    let fixtures = try Fixtures.load()
    let kind = try #require(fixtures.kinds[Self.kinds[index].name])
    let tokenizer = try train(index)
    #expect(tokenizer.contentHash == kind.hash)
    for (number, text) in fixtures.texts.enumerated() {
      #expect(tokenizer.encode(text) == kind.ids[number], "\(text.debugDescription)")
      #expect(tokenizer.decodeText(kind.ids[number]) == kind.decoded[number], "\(text.debugDescription)")
    }
  }

  @Test(.tags(.slow), arguments: kinds.indices)
  func isReadBackAsItWasTrained(_ index: Int) throws {
    let tokenizer = try train(index)
    let read = try Tokenizer.parse(tokenizer.jsonData())
    #expect(read.contentHash == tokenizer.contentHash)
    #expect(read.kind == tokenizer.kind)
    #expect(read.vocabulary == tokenizer.vocabulary)
    for text in try Fixtures.load().texts { #expect(read.encode(text) == tokenizer.encode(text)) }
  }

  @Test func bytesAreTheirOwnTokens() throws {
    let tokenizer = try train(6)
    #expect(tokenizer.mergeCount == 0)
    #expect(tokenizer.vocabulary.size == 3 + 256 + 10)
    #expect(tokenizer.encode("añ").count == 3)
  }

  @Test func rareWordsAreUnknown() throws {
    var options = TokenizerTrainingOptions(vocabularySize: 6, sentinelCount: 0)
    options.unit = .word
    let tokenizer = try Tokenizer.train(documents: ["b b a a c c c d <unk> <unk>"], options: options)
    // By count, then by bytes; `d` is too rare, and the name of a special token is no word.
    #expect((3..<6).map { tokenizer.token($0) } == ["c", "a", "b"])
    #expect(tokenizer.encode("a d <unk> c") == [4, 2, 2, 3])
  }

  @Test func whiteSpaceScannerKeepsASpaceWithItsWord() {
    #expect(words("I've  2 cats.\n", by: .whitespace) == ["I've", " ", " 2", " cats.", "\n"])
    #expect(words("a\u{3000}b", by: .whitespace) == ["a", "\u{3000}", "b"])
  }
}
