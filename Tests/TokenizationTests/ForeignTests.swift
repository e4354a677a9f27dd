import Foundation
import Support
import TestSupport
import Testing

@testable import Tokenization

/// Tokenizers of other makers' kinds against Hugging Face tokenizers, case by case.
@Suite struct ForeignTests {
  static let variants = ForeignFixture.shared?.variants ?? []

  @Test func thereAreFixtures() {
    #expect(Self.variants.count == 17)
    #expect(ForeignFixture.shared?.texts.count ?? 0 > 350)
  }

  @Test(.tags(.slow), arguments: variants)
  func encodesLikeHuggingFace(_ variant: ForeignFixture.Variant) throws {
    let tokenizer = try #require(ForeignFixture.tokenizers[variant.name])
    let texts = try #require(ForeignFixture.shared?.texts)
    #expect(texts.count == variant.ids.count)
    for (text, ids) in zip(texts, variant.ids) {
      #expect(tokenizer.encode(text) == ids, "\(text.debugDescription)")
      // No name of a special token occurs, so nothing changes if they are looked for.
      #expect(tokenizer.encode(text, recognizingSpecialTokens: true) == ids)
    }
  }

  @Test(.tags(.slow), arguments: variants)
  func decodesLikeHuggingFace(_ variant: ForeignFixture.Variant) throws {
    let tokenizer = try #require(ForeignFixture.tokenizers[variant.name])
    for (ids, text) in zip(variant.ids, variant.decoded) {
      // Equal strings may have different characters in Swift.
      #expect(Array(tokenizer.decodeText(ids).utf8) == Array(text.utf8), "\(text.debugDescription)")
    }
    for (ids, text) in zip(variant.markedIDs, variant.markedDecoded) {
      let decoded = tokenizer.decode(ids, skippingSpecialTokens: false)
      #expect(
        String(decoding: decoded, as: UTF8.self).utf8.elementsEqual(text.utf8), "\(text.debugDescription)")
    }
  }

  @Test(.tags(.slow), arguments: variants)
  func recognizesSpecialTokensLikeHuggingFace(_ variant: ForeignFixture.Variant) throws {
    let tokenizer = try #require(ForeignFixture.tokenizers[variant.name])
    for (text, ids) in zip(variant.marked, variant.markedIDs) {
      #expect(tokenizer.encode(text, recognizingSpecialTokens: true) == ids, "\(text.debugDescription)")
      let plain = tokenizer.encode(text).filter { $0 != tokenizer.vocabulary.unknown }
      #expect(!plain.contains { tokenizer.isSpecial($0) }, "\(text.debugDescription)")
    }
  }

  @Test(arguments: variants)
  func keepsTheFileAsItIs(_ variant: ForeignFixture.Variant) throws {
    let json = try #require(ForeignFixture.jsons[variant.name])
    let tokenizer = try #require(ForeignFixture.tokenizers[variant.name])
    #expect(tokenizer.jsonData() == json)
    #expect(tokenizer.contentHash == ContentHash.of(json))
  }

  @Test func theCacheAndOtherBytesChangeNothing() throws {
    for base in ["bert", "t5"] {
      let tokenizer = try Tokenizer.parse(ForeignFixture.json(base))
      let encoder = tokenizer.makeEncoder()
      for text in try #require(ForeignFixture.shared?.texts) {
        #expect(encoder.encode(text) == tokenizer.makeEncoder().encode(text))
      }
      // What is not UTF-8 counts as U+FFFD.
      let broken: [UInt8] = Array("the ".utf8) + [0xC3] + Array(" sea".utf8)
      #expect(broken.withUnsafeBytes { tokenizer.encode($0) } == tokenizer.encode("the \u{FFFD} sea"))
    }
  }
}
