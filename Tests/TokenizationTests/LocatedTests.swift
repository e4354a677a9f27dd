import Foundation
import Randomness
import Support
import TestSupport
import Testing

@testable import Tokenization

/// Where tokens stand, against Hugging Face tokenizers.
@Suite struct LocatedTests {
  @Test(.tags(.slow)) func standsWhereHuggingFaceSays() throws {
    let fixture = try PatternFixture.load()
    for row in fixture.offsets {
      let tokenizer = try PatternFixture.tokenizer(row)
      var equal = 0
      for (text, expected) in zip(fixture.offsetTexts, row.tokens) {
        let located = tokenizer.encodeWithOffsets(text)
        #expect(located.map(\.id) == expected.map { $0[0] }, "\(row.name): \(text.debugDescription)")
        // The reference counts in characters: a token of a part of a character has all of it.
        let bytes = Array(text.utf8)
        let whole = located.map {
          [$0.id, Int32(start($0.range.lowerBound, bytes)), Int32(end($0.range.upperBound, bytes))]
        }
        if whole == expected { equal += 1 }
        // Where characters were composed or put in another order, the reference names one of them, Graft all.
        for (own, other) in zip(whole, expected) {
          #expect(own[1] <= other[1] && own[2] >= other[2], "\(row.name): \(text.debugDescription)")
        }
      }
      let isExact = ["byte-level", "byte-level prefix", "unigram plain", "unigram bytes"].contains(row.name)
      #expect(equal >= fixture.offsetTexts.count * (isExact ? 100 : 85) / 100, "\(row.name)")
    }
  }

  private func start(_ offset: Int, _ bytes: [UInt8]) -> Int {
    var offset = offset
    while offset < bytes.count, bytes[offset] & 0xC0 == 0x80 { offset -= 1 }
    return offset
  }

  private func end(_ offset: Int, _ bytes: [UInt8]) -> Int {
    var offset = offset
    while offset < bytes.count, bytes[offset] & 0xC0 == 0x80 { offset += 1 }
    return offset
  }

  @Test(.tags(.slow)) func theSameTokensOfAnyBytes() throws {
    var tokenizers = [try Fixture.tokenizer()]
    for base in ["gpt2", "bert", "t5", "bytes"] {
      tokenizers.append(try Tokenizer.parse(ForeignFixture.json(base)))
    }
    for tokenizer in tokenizers {
      for length in 0..<200 {
        let bytes = (0..<length).map { _ in
          Bool.random() ? UInt8.random(in: 0...255) : UInt8.random(in: 0x20...0x7E)
        }
        let located = bytes.withUnsafeBytes { tokenizer.encodeWithOffsets($0) }
        #expect(located.map(\.id) == bytes.withUnsafeBytes { tokenizer.encode($0) })
        #expect(located.allSatisfy { $0.range.lowerBound >= 0 && $0.range.upperBound <= length })
        #expect(zip(located, located.dropFirst()).allSatisfy { $0.range.lowerBound <= $1.range.lowerBound })
        if tokenizer.kind == .byteLevelBPE {
          #expect(located.flatMap { bytes[$0.range] } == bytes)
        }
      }
    }
  }

  @Test(.tags(.slow)) func theSameTokensOfAllTexts() throws {
    let fixture = try #require(ForeignFixture.shared)
    for variant in fixture.variants {
      let tokenizer = try #require(ForeignFixture.tokenizers[variant.name])
      for (text, ids) in zip(fixture.texts, variant.ids) {
        #expect(
          tokenizer.encodeWithOffsets(text).map(\.id) == ids, "\(variant.name): \(text.debugDescription)")
      }
      for (text, ids) in zip(variant.marked, variant.markedIDs) {
        let located = tokenizer.encodeWithOffsets(text, recognizingSpecialTokens: true)
        #expect(located.map(\.id) == ids, "\(variant.name): \(text.debugDescription)")
        for token in located where tokenizer.isSpecial(token.id) && token.id != tokenizer.vocabulary.unknown {
          let part = String(decoding: Array(text.utf8)[token.range], as: UTF8.self)
          #expect(part.contains(tokenizer.token(token.id)))
        }
      }
    }
  }

  @Test func aLigatureIsOnePlace() throws {
    let tokenizer = try Tokenizer.parse(
      altered(Fixture.tokenizer(), "\"normalizer\": null", "\"normalizer\": {\"type\": \"NFKC\"}"))
    for token in tokenizer.encodeWithOffsets("ﬁ") { #expect(token.range == 0..<3) }
  }
}
