import Records
import Scoring
import Support
import TaskRegistry
import TestSupport
import Testing

/// The forms of files beyond tables and flat objects.
@Suite struct FormatTests {
  static let tail = """
    inputs: "{a}"
    targets: "{b}"
    metrics: [accuracy]

    """

  func read(_ source: String, _ file: String) throws -> [[String?]] {
    try SmallTask(
      "source: {folder: ., \(source)}\nsplits: {train: d}\n" + Self.tail, ["d": file]
    ).fields("a", "b")
  }

  func failure(_ source: String, _ file: String) throws -> GraftError {
    try #require(#expect(throws: GraftError.self) { try read(source, file) })
  }

  @Test func linesTakenApart() throws {
    let source = "format: text, patterns: {\"1\": \"{b} {a}\"}"
    #expect(try read(source, "0 not bad\r\n\n1 a: b {c}\n") == [["not bad", "0"], ["a: b {c}", "1"]])
    let error = try failure(source, "0 fine\nalone\n")
    #expect(error.code == .badData && error.location?.line == 2)
    #expect(error.message.contains("does not have the form '{b} {a}'"))
  }

  /// A literal at the end is the end, however often it occurs before.
  @Test func patternsEndWhereTheTextEnds() throws {
    let source = "format: jsonl, patterns: {q: \"Q: {a}\\nA: {b}?\"}"
    #expect(try read(source, #"{"q": "Q: x\nA: y? z?"}"#) == [["x", "y? z"]])
    #expect(try failure(source, #"{"q": "Q: x\nA: y"}"#).code == .badData)
    #expect(try failure(source, #"{"q": "say Q: x\nA: y?"}"#).code == .badData)
  }

  @Test func ambiguousPatternsAreRefused() throws {
    for pattern in ["{a}{b}", "{a} {a}", "literal"] {
      let error = try failure("format: text, patterns: {\"1\": \"\(pattern)\"}", "x\n")
      #expect(error.message.contains("where its fields end"), "\(error)")
    }
  }

