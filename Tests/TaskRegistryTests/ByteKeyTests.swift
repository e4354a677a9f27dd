import Records
import Scoring
import Support
import TestSupport
import Testing

@testable import TaskRegistry

/// Texts of data that Swift's `String` takes for one another are different wherever they decide something.
@Suite struct ByteKeyTests {
  /// Canonically equal texts with different bytes.
  static let pairs = [
    ["caf\u{E9}", "cafe\u{301}"], ["K", "\u{212A}"], [";", "\u{37E}"], ["\u{C5}", "\u{212B}"],
  ]

  static let tail = """
    inputs: "{a} {b}"
    targets: "{b}"
    metrics: [accuracy]

    """

  @Test(arguments: pairs) func keys(_ pair: [String]) throws {
    #expect(pair[0] == pair[1], "the pair would prove nothing")
    #expect(ByteString(pair[0]) != ByteString(pair[1]) && Set(pair.map { ByteString($0) }).count == 2)
    #expect(pair.exactlyDistinct.count == 2 && pair.exactIndex(of: pair[1]) == 1)
    #expect(!pair.prefix(1).containsExactly(pair[1]) && pair.containsExactly(pair[1]))
    #expect(Set(pair.canonicallyDistinct).count == 2)
  }

  @Test(arguments: pairs) func mappingsOfYAML(_ pair: [String]) throws {
    let text = "a: 1\n\"\(pair[0])\": {x: \"\(pair[1])\"}\n\"\(pair[1])\": 2\n"
    let entries = try YAMLValue(parsing: text, file: "t.yaml").entries()
    #expect(entries.map { ByteString($0.key) } == ["a", ByteString(pair[0]), ByteString(pair[1])])
    #expect(try entries[1].value.textMapping() == ["x": pair[1]])
    #expect(try entries[1].value.entries()[0].value.string().isExactly(pair[1]))
    #expect(entries[2].location.line == 3 && entries[2].location.column == 1)
  }

  @Test(arguments: pairs) func columnsAndKeys(_ pair: [String]) throws {
    let fields = "fields: {a: \"\(pair[0])\", b: \"\(pair[1])\"}"
    let csv = "\"\(pair[1])\",\"\(pair[0])\"\ntwo,one\n"
    let object = "{\"\(pair[1])\": \"two\", \"\(pair[0])\": \"one\"}"
    for (format, text) in [
      ("tsv", "\(pair[1])\t\(pair[0])\ntwo\tone\n"), ("csv", csv), ("jsonl", object), ("json", "[\(object)]"),
    ] {
      let read = try SmallTask(
        "source: {folder: ., format: \(format), \(fields)}\nsplits: {train: d}\n" + Self.tail, ["d": text])
      #expect(try read.fields("a", "b") == [["one", "two"]], "\(format)")
    }
    guard pair[0] != ";" else { return }
    let xml = try SmallTask(
      "source: {folder: ., format: xml, records: r, fields: {a: \"\(pair[0])\", b: \"@\(pair[1])\"}}\n"
        + "splits: {train: d}\n" + Self.tail,
      ["d": "<x><r \(pair[1])='two'><\(pair[0])>one</\(pair[0])></r></x>"])
    #expect(try xml.fields("a", "b") == [["one", "two"]])
  }

  @Test(arguments: pairs) func labelsChoicesAndFilters(_ pair: [String]) throws {
    let table = "a\tb\n1\t\(pair[0])\n2\t\(pair[1])\n3\t\(pair[1])\n"
    func read(_ source: String, _ tail: String) throws -> [Example] {
      try SmallTask(
        "source: {folder: ., format: tsv, label: b, fields: {a: a, b: b}\(source)}\nsplits: {train: d}\n"
          + "inputs: \"{a}\"\ntargets: \"{b}\"\nmetrics: [accuracy]\n" + tail, ["d": table]
      ).examples()
    }
    #expect(try read(", drop: {b: \"\(pair[0])\"}", "").map { $0.fields["a"] } == ["2", "3"])
    #expect(try read(", keep: {b: [\"\(pair[0])\"]}", "").map { $0.fields["a"] } == ["1"])
    let choices = "choices: [\"\(pair[0])\", \"\(pair[1])\"]\n"
    let own = try read("", choices)
    #expect(own.map { ByteString($0.targets) } == [pair[0], pair[1], pair[1]].map { ByteString($0) })
    let mapped = try read(", labels: {\"\(pair[0])\": no, \"\(pair[1])\": yes}", "choices: [no, yes]\n")
    #expect(mapped.map(\.targets) == ["no", "yes", "yes"])
    // A choice in the other spelling is none.
    #expect(throws: GraftError.self) { try read("", "choices: [\"\(pair[0])\", x]\n") }
  }

