import Foundation
import Randomness
import Support
import TestSupport
import Testing

@testable import Tokenization

/// Decoding token by token, encoding in batches and with dropout.
@Suite struct IncrementalTests {
  private func pieces(_ ids: [Int32], _ tokenizer: Tokenizer, skipping: Bool = true) -> [String] {
    var decoder = IncrementalDecoder(tokenizer, skippingSpecialTokens: skipping)
    var result: [String] = []
    for id in ids { result.append(decoder.append(id)) }
    return result + [decoder.finish()]
  }

  @Test(.tags(.slow)) func piecesMakeTheWhole() throws {
    let fixture = try #require(ForeignFixture.shared)
    for variant in fixture.variants {
      let tokenizer = try #require(ForeignFixture.tokenizers[variant.name])
      for (ids, text) in zip(variant.ids, variant.decoded) {
        #expect(pieces(ids, tokenizer).joined().utf8.elementsEqual(text.utf8))
      }
      for (ids, text) in zip(variant.markedIDs, variant.markedDecoded) {
        #expect(pieces(ids, tokenizer, skipping: false).joined().utf8.elementsEqual(text.utf8))
      }
    }
  }

  @Test func noCharacterIsSplit() throws {
    let tokenizer = try Fixture.tokenizer()
    for text in ["é", "naïve 👍🏽 ok", "我是"] {
      let ids = tokenizer.encode(text)
      let pieces = pieces(ids, tokenizer)
      #expect(pieces.joined() == text)
      #expect(!pieces.joined().contains("\u{FFFD}"))
      #expect(pieces.last == "")
    }
    let ids = Array("é".utf8).map { byte in [byte].withUnsafeBytes { tokenizer.encode($0)[0] } }
    #expect(pieces(ids, tokenizer) == ["", "é", ""])
    #expect(pieces([ids[0]], tokenizer) == ["", "\u{FFFD}"])
    #expect(pieces([ids[0]] + tokenizer.encode("a"), tokenizer) == ["", "\u{FFFD}a", ""])
  }

  @Test func anyTokensComeOutWhole() throws {
    let tokenizer = try Fixture.tokenizer()
    for length in 0..<300 {
      // Mostly bytes of characters that are not ASCII.
      let bytes = (0..<length).map { _ in UInt8.random(in: Bool.random() ? 0x80...0xBF : 0xC0...0xFF) }
      let ids = bytes.map { byte in [byte].withUnsafeBytes { tokenizer.encode($0)[0] } }
      #expect(pieces(ids, tokenizer).joined().utf8.elementsEqual(tokenizer.decodeText(ids).utf8))
    }
  }

  @Test func batchesKeepTheirOrder() throws {
    let tokenizer = try Fixture.tokenizer()
    let texts = (0..<1000).map { "text \($0) " + String(repeating: "stone ", count: $0 % 17) }
    let expected = texts.map { tokenizer.encode($0) }
    for threads in [nil, 1, 2, 7] { #expect(tokenizer.encode(batch: texts, threads: threads) == expected) }
    #expect(tokenizer.encode(batch: []).isEmpty)
    #expect(tokenizer.encode(batch: ["a"]) == [tokenizer.encode("a")])
  }

  // MARK: Dropout

  @Test func noDropoutIsPlainAndFullDropoutIsBytes() throws {
    let tokenizer = try Fixture.tokenizer()
    let key = RandomKey(seed: 5)
    for text in ["", "The children counted stones.", "naïve " + String(repeating: "ab", count: 2000)] {
      #expect(try tokenizer.encode(text, dropout: 0, at: key) == tokenizer.encode(text))
      let bytes = try tokenizer.encode(text, dropout: 1, at: key)
      #expect(bytes.count == text.utf8.count)
      for rate in [0.1, 0.5, 0.9] {
        let ids = try tokenizer.encode(text, dropout: rate, at: key)
        #expect(tokenizer.decode(ids, skippingSpecialTokens: false) == Array(text.utf8))
        #expect(try tokenizer.encode(text, dropout: rate, at: key) == ids)
      }
    }
    for rate in [-0.1, 1.1, .nan] {
      #expect(throws: GraftError.self) { try tokenizer.encode("a", dropout: rate, at: key) }
    }
    let bert = try Tokenizer.parse(ForeignFixture.json("bert"))
    let error = #expect(throws: GraftError.self) { try bert.encode("a", dropout: 0.1, at: key) }
    #expect(error?.code == .usage)
  }

  /// The worked example of `DropoutMerger`, 20 000 times: frequencies within four standard deviations.
  @Test func dropoutHasItsDistribution() throws {
    var options = TokenizerTrainingOptions(vocabularySize: 261, sentinelCount: 0)
    options.minimumCount = 1
    let tokenizer = try Tokenizer.train(documents: ["abc\nab\nab"], options: options)
    #expect(tokenizer.merges.count == 2)
    let count = 20_000
    let rate = 0.3
    var lengths = [0, 0, 0, 0]
    for draw in 0..<count {
      lengths[try tokenizer.encode("abc", dropout: rate, at: RandomKey(seed: 1).folded(draw)).count] += 1
    }
    for (length, probability) in [(1, 0.7 * 0.7), (2, 0.7 * 0.3), (3, 0.3)] {
      let deviation = (Double(count) * probability * (1 - probability)).squareRoot()
      #expect(abs(Double(lengths[length]) - Double(count) * probability) < 4 * deviation)
    }
  }
}