  @Test func blocksOfLines() throws {
    let source = "format: blocks, fields: {a: \"1\", b: \"3\"}"
    #expect(
      try read(source, "\none\ntwo\nthree\n \n\nI\nII\nIII") == [["one", "three"], ["I", "III"]])
    let error = try failure(source, "one\ntwo\nthree\n\nI\nII\n")
    #expect(error.location?.line == 5)
    #expect(error.message.contains("line 3 of the row is missing"))
  }

  @Test func documentsOfAFolder() throws {
    let definition =
      "source: {folder: ., format: documents, fields: {a: \"1\"}}\n"
      + "splits: {train: [{file: neg, constants: {b: bad}}, {file: pos, constants: {b: good}}]}\n" + Self.tail
    let small = try SmallTask(
      definition, ["pos/2.txt": "two\nlines\n", "pos/10.txt": "ten", "neg/1.txt": "one", "neg/.x": "hidden"])
    #expect(try small.fields("a", "b") == [["one", "bad"], ["ten", "good"], ["two\nlines\n", "good"]])
    #expect(try small.examples().map(\.identifier) == ["t/train/1", "t/train/2", "t/train/3"])
    let file = try SmallTask(definition, ["pos": "", "neg": ""])
    let error = #expect(throws: GraftError.self) { try file.examples() }
    #expect(error?.message == "not a folder")
  }

  @Test func elementsOfXML() throws {
    let source = "format: xml, records: item, fields: {a: p, b: \"@kind\"}"
    let file = """
      <?xml version="1.0" encoding="UTF-8"?>
      <!DOCTYPE corpus SYSTEM "nowhere.dtd">
      <corpus>
        <item kind="x &amp; y"><p>one &lt; <b>two</b></p><q/></item>
        <item kind="z"><p/></item>
      </corpus>
      """
    #expect(try read(source, file) == [["one < two", "x & y"], ["", "z"]])
    let missing = try failure(source, file.replacingOccurrences(of: "kind=\"z\"", with: "kin=\"z\""))
    #expect(missing.location?.line == 5)
    #expect(missing.hint?.contains("did you mean '@kin'?") == true)
    #expect(try failure(source, String(file.dropLast(20))).message.contains("XML"))
    #expect(try failure(source.replacingOccurrences(of: "item", with: "itm"), file).message.contains("'itm'"))
    #expect(try failure("format: xml, fields: {a: p, b: q}", file).message.contains("`records`"))
  }

  static let nested = """
    {"version": 1,
     "data": [{"title": "T", "paragraphs": [
       {"context": "C1", "qas": [{"q": "Q1", "answers": [{"text": "A1"}, {"text": "A2"}]}]},
       {"context": "C2", "qas": [{"q": "Q2", "answers": [{"text": 3}]},
                                 {"q": "Q3", "answers": []}]}]}]}
    """

  @Test func nestedJSON() throws {
    #expect(
      try read("format: json, records: data.paragraphs.qas, fields: {a: q, b: context}", Self.nested)
        == [["Q1", "C1"], ["Q2", "C2"], ["Q3", "C2"]])
    #expect(
      try read("format: json, records: data.paragraphs.qas.answers, fields: {a: text, b: q}", Self.nested)
        == [["A1", "Q1"], ["A2", "Q1"], ["3", "Q2"]])
    #expect(
      try read("format: json, records: data.paragraphs.qas, fields: {a: q, b: answers.*.text}", Self.nested)
        == [["Q1", "A1\nA2"], ["Q2", "3"], ["Q3", ""]])
    let error = try failure(
      "format: json, records: data.paragraphs.qas, fields: {a: q, b: answers.0.text}", Self.nested)
    #expect(error.location?.line == 5, "\(error)")
    let path = try failure("format: json, records: data.paragraph, fields: {a: q, b: q}", Self.nested)
    #expect(path.hint?.contains("did you mean 'paragraphs'?") == true)
    #expect(try failure("format: json, fields: {a: q, b: q}", Self.nested).message.contains("array"))
  }

  @Test func brokenJSONHasLineAndColumn() throws {
    let error = try failure(
      "format: jsonl, fields: {a: x, b: y}", "{\"x\": 1, \"y\": 2}\n{\"x\": 1, \"y\" 2}\n")
    #expect(error.location?.line == 2)
    #expect(error.location?.column != nil)
  }

  @Test func windowsText() throws {
    let bytes: [UInt8] = [0x63, 0x61, 0x66, 0xE9, 0x20, 0x96, 0x09, 0x80, 0x0A]
    let definition =
      "source: {folder: ., format: tsv, header: false, ENCODING fields: {a: \"1\", b: \"2\"}}\n"
      + "splits: {train: d}\n" + Self.tail
    let task = try SmallTask(
      definition.replacingOccurrences(of: "ENCODING", with: "encoding: windows-1252,"), bytes: ["d": bytes])
    #expect(try task.fields("a", "b") == [["café –", "€"]])
    let plain = try SmallTask(definition.replacingOccurrences(of: "ENCODING", with: ""), bytes: ["d": bytes])
    let error = #expect(throws: GraftError.self) { try plain.examples() }
    #expect(error?.message.contains("UTF-8") == true)
  }

  @Test func constants() throws {
    #expect(
      try read("format: text, patterns: {\"1\": \"{a};\"}, constants: {b: \"\"}", "x;\n") == [["x", ""]])
  }

  /// A file may have been compressed or not, whatever the definition calls it.
  @Test(arguments: [("d.tsv.gz", "d.tsv"), ("d.tsv", "d.tsv.gz")])
  func compressionIsNoMatterOfNames(_ named: String, _ there: String) throws {
    let folder = try TestFolder()
    try folder.write("set/\(there)", "one\ttwo\n")
    try folder.write(
      "tasks/t.yaml",
      """
      task: t
      version: 1
      source: {folder: set, format: tsv, header: false, fields: {a: "1", b: "2"}}
      splits: {train: \(named)}

      """ + Self.tail + "provenance: {origin: a shelf}\n")
    let task = try TaskCatalog(directories: ["\(folder.path)/tasks"]).task(named: "t")
    #expect(try task.examples(split: "train", data: DataRoot(folder.path)).count == 1)
    try folder.remove("set/\(there)")
    let error = #expect(throws: GraftError.self) {
      try task.examples(split: "train", data: DataRoot(folder.path))
    }
    #expect(error?.hint?.contains("It comes from: a shelf.") == true)
    #expect(error?.hint?.contains("set/\(named)") == true)
  }

  /// A printed list, as ANLI's column `tags` has it, is several values of a group.
  @Test func groupsOfSeveralValues() throws {
    let small = try SmallTask(
      """
      source: {folder: ., format: csv, fields: {a: a, b: b}, groups: {tag: {list: tags}, kind: kind}}
      splits: {train: d}
      inputs: "{a}"
      targets: "{b}"
      metrics: [accuracy]

      """,
      [
        "d":
          "a,b,tags,kind\n1,x,\"['Numerical', 'Plausible, or not']\",k\n2,y,\"Numerical, Tricky\",k\n3,z,[],l\n"
      ])
    let examples = try small.examples()
    #expect(
      examples.map { $0.values(ofGroup: "tag") } == [
        ["Numerical", "Plausible, or not"], ["Numerical", "Tricky"], [],
      ])
    let report = try small.task.score(
      ["x", "no", "z"].map { Prediction(text: $0) }, examples, bootstrap: BootstrapOptions(resamples: 0))
    #expect(report.group("tag", "Numerical")?.count == 2 && report.group("tag", "Tricky")?.count == 1)
    #expect(report.group("tag", "Numerical")?.score.value == 0.5)
    #expect(report.group("kind", "k")?.count == 2)
  }
}
