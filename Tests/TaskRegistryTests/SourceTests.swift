import Foundation
import Records
import Scoring
import Support
import TaskRegistry
import TestSupport
import Testing

/// Reading, filtering, splitting, extending, on small files.
@Suite struct SourceTests {
  static let head = """
    version: 1
    inputs: "t a: {a} b: {b}"
    targets: "{label}"
    choices: [no, yes]
    metrics: [accuracy]

    """

  func catalog(_ files: [String: String]) throws -> (TaskCatalog, TestFolder) {
    let folder = try TestFolder()
    for (name, text) in files { try folder.write(name, text) }
    return (try TaskCatalog(directories: [folder.path]), folder)
  }

  func examples(_ source: String, _ files: [String: String], split: String = "train") throws -> [Example] {
    let (catalog, folder) = try catalog(
      files.merging(["t.yaml": "task: t\n" + Self.head + source]) { $1 })
    return try withExtendedLifetime(folder) {
      try catalog.task(named: "t").examples(split: split, data: DataRoot("unused"))
    }
  }

  func fields(_ examples: [Example]) -> [[String?]] {
    examples.map { [$0.fields["a"], $0.fields["b"], $0.targets] }
  }

  @Test func quotedCSV() throws {
    let rows = try examples(
      """
      source: {folder: ., format: csv, fields: {a: x, b: y, label: z}}
      splits: {train: d.csv}
      """,
      ["d.csv": "x,y,z\r\n\"one, two\",\"say \"\"hi\"\"\",yes\r\n\"two\nlines\",plain,no\r\n"])
    #expect(fields(rows) == [["one, two", "say \"hi\"", "yes"], ["two\nlines", "plain", "no"]])
    #expect(rows[0].inputs == "t a: one, two b: say \"hi\"")
  }

  @Test func headerlessTSVKeepsQuotes() throws {
    let rows = try examples(
      """
      source: {folder: ., format: tsv, header: false, fields: {label: "1", a: "3", b: "2"}}
      splits: {train: d.tsv}
      """,
      ["d.tsv": "\u{feff}yes\t\"open\tAA\textra\nno\tb\ta\n"])
    #expect(fields(rows) == [["AA", "\"open", "yes"], ["a", "b", "no"]])
  }

