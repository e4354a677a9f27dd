import Foundation
import Support
import TestSupport
import Testing

@testable import Tokenization

/// Byte-level tokenizers that cut otherwise than GPT-2, against Hugging Face tokenizers.
@Suite struct PatternTests {
  @Test(.tags(.slow)) func encodesLikeHuggingFace() throws {
    let fixture = try PatternFixture.load()
    #expect(fixture.variants.count == 6)
    for variant in fixture.variants {
      let tokenizer = try PatternFixture.tokenizer(variant)
      for (text, ids) in zip(fixture.texts, variant.ids) {
        #expect(tokenizer.encode(text) == ids, "\(variant.name): \(text.debugDescription)")
        #expect(tokenizer.decode(ids, skippingSpecialTokens: false) == Array(text.utf8))
      }
    }
  }

  private func words(_ text: String, _ pattern: BytePattern) -> [String] {
    var result: [String] = []
    let bytes = Array(text.utf8)
    bytes.withUnsafeBytes { buffer in
      pattern.forEachWord(in: buffer) { result.append(String(decoding: bytes[$0..<$1], as: UTF8.self)) }
    }
    return result
  }

  @Test func theWorkedExample() {
    #expect(
      words("I'VE  (1234) cats\n", .cl100k)
        == ["I", "'VE", " ", " (", "123", "4", ")", " cats", "\n"])
    #expect(words("a 12", .qwen2) == ["a", " ", "1", "2"])
    #expect(words("a 12", .none) == ["a 12"])
    for pattern in BytePattern.allCases { #expect(words("", pattern).isEmpty) }
  }

  @Test func anyBytesAreCutWithoutLoss() {
    for pattern in BytePattern.allCases {
      for length in 0..<300 {
        let bytes = (0..<length).map { _ in
          Bool.random()
            ? UInt8.random(in: 0...255) : [0x20, 0x27, 0x73, 0x0A, 0x31, 0x0D].randomElement() ?? 0
        }
        var end = 0
        bytes.withUnsafeBytes { buffer in
          pattern.forEachWord(in: buffer) {
            #expect($0 == end && $1 > $0)
            end = $1
          }
        }
        #expect(end == length)
      }
    }
  }

  /// What is changed in a Llama-like file, and what the message must name.
  static let damages: [(old: String, new: String, names: String)] = [
    ("{1,3}", "{3,1}", "'{3,1}'"),
    ("\"Isolated\"", "\"Insulated\"", "'behavior' is 'Insulated'"),
    ("\"invert\":false", "\"invert\":0", "'invert'"),
    ("\"use_regex\":false", "\"use_regex\":0", "'use_regex'"),
    ("\"Split\"", "\"Splits\"", "type 'Splits'"),
    ("\"Regex\"", "\"Regexp\"", "unknown key 'Regexp'"),
    ("\"pretokenizers\":[", "\"pretokenizers\":[{\"type\":\"Split\"},", "lacks 'pattern'"),
  ]

  @Test(.tags(.slow), arguments: damages.indices) func damageIsNamed(_ index: Int) throws {
    let (old, new, names) = Self.damages[index]
    let fixture = try PatternFixture.load()
    let llama = try PatternFixture.tokenizer(#require(fixture.variants.first { $0.name == "llama 3" }))
    // The decoder's `use_regex` stays.
    expectDamage(of: llama.jsonData(), old, new, named: names)
  }
}
