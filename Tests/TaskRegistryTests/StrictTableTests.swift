import Foundation
import Records
import TaskRegistry
import TestSupport
import Testing

@testable import Support

/// Nothing of a table is lost or misplaced in silence.
@Suite struct StrictTableTests {
  private static let tail = """
    inputs: "{a}"
    targets: "{b}"
    metrics: [accuracy]

    """

  private func read(_ source: String, _ bytes: [UInt8], name: String = "d") throws -> [[String?]] {
    try SmallTask(
      "source: {folder: ., \(source), fields: {a: a, b: b}}\nsplits: {train: \(name)}\n" + Self.tail,
      bytes: [name: bytes]
    ).fields("a", "b")
  }

  private func failure(_ source: String, _ text: String) throws -> GraftError {
    try #require(#expect(throws: GraftError.self) { try read(source, Array(text.utf8)) })
  }

  /// Text, line and words of the error.
  static let damaged: [(source: String, text: String, line: Int, says: String)] = [
    ("format: tsv", "a\tb\n1\tgood\n2\tgood\tbad\n", 3, "3 columns, the header 2"),
    ("format: csv", "a,b\n1,good, really good\n", 2, "3 columns, the header 2"),
    ("format: csv", "a,b,c\n1,2\n", 2, "2 columns, the header 3"),
    ("format: tsv", "a\tb\tb\n1\t2\t3\n", 1, "2 columns are called 'b': 2, 3"),
    ("format: tsv", "", 1, "the file is empty"),
    ("format: tsv", "a\tb\n1\tx\0y\n", 2, "a zero byte"),
    ("format: csv", "a,b\n1,\"x\n2,y\n", 2, "a quoted field is never closed"),
    ("format: csv", "a,b\n1,\"x\" and more\n", 2, "text follows the closing quotation mark"),
    ("format: 'tsv', quoted: true", "a\tb\n1\t\"x\n2\ty\"\n", 2, "joins 2 lines that look like rows"),
    ("format: tsv", "a\tb\n1\tx\r2\ty\n", 2, "a carriage return stands within the line"),
    ("format: tsv", "{\"a\": 1, \"b\": 2}\n", 1, "unknown column 'a'"),
  ]

  @Test(arguments: damaged.indices) func damage(_ index: Int) throws {
    let item = Self.damaged[index]
    let error = try failure(item.source, item.text)
    #expect(error.code == .badData && error.location?.line == item.line, "\(error)")
    #expect(error.message.contains(item.says) && error.hint != nil, "\(error)")
  }

  /// Where rows are needed, a file without is an error; whoever reads it has to ask.
  @Test(arguments: [("tsv", "a\tb\n"), ("csv", "\n\n"), ("jsonl", "\n \n"), ("json", "[]")])
  func filesWithoutRows(_ format: String, _ text: String) throws {
    let small = try SmallTask(
      "source: {folder: ., format: \(format), fields: {a: a, b: b}}\nsplits: {train: d}\n" + Self.tail,
      ["d": text])
    let problems = small.task.problems(in: try small.examples(), split: "train", data: DataRoot("unused"))
    let message = "split 'train' of task 't' has no rows"
    #expect(problems.count == 1 && problems[0].message.contains(message), "\(problems)")
    #expect(problems.first?.location?.file == "\(small.folder.path)/d", "\(problems)")
  }

  /// Rows that are left out are no reason to look at the definition either.
  @Test func aSplitOfSeveralFilesNamesTheFirst() throws {
    let small = try SmallTask(
      "source: {folder: ., format: tsv, fields: {a: a, b: b}}\nsplits: {train: [d, {file: e}]}\n" + Self.tail,
      ["d": "a\tb\n", "e": "a\tb\n"])
    let problem = try #require(small.task.absenceOfRows([], split: "train", data: DataRoot("unused")))
    #expect(problem.message.contains("no rows in its 2 files"), "\(problem)")
    #expect(problem.location?.file == "\(small.folder.path)/d", "\(problem)")
  }

  /// Told without reading, and wherever the folder is.
  @Test(arguments: [
    ("folder: .", "../d"), ("folder: .", "{file: a/../../d}"), ("folder: .", "{lines: {a: d, b: ../e}}"),
    ("folder: ../x", "d"), ("folder: ./x/../..", "d"), ("folder: x/..", "d"), ("folder: x", "[d, ../e]"),
  ])
  func namesThatLeadOutOfTheirFolder(_ folder: String, _ file: String) throws {
    let place = try TestFolder()
    try place.write(
      "t.yaml",
      "task: t\nversion: 1\nsource: {\(folder), format: tsv, fields: {a: a, b: b}}\nsplits: {train: \(file)}\n"
        + Self.tail)
    let problems = try TaskCatalog.problems(in: [place.path])
    #expect(problems.count == 1 && problems[0].message.contains("leads out of the folder"), "\(problems)")
    #expect((3...4).contains(problems.first?.location?.line ?? 0), "\(problems)")
  }

