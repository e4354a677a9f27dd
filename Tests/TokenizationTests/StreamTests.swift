import Randomness
import TestSupport
import Testing

@testable import Tokenization

@Suite struct StreamTests {
  /// Text with white space of all kinds, symbols, marks and bytes that are no text.
  private func text(_ seed: UInt64, count: Int) -> [UInt8] {
    let pieces: [[UInt8]] =
      [
        "cat", "'ve", " ", "  ", "\n", "\n\n", "!", "?!\n", "12", "3", "é", "e\u{301}", "\u{3000}", "日本",
        "\t", "x y",
        " 's", "THE", "\r\n",
      ].map { Array($0.utf8) } + [[0xFF], [0xC3]]
    var generator = RandomKey(seed: seed).generator()
    return (0..<count).flatMap { _ in pieces[Int.random(in: pieces.indices, using: &generator)] }
  }

  @Test(.tags(.slow), arguments: [BytePattern.gpt2, .cl100k, .qwen2, .whitespace, .none])
  func partsGiveTheTokensOfTheWhole(_ pattern: BytePattern) throws {
    var options = TokenizerTrainingOptions(vocabularySize: 500, sentinelCount: 0)
    options.pattern = pattern
    options.normalization = pattern == .gpt2 ? [.nfkc, .stripAccents, .lowercase] : []
    let tokenizer = try Tokenizer.train(documents: [text(1, count: 4000)], options: options)
    let whole = text(2, count: 40_000)
    let expected = whole.withUnsafeBytes { tokenizer.encode($0) }
    var stream = StreamEncoder(tokenizer)
    stream.chunk = 10_000
    var tokens: [Int32] = []
    var start = 0
    var calls = 0
    while start < whole.count {
      let end = min(start + 3007, whole.count)
      let before = tokens.count
      whole[start..<end].withUnsafeBytes { stream.append($0, to: &tokens) }
      if tokens.count > before { calls += 1 }
      start = end
    }
    #expect(pattern == .none ? calls == 0 : calls > 1)
    stream.finish(into: &tokens)
    #expect(tokens == expected)
  }

  @Test func aTextWithoutAPlaceToCutWaits() throws {
    let tokenizer = try Fixture.tokenizer()
    let part = [UInt8](repeating: UInt8(ascii: "a"), count: 3 << 10)
    var stream = StreamEncoder(tokenizer)
    stream.chunk = 1 << 10
    var tokens: [Int32] = []
    part.withUnsafeBytes { stream.append($0, to: &tokens) }
    #expect(tokens.isEmpty)
    stream.finish(into: &tokens)
    #expect(tokens == part.withUnsafeBytes { tokenizer.encode($0) })
  }
}
