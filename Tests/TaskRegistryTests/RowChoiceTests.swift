import Records
import Scoring
import Support
import TaskRegistry
import TestSupport
import Testing

/// Choices that differ from row to row, answers that are judged, renderings, golden prompts.
@Suite struct RowChoiceTests {
  static let endings = """
    source:
      folder: .
      format: tsv
      fields: {start: start, one: one, two: two, three: three, label: right}
      labels: {"1": "{one}", "2": "{two}", "3": "{three}"}
    splits: {train: d.tsv}
    preprocess: [trim]
    inputs: "end: {start}"
    targets: "{label}"
    choices: ["{one}", "{two}", "{three}"]
    metrics: [accuracy]
    renderings:
      decanlp: {inputs: "question: What comes of it, {one} or {two}? context: {start}"}

    """
  static let endingRows = "start\tone\ttwo\tthree\tright\nA\tx \ty\tz\t1\nB\tx\ty\t\t2\n"

  @Test func candidatesAreTheRows() throws {
    let small = try SmallTask(Self.endings, ["d.tsv": Self.endingRows])
    let examples = try small.examples()
    #expect(small.task.choices == nil)
    #expect(small.task.choicesVary && !small.task.isForRankingOnly)
    #expect(examples.map(\.inputs) == ["end: A", "end: B"])
    #expect(examples.map(\.targets) == ["x", "y"])
    #expect(examples.map(\.choice) == [0, 1])
    // A choice that comes out empty is not offered.
    #expect(examples.map { $0.candidates?.map(\.targets) } == [["x", "y", "z"], ["x", "y"]])
    // The index counts where the model ranked, the text where it wrote.
    let report = try small.task.score([Prediction(text: "y", choice: 1), Prediction(text: "y")], examples)
    #expect(report.primary?.value == 0.5)
    #expect(report.invalid == 0)
    #expect(report.groups.isEmpty)
  }

  /// Of words that are the same for every row, too, and of a suite's labels; without label there is none.
  @Test func whatIsRightIsAnIndex() throws {
    let source = "source: {folder: ., format: tsv, fields: {a: a, label: label}, labels: {0: 'no', 1: 'yes'}}\n"
    let small = try SmallTask(
      source + """
        splits: {train: d.tsv, test: {file: e.tsv, fields: {a: a}, unlabelled: true}}
        inputs: "{a}"
        targets: "{label}"
        choices: ["no", "yes"]
        metrics: [accuracy]

        """, ["d.tsv": "a\tlabel\nx\t1\ny\t0\n", "e.tsv": "a\nz\n"])
    #expect(try small.examples().map(\.choice) == [1, 0])
    #expect(try small.examples("test").map(\.choice) == [nil])
    for (label, choice) in [("yes", 1), ("maybe", nil)] {
      #expect(try small.task.prompt(["a": "x"], label: label, identifier: "i").choice == choice)
    }
    try small.folder.write(
      "s.yaml", "suite: s\nversion: 1\nthrough: t\nsplits: {test: d.tsv}\nchoices: ['yes', 'no']\n" + source)
    let suite = try TaskCatalog(directories: [small.folder.path]).suite(named: "s")
    #expect(try suite.examples(through: small.task, data: DataRoot("unused")).map(\.choice) == [0, 1])
  }

  @Test func aLabelThatIsNoneOfTheChoices() throws {
    let small = try SmallTask(
      Self.endings, ["d.tsv": "start\tone\ttwo\tthree\tright\nA\tx\ty\t\t3\n"])
    let error = #expect(throws: GraftError.self) { try small.examples() }
    #expect(error?.location?.line == 2)
    #expect(error?.hint?.contains("x; y") == true)
  }

  /// Without a map the file has to hold the right choice itself.
  @Test func labelsThatAreTexts() throws {
    let definition = Self.endings
      .replacingOccurrences(
        of: "  labels: {\"1\": \"{one}\", \"2\": \"{two}\", \"3\": \"{three}\"}\n", with: "")
    let small = try SmallTask(
      definition,
      [
        "d.tsv": Self.endingRows.replacingOccurrences(of: "\t1\n", with: "\tz\n")
          .replacingOccurrences(of: "\t2\n", with: "\tx\n")
      ])
    #expect(try small.examples().map(\.choice) == [2, 0])
  }

