import Foundation
import Support
import TestSupport
import Testing

@testable import Tokenization

/// Rank files of tiktoken.
@Suite struct RankFileTests {
  private static func tokenizer(
    _ bytes: [UInt8], _ pattern: BytePattern = .cl100k, specials: [AddedToken]? = nil
  ) throws -> Tokenizer {
    let json = try RankFileTests.json(bytes, pattern, specials: specials)
    return try Tokenizer.parse(json)
  }

  private static func json(
    _ bytes: [UInt8], _ pattern: BytePattern, specials: [AddedToken]?
  ) throws(GraftError) -> [UInt8] {
    let result: Result<[UInt8], GraftError> = bytes.withUnsafeBytes { bytes in
      Result { () throws(GraftError) in
        try RankFile(bytes, file: "r.tiktoken").json(pattern, specials: specials)
      }
    }
    return try result.get()
  }

  @Test func encodesLikeTiktoken() throws {
    let fixture = try PatternFixture.load()
    let file = try PatternFixture.rankFile()
    #expect(fixture.ranks.count == 3)
    for row in fixture.ranks {
      let pattern = try #require(BytePattern(rawValue: row.pattern))
      let tokenizer = try Self.tokenizer(file, pattern)
      for (text, ids) in zip(fixture.texts, row.ids) {
        #expect(tokenizer.encode(text) == ids, "\(row.pattern): \(text.debugDescription)")
      }
      #expect(tokenizer.specialToken(named: "<|endoftext|>") == 1200)
      #expect(try Tokenizer.parse(tokenizer.jsonData()).contentHash == tokenizer.contentHash)
    }
  }

  /// A file of all bytes, then some lines.
  private static func file(_ lines: String...) -> [UInt8] {
    let bytes = (0...255).map { "\(Data([UInt8($0)]).base64EncodedString()) \($0)\n" }
    return Array((bytes.joined() + lines.joined(separator: "\n")).utf8)
  }

  @Test func ranksAreMerges() throws {
    // "ab" 256, "bc" 257, "abc" 258.
    let tokenizer = try Self.tokenizer(Self.file("YWI= 256", "YmM= 257", "YWJj 258"), .gpt2)
    #expect(tokenizer.encode("abc") == [258])
    #expect(tokenizer.encode("abcx") == [258, 120])
    #expect(tokenizer.encode("xbc") == [120, 257])
    #expect(tokenizer.vocabulary.size == 260)
  }

  @Test func leftoverIDsAreReserved() throws {
    let tokenizer = try Self.tokenizer(
      Self.file("YWI= 258"), specials: [AddedToken(id: 262, name: "<|endoftext|>")])
    #expect(tokenizer.vocabulary.size == 263)
    #expect(tokenizer.isSpecial(257))
    #expect(tokenizer.token(257) == "<|reserved_257|>")
    #expect(tokenizer.encode("ab") == [258])
    #expect(throws: GraftError.self) {
      try Self.tokenizer(Self.file(), specials: [AddedToken(id: 7, name: "<|endoftext|>")])
    }
    #expect(throws: GraftError.self) {
      try Self.tokenizer(Self.file(), specials: [AddedToken(id: 1 << 20, name: "<|endoftext|>")])
    }
  }

  /// A line at the end, and what the message must name.
  static let damages: [(line: String, names: String)] = [
    ("YWI=256", "no space"), ("Y?I= 256", "base64"), ("YWI 256", "base64"), (" 256", "base64"),
    ("YWJ= 256", "base64"),
    ("YWI= x", "rank"), ("YWI= -1", "rank"), ("YWI= 99999999999999999999", "rank"), ("YWI= 1.5", "rank"),
    ("YWI= 97", "that of line 98"), ("YQ== 256", "that of line 98"), ("YWI= 16000000", "leaves more than"),
    (Data(repeating: 97, count: 5000).base64EncodedString() + " 256", "base64"),
  ]

  @Test(.tags(.slow), arguments: damages.indices) func damageIsNamed(_ index: Int) throws {
    let (line, names) = Self.damages[index]
    let error = #expect(throws: GraftError.self) { try Self.tokenizer(Self.file(line)) }
    #expect(error?.code == .badData)
    #expect(error?.message.contains(names) == true, "\(error?.message ?? "no error")")
    #expect(error?.location?.line == 257)
  }

  @Test func truncationAndNoiseGiveErrorsOrTokenizers() throws {
    let file = try PatternFixture.rankFile()
    let error = #expect(throws: GraftError.self) {
      try Self.tokenizer(Array(file[..<1000].prefix { $0 != 0x0A }) + [0x0A])
    }
    #expect(error?.message.contains("no token of the byte") == true)
    for _ in 0..<20 {
      var noisy = file
      for _ in 0..<2 { noisy[Int.random(in: 0..<noisy.count)] = UInt8.random(in: 0...255) }
      if let tokenizer = try? Self.tokenizer(noisy) { _ = tokenizer.encode("The é ﬁ \u{0}") }
    }
    #expect(throws: GraftError.self) { try Self.tokenizer([]) }
  }
}
