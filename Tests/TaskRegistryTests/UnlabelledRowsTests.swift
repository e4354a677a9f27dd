import Records
import Support
import TaskRegistry
import TestSupport
import Testing

/// A person's own rows without labels.
@Suite struct UnlabelledRowsTests {
  private static let pairs = """
    source:
      folder: .
      format: csv
      fields: {premise: sentence1, hypothesis: sentence2, label: gold}
      labels: {"0": "no", "1": "yes"}
    splits: {train: d.csv}
    preprocess: [trim]
    inputs: "h: {hypothesis} p: {premise}"
    targets: "{label}"
    choices: ["no", "yes"]
    metrics: [accuracy]

    """
  private static let single = """
    source: {folder: ., format: tsv, fields: {text: 1, label: 2}, header: false}
    splits: {train: d.tsv}
    inputs: "t: {text}"
    targets: "{label}"
    choices: ["no", "yes"]
    metrics: [accuracy]

    """

  private func prompts(
    _ definition: String, _ name: String, _ text: String, format: UnlabelledRows.Format? = nil,
    columns: [String: String] = [:], header: Bool = true
  ) throws -> [String] {
    let small = try SmallTask(definition, [name: text])
    let path = "\(small.folder.path)/\(name)"
    let rows = try UnlabelledRows(path, of: small.task, format: format, columns: columns, hasHeader: header)
    var prompts: [String] = []
    try rows.forEachGroup(of: 2) { group throws(GraftError) in
      for row in group { prompts.append(try small.task.example(of: row, in: path).inputs) }
    }
    return prompts
  }