  /// The gap is filled on the side of the input; what follows it is scored.
  @Test func choicesWithinTheInput() throws {
    let small = try SmallTask(
      """
      source:
        folder: .
        format: tsv
        fields: {one: one, two: two, after: after, label: right}
        labels: {"1": "{one}", "2": "{two}"}
      splits: {train: d.tsv}
      inputs: "because {label}"
      targets: "{after}"
      choices: ["{one}", "{two}"]
      metrics: [accuracy]
      """, ["d.tsv": "one\ttwo\tafter\tright\nhe\tshe\tleft\t2\n"])
    let example = try small.examples()[0]
    #expect(small.task.isForRankingOnly)
    #expect(
      example.candidates == [
        Candidate(inputs: "because he", targets: "left"), Candidate(inputs: "because she", targets: "left"),
      ])
    #expect(example.inputs == "because she" && example.choice == 1)
    // What is written says nothing about which gap was meant.
    #expect(try small.task.score([Prediction(text: "left")], [example]).invalid == 1)
  }

  @Test func answersAreJudged() throws {
    let small = try SmallTask(
      """
      source:
        folder: .
        format: tsv
        fields: {text: text, referent: referent, label: label}
      splits: {train: d.tsv}
      inputs: "wsc: {text}"
      targets: "{referent}"
      choices: [wrong, right]
      postprocess: {same-referent: {field: referent}}
      metrics: [accuracy]
      """, ["d.tsv": "text\treferent\tlabel\na\tThe old cat\tright\nb\tMaria's\twrong\n"])
    let examples = try small.examples()
    #expect(small.task.choices == nil && !small.task.choicesVary)
    #expect(examples.map(\.targets) == ["The old cat", "Maria's"])
    #expect(examples.map(\.choice) == [1, 0])
    for (answers, score) in [
      (["cat", "Maria's"], 0.5), (["the CAT", "Maria"], 1), (["dog", "the Maria's"], 0), (["", ""], 0.5),
    ] {
      let report = try small.task.score(answers.map { Prediction(text: $0) }, examples)
      #expect(report.primary?.value == score, "\(answers)")
    }
    let report = try small.task.score(examples.map { Prediction(text: $0.targets) }, examples)
    #expect(report.group("label", "right")?.score.value == 1)
    #expect(report.group("label", "wrong")?.score.value == 0)
  }

  @Test func renderings() throws {
    let small = try SmallTask(Self.endings, ["d.tsv": Self.endingRows])
    let question = try small.task.rendered(as: "decanlp")
    let example = try question.examples(split: "train", data: DataRoot("unused"))[0]
    #expect(example.inputs == "question: What comes of it, x or y? context: A")
    #expect(example.targets == "x" && example.candidates?.count == 3)
    #expect(question.definitionHash != small.task.definitionHash)
    let error = #expect(throws: GraftError.self) { try small.task.rendered(as: "decanpl") }
    #expect(error?.code == .usage && error?.hint?.contains("did you mean 'decanlp'?") == true)
    var catalog = try TaskCatalog(directories: [small.folder.path])
    catalog.rendering = "decanlp"
    #expect(try catalog.task(named: "t").rendering == "decanlp")
  }

  @Test(arguments: [
    ("{fields: {start: C, one: x, two: y, three: z, label: \"3\"}, inputs: \"end: C\", targets: z}", nil),
    (
      "{fields: {start: C, one: x, two: y, three: z, label: \"3\"}, inputs: \"end: D\", targets: z}",
      "inputs should be 'end: D' and are 'end: C'"
    ),
    (
      "{fields: {start: C, one: x, two: y, three: z, label: \"4\"}, inputs: \"end: C\", targets: z}",
      "label '4' is not mapped"
    ),
    (
      "{fields: {start: C, one: x, two: y, three: z, label: \"1\"}, inputs: \"end: C\", targets: x, choices: [x, y]}",
      "choices should be 'x; y'"
    ),
    ("{fields: {start: C}, inputs: \"end: C\"}", "either 'inputs' and 'targets' or 'sha256'"),
    ("{inputs: \"end: C\", targets: x}", "either 'row' or 'fields'"),
    ("{row: 1, split: tain, inputs: \"end: A\", targets: x}", "did you mean 'train'?"),
  ]) func goldenPrompts(_ golden: String, _ says: String?) throws {
    let folder = try TestFolder()
    try folder.write("t.yaml", "task: t\nversion: 1\n" + Self.endings + "golden:\n  - \(golden)\n")
    let problems = try TaskCatalog.problems(in: [folder.path])
    #expect(problems.count == (says == nil ? 0 : 1))
    for problem in problems {
      #expect(problem.description.contains(says ?? ""), "\(problem)")
      #expect(problem.location?.line == 17, "\(problem)")
    }
  }

  @Test func goldenRowsAndCountsNeedData() throws {
    func problems(_ more: String) throws -> [String] {
      let small = try SmallTask(Self.endings + more, ["d.tsv": Self.endingRows])
      return small.task.problems(in: try small.examples(), split: "train", data: DataRoot("unused")).map(\.message)
    }
    #expect(try problems("golden: [{row: 2, inputs: \"end: B\", targets: y}]\ncounts: {train: 2}\n") == [])
    let hash = ContentHash.of("end: A\nx")
    #expect(try problems("golden: [{row: 1, sha256: \(hash)}]\n") == [])
    #expect(try problems("golden: [{row: 2, sha256: \(hash)}]\n")[0].contains("has another hash"))
    #expect(try problems("golden: [{row: 9, inputs: a, targets: b}]\n")[0].contains("no example 't/train/9'"))
    #expect(try problems("counts: {train: 3}\n")[0].contains("has 2 examples instead of 3"))
  }

  @Test func choicesNobodyHasAreReported() throws {
    let small = try SmallTask(
      """
      source: {folder: ., format: tsv, fields: {a: a, label: label}}
      splits: {train: d.tsv}
      inputs: "{a}"
      targets: "{label}"
      choices: [yes, no, maybe]
      metrics: [accuracy]
      """, ["d.tsv": "a\tlabel\nx\tyes\ny\tno\n"])
    let problems = small.task.problems(in: try small.examples(), split: "train", data: DataRoot("unused"))
    #expect(problems.map(\.code) == [.badData])
    #expect(problems[0].message.contains("'maybe'"))
  }

  @Test func settingsOfPluginsAreChecked() throws {
    for (text, says) in [
      ("postprocess: {same-referent: {field: refernet}}", "did you mean 'referent'?"),
      ("postprocess: same-referent", "needs to know its field"),
      ("postprocess: {same-refernt: {field: referent}}", "did you mean 'same-referent'?"),
    ] {
      let error = #expect(throws: GraftError.self) {
        try SmallTask(
          """
          source: {folder: ., format: tsv, fields: {text: text, referent: referent, label: label}}
          splits: {train: d.tsv}
          inputs: "{text}"
          targets: "{referent}"
          choices: [wrong, right]
          metrics: [accuracy]
          \(text)
          """)
      }
      #expect(error?.code == .badData)
      #expect(error?.description.contains(says) == true, "\(String(describing: error))")
      #expect(error?.location?.line == 9)
    }
  }
}