  @Test func jsonLinesAndArrays() throws {
    let lines = """
      {"a": "ä \\u00e9", "b": 3, "label": true, "other": [1, {"x": 2}]}

      {"b": 2.5, "label": false, "a": ""}
      """
    let source = """
      source:
        folder: .
        format: FORMAT
        fields: {a: a, b: b, label: label}
        labels: {"true": yes, "false": no}
      splits: {train: d.json}
      """
    let expected: [[String?]] = [["ä é", "3", "yes"], ["", "2.5", "no"]]
    #expect(
      fields(
        try examples(
          source.replacingOccurrences(of: "FORMAT", with: "jsonl"), ["d.json": lines])) == expected)
    let array =
      "[" + lines.split(separator: "\n").joined(separator: ",") + "]"
    #expect(
      fields(
        try examples(
          source.replacingOccurrences(of: "FORMAT", with: "json"), ["d.json": array])) == expected)
  }

  @Test func alignedLinesAndTheirMismatch() throws {
    let source = """
      source: {folder: .}
      splits: {train: {lines: {a: a.txt, b: b.txt, label: l.txt}}}
      """
    let rows = try examples(
      source, ["a.txt": "a1\n\na3\n", "b.txt": "b1\nb2\nb3", "l.txt": "yes\nno\nyes\n"])
    #expect(fields(rows) == [["a1", "b1", "yes"], ["", "b2", "no"], ["a3", "b3", "yes"]])
    let error = #expect(throws: GraftError.self) {
      try examples(source, ["a.txt": "1\n2\n", "b.txt": "1\n", "l.txt": "yes\nno\n"])
    }
    #expect(error?.code == .badData)
    #expect(error?.message.contains("2 lines") == true)
  }

  static let table =
    "a\tb\tlabel\tkind\n" + (1...9).map { "a\($0)\tb\tyes\tk\($0 % 3)\n" }.joined() + "a10\tb\t-\tk0\n"

  @Test func rangesFiltersAndConcatenation() throws {
    let rows = try examples(
      """
      source:
        folder: .
        format: tsv
        fields: {a: a, b: b, label: label, kind: kind}
        groups: {kind: kind}
        drop: {label: "-"}
      splits:
        train:
          - {file: d.tsv, rows: 8-}
          - {file: d.tsv, rows: -3, keep: {kind: [k1, k2]}}
      """, ["d.tsv": Self.table])
    #expect(rows.map { $0.fields["a"] } == ["a8", "a9", "a1", "a2"])
    // Numbers count the rows of the files, dropped ones included: a10 is 3, hence a1 is 4.
    #expect(rows.map(\.identifier) == ["t/train/1", "t/train/2", "t/train/4", "t/train/5"])
    #expect(rows.map(\.groups) == ["k2", "k0", "k1", "k2"].map { ["kind": $0] })
  }

  @Test func heldOutSharesDependOnContentOnly() throws {
    func table(_ numbers: [Int]) -> String {
      "a\tb\tlabel\n" + numbers.map { "item \($0)\tvariant \($0 % 2)\tyes\n" }.joined()
    }
    let source = """
      source: {folder: ., format: tsv, fields: {a: a, b: b, label: label}}
      splits:
        train: d.tsv
        dev: {heldOutOf: train, share: 0.2, by: [a]}
        test: {heldOutOf: train, share: 0.3, by: [a]}
      """
    func split(_ name: String, _ numbers: [Int]) throws -> Set<String> {
      Set(try examples(source, ["d.tsv": table(numbers)], split: name).compactMap { $0.fields["a"] })
    }
    let all = Array(1...1000)
    let train = try split("train", all)
    let dev = try split("dev", all)
    let test = try split("test", all)
    #expect(train.count + dev.count + test.count == 1000)
    #expect((160...240).contains(dev.count))
    #expect((250...350).contains(test.count))
    #expect(try split("dev", all.reversed()) == dev)
    #expect(try split("dev", Array(1...500)).isSubset(of: dev))
  }

  @Test func exclusionIgnoresCaseAndPunctuation() throws {
    let rows = try examples(
      """
      source: {folder: ., format: tsv, fields: {a: a, b: b, label: label}}
      splits:
        train: {parts: [d.tsv], exclude: {splits: [test], by: [a, b]}}
        test: e.tsv
      """,
      [
        "d.tsv": "a\tb\tlabel\nA dog.\tIt barks\tyes\nA dog\tA cat\tno\nx y\tz\tno\n",
        "e.tsv": "a\tb\tlabel\na dog\tit barks!\tno\nx\tyz\tno\n",
      ])
    #expect(rows.map { $0.fields["b"] } == ["A cat", "z"])
  }

  @Test func extensionReplacesKeysAndKeepsHashes() throws {
    let base = """
      source: {folder: ., format: tsv, fields: {a: a, b: b, label: label}}
      splits: {train: d.tsv, test: e.tsv}
      tags: [x]

      """
    let (catalog, _) = try catalog([
      "base.yaml": "task: base\n" + Self.head + base,
      "child.yaml": "task: child\nversion: 3\nextends: base\nsplits: {test: null, dev: f.tsv}\n",
      "sub/_part.yaml": Self.head.replacingOccurrences(of: "version: 1", with: "") + base,
      "sub/base2.yaml": "task: base2\nversion: 1\nextends: _part.yaml\n",
      "sub/base3.yaml": "task: base2.3\nversion: 1\nextends: _part.yaml\ntags: [y]\n",
    ])
    let child = try catalog.task(named: "child")
    #expect(child.version == 3)
    #expect(child.splitNames == ["train", "dev"])
    #expect(child.choices == ["no", "yes"])
    #expect(child.tags == ["x"])
    #expect(try catalog.task(named: "base2").splitNames == ["train", "test"])
    #expect(try catalog.task(named: "base").definitionHash != child.definitionHash)
    #expect(try catalog.task(named: "base").definitionHash.count == 66)
    // A folder and tags are where and what about, not what: only name and settings count.
    let (moved, _) = try self.catalog([
      "other/base.yaml": "tags: [z]\ntask: base\n" + Self.head
        + base
        .replacingOccurrences(of: "tags: [x]", with: "")
    ])
    #expect(
      try moved.task(named: "base").definitionHash == catalog.task(named: "base").definitionHash)
  }

  @Test func circlesAndDuplicatesAreErrors() throws {
    let circle = #expect(throws: GraftError.self) {
      try catalog([
        "a.yaml": "task: a\nversion: 1\nextends: b\n", "b.yaml": "task: b\nversion: 1\nextends: a\n",
      ])
    }
    #expect(circle?.message.contains("circle") == true)
    let text =
      "task: a\n" + Self.head + "source: {folder: ., format: tsv, fields: {a: a, b: b, label: l}}\n"
      + "splits: {train: x}\n"
    let twice = #expect(throws: GraftError.self) { try catalog(["a.yaml": text, "b.yaml": text]) }
    #expect(twice?.message.contains("taken by") == true)
  }

  @Test func scoresByLabelAndGroup() throws {
    let (catalog, folder) = try catalog([
      "t.yaml": "task: t\n" + Self.head + """
        source:
          folder: .
          format: tsv
          fields: {a: a, b: b, label: label}
          groups: {kind: kind}
        splits: {train: d.tsv}
        """,
      "d.tsv": "a\tb\tlabel\tkind\n1\t1\tyes\tp\n2\t2\tno\tp\n3\t3\tyes\tq\n4\t4\tyes\tq\n",
    ])
    let task = try catalog.task(named: "t")
    let examples = try withExtendedLifetime(folder) {
      try task.examples(split: "train", data: DataRoot("unused"))
    }
    // Right, right, invalid, wrong. The choice counts where it is given, the exact text elsewhere.
    let report = try task.score(
      [
        Prediction(text: "yes"), Prediction(text: "whatever", choice: 0), Prediction(text: "Yes"),
        Prediction(text: "no"),
      ], examples)
    #expect(report.primary?.value == 0.5)
    #expect(report.invalid == 1)
    #expect(report.group("label", "no")?.score.value == 1)
    #expect(report.group("kind", "p")?.score.value == 1)
    #expect(report.group("kind", "q")?.score.value == 0)
    #expect(report.group("kind", "q")?.invalid == 1)
    #expect(report.group("kind", "p", label: "no")?.count == 1)
    let copy = try JSONDecoder().decode(ScoreReport.self, from: JSONEncoder().encode(report))
    #expect(copy == report)
    let error = #expect(throws: GraftError.self) { try task.score([], examples) }
    #expect(error?.code == .badData)
  }

  @Test func templates() throws {
    let template = try TextTemplate("x {a}{b-1} y")
    #expect(template.fields == ["a", "b-1"])
    #expect(try template.rendered(["a": "{b}", "b-1": "2"]) == "x {b}2 y")
    for wrong in ["{", "}", "{}", "{{a}}", "{a b}", "{a", "{A}"] {
      #expect(throws: GraftError.self, "\(wrong)") { try TextTemplate(wrong) }
    }
  }
}