  /// By the field's name, the name in the task's own files, and what a person says; a label is neither needed nor read.
  @Test func columnsAreFound() throws {
    let expected = ["h: b p: a", "h: d, e p: c"]
    #expect(try prompts(Self.pairs, "r.csv", "hypothesis,premise\n b,a\n\"d, e\",c\n") == expected)
    #expect(try prompts(Self.pairs, "r.csv", "gold,sentence1,sentence2\n7,a,b\n,c,\"d, e\"\n") == expected)
    #expect(
      try prompts(
        Self.pairs, "r.tsv", "x\ty\nb\ta\nd, e\tc\n", columns: ["premise": "y", "hypothesis": "1"]) == expected)
    #expect(
      try prompts(
        Self.pairs, "r.tsv", "a\tb\nc\td, e\n", columns: ["premise": "1", "hypothesis": "2"],
        header: false) == expected)
    // Without a header columns stand as in the prompt.
    #expect(try prompts(Self.pairs, "r.tsv", "b\ta\nd, e\tc\n", header: false) == expected)
    let objects = "{\"sentence1\": \"a\", \"hypothesis\": \"b\"}\n\n{\"premise\": \"c\", \"sentence2\": \"d, e\"}\n"
    #expect(try prompts(Self.pairs, "r.jsonl", objects) == expected)
    #expect(try prompts(Self.pairs, "rows", objects) == expected)
    #expect(try prompts(Self.pairs, "rows", "premise,hypothesis\na,b\nc,\"d, e\"\n") == expected)
  }

  /// Line 2 of the answers belongs to line 2, also if that is empty.
  @Test func plainLines() throws {
    #expect(try prompts(Self.single, "r.txt", "a, b\n\nc\r\n") == ["t: a, b", "t: ", "t: c"])
    #expect(try prompts(Self.single, "r.tsv", "text\na\n") == ["t: a"])
    let error = #expect(throws: GraftError.self) { try prompts(Self.pairs, "r.txt", "a\n", format: .lines) }
    #expect(error?.code == .usage && error?.message.contains("hypothesis, premise") == true)
  }

  @Test func groupsAreBounded() throws {
    let small = try SmallTask(Self.single, ["r.txt": "a\nb\nc\nd\ne\n"])
    var sizes: [Int] = []
    var rows: [UnlabelledRow] = []
    try UnlabelledRows("\(small.folder.path)/r.txt", of: small.task).forEachGroup(of: 2) {
      sizes.append($0.count)
      rows += $0
    }
    #expect(sizes == [2, 2, 1])
    #expect(rows.map(\.index) == [0, 1, 2, 3, 4] && rows.map(\.line) == [1, 2, 3, 4, 5])
  }

  @Test func identifiersAreKept() throws {
    for (name, text) in [
      ("r.tsv", "index\ttext\n7\ta\n9\tb\n"),
      ("r.jsonl", "{\"idx\": 7, \"text\": \"a\"}\n{\"idx\": 9, \"text\": \"b\"}\n"),
    ] {
      let small = try SmallTask(Self.single, [name: text])
      var names: [String?] = []
      try UnlabelledRows("\(small.folder.path)/\(name)", of: small.task).forEachGroup(of: 9) {
        names += $0.map(\.identifier)
      }
      #expect(names == ["7", "9"])
    }
  }

  /// The line, the field, and what would help.
  @Test(arguments: [
    ("r.tsv", "a\tb\nx\ty\n", 1, "hypothesis", "--fields hypothesis=COLUMN"),
    ("r.tsv", "premise\thypothesi\nx\ty\n", 1, "hypothesis", "did you mean 'hypothesi'"),
    ("r.tsv", "premise\thypothesis\nx\ty\nx\n", 3, "1 column,", "tab"),
    ("r.jsonl", "{\"premise\": \"a\", \"hypothesis\": \"b\"}\n{\"premise\": \"a\"}\n", 2, "hypothesis", "=KEY"),
    ("r.jsonl", "{\"premise\": \"a\", \"hypothesis\": null}\n", 1, "hypothesis", ""),
    ("r.jsonl", "{\"premise\": \n", 1, "", ""), ("r.jsonl", "[1]\n", 1, "JSON object", "object"),
    ("rows", "[{\"premise\": \"a\"}]\n", 1, "JSON array", "jq"),
  ])
  func errorsNameLineAndField(_ name: String, _ text: String, _ line: Int, _ says: String, _ hint: String) throws {
    let error = #expect(throws: GraftError.self) { try prompts(Self.pairs, name, text) }
    let found = try #require(error)
    let shown = "\(found.withFlags)"
    #expect(error?.code == .badData && error?.location?.line == line, "\(shown)")
    #expect([says, hint].allSatisfy { $0.isEmpty || shown.contains($0) }, "\(shown)")
  }

  @Test func emptyFilesAndUnknownFields() throws {
    for text in ["", "premise\thypothesis\n"] {
      #expect(throws: GraftError.self) { try prompts(Self.pairs, "r.tsv", text) }
    }
    let error = #expect(throws: GraftError.self) {
      try prompts(Self.pairs, "r.tsv", "a\tb\n", columns: ["premis": "a"])
    }
    #expect(error?.code == .usage && error?.hint?.contains("premise") == true)
  }

  /// Labels as the task's files have them, there and back.
  @Test func labelsGoBack() throws {
    let small = try SmallTask(Self.pairs, ["d.csv": "sentence1,sentence2,gold\na,b,1\n"])
    let example = try small.examples()[0]
    for (word, raw) in [("no", "0"), ("yes", "1")] {
      let answer = small.task.interpreted(Prediction(text: word), to: example)
      #expect(small.task.label(of: answer, to: example) == word)
      #expect(small.task.fileLabel(of: answer, to: example) == raw)
      #expect(small.task.word(ofFileLabel: raw) == word && small.task.word(ofFileLabel: word) == word)
    }
    let wrong = small.task.interpreted(Prediction(text: "perhaps"), to: example)
    #expect(small.task.label(of: wrong, to: example) == nil && small.task.word(ofFileLabel: "perhaps") == "perhaps")
  }

  @Test func rowsOfParquet() throws {
    let small = try SmallTask(Self.single, ["d.tsv": ""])
    let path = RealData.package.appendingPathComponent("Tests/Fixtures/parquet/classes.parquet").path
    let rows = try UnlabelledRows(path, of: small.task)
    var prompts: [String] = []
    try rows.forEachGroup(of: 7) { group throws(GraftError) in
      for row in group { prompts.append(try small.task.example(of: row, in: path).inputs) }
    }
    #expect(prompts.count == 60 && prompts[59] == "t: a review of the film number 59")
  }
}
