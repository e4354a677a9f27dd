import Foundation
import Support
import TestSupport
import Testing

@testable import Tokenization

/// Tokenizers in the forms that well-known models are published in, against Hugging Face tokenizers, text by text. See
/// make_published_forms.py.
@Suite struct PublishedFormTests {
  private struct Expected: Decodable {
    struct Form: Decodable {
      var ids: [[Int32]]
      var decoded: [String]
    }

    var texts: [String]
    var forms: [String: Form]
  }

  private static let folder = Fixture.folder + "/published"

  private static let expected = Result {
    try JSONDecoder().decode(Expected.self, from: Data(FileContents.read(folder + "/expected.json.gz")))
  }

  static let names = [
    "albert", "bert_multilingual", "deberta_v3", "gpt2", "llama2", "llama3", "minilm", "mistral",
    "modernbert", "qwen2",
    "roberta", "t5", "xlm_roberta",
  ]

  private static func json(_ name: String) throws -> [UInt8] {
    let text = String(decoding: try FileContents.read("\(folder)/\(name).tokenizer.json.gz"), as: UTF8.self)
    let normalizer = try ForeignFixture.object("t5")["normalizer"] as? [String: Any]
    let steps = normalizer?["normalizers"] as? [[String: Any]] ?? [normalizer ?? [:]]
    let map = steps.lazy.compactMap { $0["precompiled_charsmap"] as? String }.first
    return Array(text.replacingOccurrences(of: "@character map", with: try #require(map)).utf8)
  }

  @Test func thereAreFixtures() throws {
    let expected = try Self.expected.get()
    #expect(expected.texts.count > 350)
    #expect(expected.forms.keys.sorted() == Self.names)
  }

  @Test(.tags(.slow), arguments: names) func idsAreThoseOfHuggingFace(_ name: String) throws {
    let expected = try Self.expected.get()
    let form = try #require(expected.forms[name])
    let tokenizer = try Tokenizer.parse(Self.json(name))
    let encoder = tokenizer.makeEncoder()
    for (text, ids) in zip(expected.texts, form.ids) {
      #expect(tokenizer.encode(text) == ids, "\(text.debugDescription)")
      #expect(encoder.encode(text) == ids, "\(text.debugDescription)")
      let located = text.utf8.withContiguousStorageIfAvailable {
        encoder.encodeWithOffsets(UnsafeRawBufferPointer($0))
      }
      if let located {
        #expect(located.map(\.id) == ids, "\(text.debugDescription)")
        #expect(located.allSatisfy { $0.range.upperBound <= text.utf8.count })
        #expect(zip(located, located.dropFirst()).allSatisfy { $0.range.lowerBound <= $1.range.lowerBound })
      }
    }
    for (ids, text) in zip(form.ids, form.decoded) {
      #expect(Array(tokenizer.decodeText(ids).utf8) == Array(text.utf8), "\(text.debugDescription)")
    }
    // Written again it says the same.
    #expect(try Tokenizer.parse(tokenizer.jsonData()).contentHash == tokenizer.contentHash)
  }

  /// What a BPE of characters needs of its file.
  @Test(arguments: [
    ("\"unk_token\": \"<unk>\"", "\"unk_token\": \"<u>\"", "'unk_token' is '<u>'"),
    ("\"type\": \"ByteFallback\"", "\"type\": \"ByteLevel2\"", "type 'ByteLevel2'"),
    ("\"type\": \"Prepend\"", "\"type\": \"Append\"", "type 'Append'"),
    ("\"end_of_word_suffix\": null", "\"end_of_word_suffix\": 1", "'end_of_word_suffix'"),
    ("\"stop\": 0", "\"stop\": -1", "'stop'"), ("\"dropout\": null", "\"dropout\": 0.1", "'dropout'"),
  ]) func damageToLlama(_ old: String, _ new: String, _ says: String) throws {
    let text = String(decoding: try Self.json("llama2"), as: UTF8.self)
    let changed = text.replacingOccurrences(of: old, with: new)
    #expect(changed != text)
    let error = #expect(throws: GraftError.self) { try Tokenizer.parse(Array(changed.utf8)) }
    #expect(error?.message.contains(says) == true, "\(error?.description ?? "")")
  }
}