  @Test(arguments: pairs) func scoresByGroupLabelAndContrast(_ pair: [String]) throws {
    let table = "a\tb\tg\n1\t\(pair[0])\t\(pair[0])\n2\t\(pair[1])\t\(pair[1])\n3\t\(pair[1])\t\(pair[1])\n"
    let small = try SmallTask(
      """
      source: {folder: ., format: tsv, label: b, fields: {a: a, b: b}, groups: {g: g}, set: "{b}"}
      splits: {train: d}
      inputs: "{a}"
      targets: "{b}"
      choices: ["\(pair[0])", "\(pair[1])"]
      metrics: [accuracy, macro-f1, micro-f1, matthews]
      contrasts: [{name: gap, group: g, of: "\(pair[0])", minus: "\(pair[1])"}]

      """, ["d": table])
    let examples = try small.examples()
    let answers = [pair[0], pair[1], pair[0]].map { Prediction(text: $0) }
    let report = try small.task.score(answers, examples, bootstrap: BootstrapOptions(resamples: 0))
    #expect(report["accuracy"]?.value == 2.0 / 3)
    #expect(report["micro-f1"]?.value == 2.0 / 3 && report["matthews"]?.value == 0.5)
    // Contrast: 1 of 1 less 1 of 2; sets: that of the first spelling is right, that of the second is not.
    #expect(report["gap"]?.value == 0.5 && report["consistency"]?.value == 0.5)
    #expect(report.group("g", pair[0])?.count == 1 && report.group("g", pair[1])?.count == 2)
    #expect(report.group("label", pair[0])?.count == 1 && report.group("label", pair[1])?.count == 2)
  }

  @Test(arguments: pairs) func preprocessorsAndAlternatives(_ pair: [String]) throws {
    let small = try SmallTask(
      """
      source: {folder: ., format: jsonl, fields: {a: a, b: b, more: "more.*"}}
      splits: {train: d}
      preprocess:
        - map-values: {from: a, values: {"\(pair[0])": one, "\(pair[1])": two}}
      inputs: "{a}"
      targets: "{b}"
      output: text
      alternatives: [more]
      metrics: [squad-em]

      """,
      [
        "d": [pair[0], pair[1]].map {
          "{\"a\": \"\($0)\", \"b\": \"\(pair[0])\", \"more\": [\"\(pair[1])\", \"\(pair[0])\", \"x\"]}\n"
        }.joined()
      ])
    let examples = try small.examples()
    #expect(examples.map(\.inputs) == ["one", "two"])
    #expect(examples[0].alternatives?.map { ByteString($0) } == [ByteString(pair[1]), "x"])
  }

  @Test func wordsInTexts() {
    #expect("the cafe\u{301} and the caf\u{E9}".rangeOfWord("caf\u{E9}").map { _ in true } == true)
    #expect("the cafe\u{301}".rangeOfWord("caf\u{E9}") == nil)
    // The mark belongs to the word.
    #expect("the cafe\u{301}".rangeOfWord("cafe") == nil)
    #expect("a \u{212A} b".rangeOfWord("K") == nil)
  }

  @Test(arguments: pairs) func correspondenceOfLabels(_ pair: [String]) {
    #expect(LabelCorrespondence(answers: [pair[0], "x"], labels: [pair[1], "x"], collapse: [:]) == nil)
    let found = LabelCorrespondence(
      answers: pair, labels: ["1", "2"], collapse: [ByteString(pair[0]): "1", ByteString(pair[1]): "2"])
    #expect(found?.index(of: pair[1]) == 1)
  }
}