  @Test func raggedRowsAreReadWhereTheDefinitionSaysSo() throws {
    let text = "a\tb\tc\n1\t2\t3\t4\n5\t6\n"
    #expect(try read("format: tsv, ragged: true", Array(text.utf8)) == [["1", "2"], ["5", "6"]])
    // It decides nothing about what is read.
    func hash(_ source: String) throws -> String {
      try SmallTask(
        "source: {folder: ., \(source), fields: {a: a, b: b}}\nsplits: {train: d}\n" + Self.tail
      ).task.definitionHash
    }
    #expect(try hash("format: tsv") == hash("format: tsv, ragged: true"))
  }

  /// A column that is not read may have any name.
  @Test func anotherNameMayStandTwice() throws {
    #expect(try read("format: csv", Array("a,x,b,x\n1,2,3,4\n".utf8)) == [["1", "3"]])
  }

  @Test func rangesBeyondTheFile() throws {
    let error = #expect(throws: GraftError.self) {
      try SmallTask(
        "source: {folder: ., format: tsv, fields: {a: a, b: b}}\nsplits: {train: {file: d, rows: 5-}}\n"
          + Self.tail, ["d": "a\tb\n1\t2\n"]
      ).examples()
    }
    #expect(
      error?.message.contains("has 1 rows, none of which is row 5") == true, "\(String(describing: error))")
  }

  @Test(arguments: [
    String.Encoding.utf16LittleEndian, .utf16BigEndian, .utf32LittleEndian, .utf32BigEndian, .utf8,
  ])
  func formsOfUnicode(_ encoding: String.Encoding) throws {
    let text = "a\tb\né 𝄞\ttwo\nthree and four\tfive\n"
    for mark in ["", "\u{FEFF}"] {
      let bytes = [UInt8](try #require((mark + text).data(using: encoding)))
      #expect(try read("format: tsv", bytes) == [["é 𝄞", "two"], ["three and four", "five"]])
    }
    let cut = [UInt8](try #require("\u{FEFF}\(text)".data(using: encoding))).dropLast()
    guard encoding != .utf8 else { return }
    #expect(throws: GraftError.self) { try read("format: tsv", Array(cut)) }
  }

  @Test func formatIsWhatTheTextIs() throws {
    let lines = "{\"a\": \"1\", \"b\": \"2\"}\n{\"a\": \"3\", \"b\": \"4\"}\n"
    let array = "[\n{\"a\": \"1\", \"b\": \"2\"},\n{\"a\": \"3\", \"b\": \"4\"}\n]"
    let rows: [[String?]] = [["1", "2"], ["3", "4"]]
    for (format, text, note) in [("jsonl", array, "a JSON array"), ("json", lines, "JSON lines")] {
      let (found, notices) = try Notices.collecting { try read("format: \(format)", Array(text.utf8)) }
      #expect(found == rows && notices.contains { $0.contains("read as \(note)") }, "\(notices)")
    }
  }

  /// A file that is one cell, and a name as long, end in an error that fits on a screen.
  @Test(.tags(.slow)) func errorsAreShort() throws {
    let error = try failure("format: tsv", String(repeating: "x", count: 3_000_000) + "\n")
    #expect(error.description.utf8.count < 1000)
    let many = try failure("format: tsv", (0..<50_000).map { "c\($0)" }.joined(separator: "\t") + "\n")
    #expect(many.description.utf8.count < 5000)
  }

  @Test(arguments: ["a.xz", "a.orc", "a.zip", "a.tsv"]) func containersAreNamed(_ name: String) throws {
    let marks: [String: [UInt8]] = [
      "a.xz": [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "a.orc": Array("ORC".utf8) + [0x15, 4],
      "a.zip": [0x50, 0x4B, 3, 4], "a.tsv": [0x28, 0xB5, 0x2F, 0xFD],
    ]
    let error = #expect(throws: GraftError.self) {
      try read("format: tsv", try #require(marks[name]) + Array("abcdefgh".utf8), name: name)
    }
    #expect(error?.code == .badData && error?.hint?.contains(" | graft") == true)
  }
}
