import Foundation
import Support
import TestSupport
import Testing

@testable import Corpus

@Suite struct DocumentReaderTests {
  let folder: TestFolder

  init() throws { folder = try TestFolder() }

  private func options(_ change: (inout CorpusOptions) -> Void) -> CorpusOptions {
    var options = CorpusOptions()
    change(&options)
    return options
  }

  @Test func aFileIsOneDocument() throws {
    #expect(try texts(folder.write("a.txt", "one\n\ntwo\n")) == ["one\n\ntwo\n"])
    #expect(try texts(folder.write("empty.txt", "")).isEmpty)
    #expect(try texts(folder.write("mark.txt", "\u{FEFF}one")) == ["one"])
  }

  @Test func rowsOfParquetAreDocuments() throws {
    let path = RealData.package.appendingPathComponent("Tests/Fixtures/parquet/classes.parquet").path
    #expect(try texts(path) == (0..<60).map { "a review of the film number \($0)" })
  }

  @Test func blankLinesDivideDocuments() throws {
    let path = try folder.write("a.txt", "\n \n one\ntwo \n\n\t\n three\r\n\r\nfour")
    #expect(
      try texts(path, options { $0.documentBoundary = .blankLines }) == [" one\ntwo", " three", "four"])
  }

  /// Documents that straddle the reader's chunks come out whole, at whatever place the chunk ends.
  @Test(.tags(.slow)) func chunksDoNotShow() throws {
    var text = ""
    var expected: [String] = []
    for number in 0..<60_000 {
      let document = "document \(number) " + String(repeating: "x", count: number % 97) + "\nits end"
      expected.append(document)
      text += document + "\n\n"
    }
    let blank = options { $0.documentBoundary = .blankLines }
    #expect(text.utf8.count > 3 << 20)
    #expect(try texts(folder.write("a.txt", text), blank) == expected)
    #expect(try texts(folder.write("a.txt.gz", gzip(Array(text.utf8))), blank) == expected)
    #expect(try texts(folder.write("whole.txt.gz", gzip(Array(text.utf8)))) == [text])
    let lines = expected.map { "{\"n\": [1, {}], \"text\": \($0.jsonLiteral)}" }.joined(separator: "\n")
    #expect(try texts(folder.write("a.jsonl", lines)) == expected)
  }

  /// A large file comes in pieces, and their tokens are those of the whole.
  @Test func piecesEndWhereWordsEnd() throws {
    let paragraph = "It's  a line \n\n\n  of text, 12 words\nlong.\r\n"
    let text = String(repeating: paragraph, count: (11 << 20) / paragraph.utf8.count)
    let path = try folder.write("large.txt", text)
    let tokenizer = try byteTokenizer()
    var pieces = 0
    var whole: [UInt8] = []
    var boundaries: [Int] = []
    try DocumentReader(path: path, options: CorpusOptions()).forEachPiece { (piece) in
      pieces += 1
      whole += piece.bytes
      boundaries.append(whole.count)
      #expect(piece.endsDocument == (whole.count == text.utf8.count))
      _ = tokenizer
    }
    #expect(pieces > 1)
    #expect(whole == Array(text.utf8))
    for boundary in boundaries.dropLast() {
      #expect(whole[boundary] == 0x0A && whole[boundary - 1] > 0x20)
    }
  }

  @Test func jsonLines() throws {
    let path = try folder.write(
      "a.jsonl",
      "{\"text\": \"caf\\u00e9 \\ud83d\\udc4d\\n\", \"id\": 1}\n\n{\"id\": {\"text\": 2}, \"text\": \"b\"}")
    #expect(try texts(path) == ["café 👍\n", "b"])
    let renamed = try folder.write("b.ndjson", "{\"body\": \"x\"}\n{\"body\": \"\"}\n")
    #expect(try texts(renamed, options { $0.textField = "body" }) == ["x"])
  }

  @Test(arguments: [
    ("{\"text\": \"a\"}\n{\"text\": }\n", 2, "expected a JSON value"),
    ("{\"text\": \"a\"}\n\n{\"text\": \"a\n", 3, "ends where the end of a string"),
    ("{\"txt\": \"a\"}\n", 1, "no field 'text'"),
    ("{\"text\": 5}\n", 1, "not a string"),
    ("[1]\n", 1, "must be an object"),
    ("{\"text\": \"a\"} x\n", 1, "expected the end"),
    ("{\"text\": \"\\ud800\"}\n", 1, "surrogate"),
  ])
  func badJSONLinesAreLocated(_ text: String, _ line: Int, _ message: String) throws {
    let path = try folder.write("bad.jsonl", text)
    let error = #expect(throws: GraftError.self) { try texts(path) }
    #expect(error?.code == .badData)
    #expect(error?.location?.line == line)
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }

  @Test func gzipOfSeveralMembers() throws {
    let bytes = gzip(Array("one ".utf8)) + gzip(Array("two".utf8)) + [0, 0, 0]
    #expect(try texts(folder.write("a.txt.gz", bytes)) == ["one two"])
  }

  @Test func damagedGzipIsAnError() throws {
    let text = (0..<20_000).map { "line \($0 &* 7919)\n" }.joined()
    let whole = gzip(Array(text.utf8))
    for length in [3, 12, whole.count / 2, whole.count - 4] {
      let path = try folder.write("cut\(length).gz", Array(whole[..<length]))
      let error = #expect(throws: GraftError.self) { try texts(path) }
      #expect(error?.code == .badData)
      #expect(error?.message.contains("truncated") == true, "\(length): \(error?.message ?? "")")
    }
    var changed = whole
    changed[whole.count - 6] ^= 0xFF
    let sum = #expect(throws: GraftError.self) { try texts(folder.write("sum.gz", changed)) }
    #expect(sum?.message.contains("damaged gzip") == true)
    let fake = #expect(throws: GraftError.self) { try texts(folder.write("fake.gz", "plain")) }
    #expect(fake?.message.contains("not gzip") == true)
    let tail = #expect(throws: GraftError.self) { try texts(folder.write("tail.gz", whole + [1, 2, 3])) }
    #expect(tail?.message.contains("after its compressed text") == true)
  }

  @Test func invalidUTF8ByPolicy() throws {
    let bytes = Array("caf".utf8) + [0xE9] + Array(" noir".utf8)
    let path = try folder.write("latin.txt", bytes)
    let error = #expect(throws: GraftError.self) { try texts(path) }
    #expect(error?.code == .badData)
    #expect(error?.message.contains("byte 3") == true)
    #expect(try documents(path, options { $0.invalidUTF8 = .accept }) == [bytes])
    #expect(try texts(path, options { $0.invalidUTF8 = .replace }) == ["caf\u{FFFD} noir"])
    #expect(try texts(path, options { $0.invalidUTF8 = .windows1252 }) == ["caf\u{E9} noir"])
  }

  /// One folder of a person's texts may have both: a document that is UTF-8 is left as it is.
  @Test func eachDocumentIsReadAsWhatItIs() throws {
    let lines =
      Array("{\"text\": \"na\u{EF}ve \u{2014} plain\"}\n{\"text\": \"".utf8) + [0x93] + Array("quoted".utf8) + [0x94]
      + Array("\"}\n".utf8)
    let path = try folder.write("mixed.jsonl", lines)
    #expect(
      try texts(path, options { $0.invalidUTF8 = .windows1252 }) == [
        "na\u{EF}ve \u{2014} plain", "\u{201C}quoted\u{201D}",
      ])
  }

  @Test func filesFoldersAndPatterns() throws {
    for name in ["d/b.txt", "d/a.txt", "d/sub/c.txt", "d/README.md", "d/.hidden", "x1.txt", "x2.txt"] {
      try folder.write(name, "text")
    }
    let root = folder.path
    #expect(
      try CorpusFiles.expand([root + "/d"]) == ["a.txt", "b.txt", "sub/c.txt"].map { root + "/d/" + $0 })
    #expect(
      try CorpusFiles.expand([root + "/x*.txt", root + "/d/b.txt"])
        == ["x1.txt", "x2.txt", "d/b.txt"].map { root + "/" + $0 })
    for missing in ["/none.txt", "/none*.txt"] {
      let error = #expect(throws: GraftError.self) { try CorpusFiles.expand([root + missing]) }
      #expect(error?.code == .missingInput)
    }
    // All that are missing are named at once.
    let error = #expect(throws: GraftError.self) {
      try CorpusFiles.expand([root + "/none.txt", root + "/x1.txt", root + "/gone*.txt"])
    }
    #expect(error?.code == .missingInput && error?.message.hasPrefix("2 of 3 inputs are not there") == true)
    #expect(error?.message.contains("/none.txt'") == true && error?.message.contains("/gone*.txt'") == true)
  }
}
