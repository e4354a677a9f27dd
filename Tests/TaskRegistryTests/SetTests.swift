import Foundation
import Records
import Scoring
import Support
import TaskRegistry
import TestSupport
import Testing

/// Sets of examples that belong together, groups made of fields, and what is compared of them.
@Suite struct SetTests {
  static let pairs = """
    source:
      folder: .
      format: tsv
      fields: {text: text, kind: kind, label: label}
      groups: {kind: "{kind}", both: "{kind} {label}", column: kind}
      set: {rows: 2}
    splits: {test: rows.tsv}
    inputs: "t: {text}"
    targets: "{label}"
    choices: [no, yes]
    metrics: [accuracy]

    """
  static let rows = "text\tkind\tlabel\na\tx\tyes\nb\ty\tno\nc\tx\tno\nd\ty\tyes\ne\tx\tyes\n"

  @Test func setsAreBlocksOfRowsAndGroupsAreMadeOfFields() throws {
    let small = try SmallTask(Self.pairs, ["rows.tsv": Self.rows])
    let examples = try small.examples("test")
    #expect(examples.map(\.set) == ["1", "1", "2", "2", "3"])
    #expect(examples[1].groups == ["kind": "y", "both": "y no", "column": "y"])
  }

  @Test func setsAreNamedByATemplateAndByPart() throws {
    let definition = Self.pairs.replacingOccurrences(of: "set: {rows: 2}", with: "set: \"{kind}\"")
    #expect(
      try SmallTask(definition, ["rows.tsv": Self.rows]).examples("test").map(\.set) == [
        "x", "y", "x", "y", "x",
      ])
    // Two files whose rows belong together, one row of the first to two of the second.
    let parts = Self.pairs.replacingOccurrences(
      of: "{test: rows.tsv}",
      with: """

          test:
            - {file: one.tsv, set: {rows: 1}}
            - {file: two.tsv, set: {by: "{kind}", rows: 2}}
        """)
    let small = try SmallTask(
      parts,
      [
        "one.tsv": "text\tkind\tlabel\na\tx\tyes\nb\ty\tno\n",
        "two.tsv": "text\tkind\tlabel\nc\tz\tno\nd\tz\tyes\ne\tz\tyes\n",
      ])
    #expect(try small.examples("test").map(\.set) == ["1", "2", "z/1", "z/1", "z/2"])
  }

  @Test func consistencyAndContrastsAreScored() throws {
    let small = try SmallTask(
      Self.pairs + "contrasts: [{name: kind-gap, group: kind, of: x, minus: y}]\nseeds: 5\n",
      ["rows.tsv": Self.rows])
    let examples = try small.examples("test")
    let report = try small.task.score(
      ["yes", "no", "no", "no", "no"].map { Prediction(text: $0) }, examples)
    #expect(report.primary?.value == 0.6)
    #expect(report["consistency"]?.value == 1.0 / 3)
    // x is right in 2 of 3, y in 1 of 2.
    #expect(abs((report["kind-gap"]?.value ?? 0) - (2.0 / 3 - 0.5)) < 1e-12)
    #expect(small.task.seeds == 5)
  }

  /// x is right in 2 of 3, y in 1 of 2: the mean is 7/12, where accuracy is 3/5.
  @Test func averagesAreOverTheValuesOfAGroup() throws {
    let averages = """
      averages:
        - {name: kind-mean, group: kind}
        - {name: tied-mean, group: kind, metric: accuracy-ties-right}

      """
    let small = try SmallTask(Self.pairs + averages, ["rows.tsv": Self.rows])
    let examples = try small.examples("test")
    var answers = ["yes", "no", "no", "no", "no"].map { Prediction(text: $0) }
    let report = try small.task.score(answers, examples)
    #expect(abs((report["kind-mean"]?.value ?? 0) - 7.0 / 12) < 1e-12)
    #expect(report["kind-mean"]?.interval != nil)
    #expect(report["tied-mean"]?.value == report["kind-mean"]?.value)
    answers[3] = Prediction(["no", "yes"], scores: [-1, -1])
    let tied = try small.task.score(answers, examples)
    #expect(abs((tied["kind-mean"]?.value ?? 0) - (2.0 / 3 + 0.75) / 2) < 1e-12)
    #expect(abs((tied["tied-mean"]?.value ?? 0) - (2.0 / 3 + 1) / 2) < 1e-12)
    let plain = try SmallTask(Self.pairs, ["rows.tsv": Self.rows])
    #expect(small.task.definitionHash != plain.task.definitionHash)
  }

  @Test(arguments: [
    ("set: {rows: 2}", "set: {rows: 0}", "a set has 1 row or more"),
    ("set: {rows: 2}", "set: same", "the same for every row"),
    ("set: {rows: 2}", "set: \"{kint}\"", "unknown field 'kint'"),
    ("set: {rows: 2}", "set: {size: 2}", "unknown key"),
    ("{kind} {label}\"", "{kind} {lapel}\"", "unknown field 'lapel'"),
    (
      "metrics: [accuracy]", "metrics: [accuracy]\ncontrasts: [{name: a, group: b, of: x, minus: y}]",
      "unknown group 'b'"
    ),
    (
      "metrics: [accuracy]", "metrics: [accuracy]\ncontrasts: [{name: a, group: kind, of: x}]",
      "either 'minus' or 'over'"
    ),
    (
      "metrics: [accuracy]", "metrics: [accuracy]\ncontrasts: [{group: kind, of: x, minus: y}]",
      "needs 'name'"
    ),
    (
      "metrics: [accuracy]", "metrics: [accuracy]\ncontrasts: [{name: f1, group: kind, of: x, minus: y}]",
      "name of a metric"
    ),
    ("metrics: [accuracy]", "metrics: [accuracy]\nseeds: 0", "1 or more"),
    ("metrics: [accuracy]", "metrics: [accuracy]\naverages: [{name: a, group: b}]", "unknown group 'b'"),
    ("metrics: [accuracy]", "metrics: [accuracy]\naverages: [{name: a}]", "needs 'name' and 'group'"),
    ("metrics: [accuracy]", "metrics: [accuracy]\naverages: [{name: f1, group: kind}]", "name of a metric"),
    (
      "metrics: [accuracy]", "metrics: [accuracy]\naverages: [{name: a, group: kind}, {name: a, group: both}]",
      "the same name"
    ),
    (
      "metrics: [accuracy]", "metrics: [accuracy]\naverages: [{name: a, group: kind, metric: acuracy}]",
      "unknown metric 'acuracy'"
    ),
  ])
  func mistakesAreNamedWithTheirPlace(_ old: String, _ new: String, _ message: String) throws {
    let definition = Self.pairs.replacingOccurrences(of: old, with: new)
    let error = #expect(throws: GraftError.self) {
      _ = try SmallTask(definition, ["rows.tsv": Self.rows]).examples("test")
    }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    #expect(error?.code == .badData)
    #expect(error?.location?.line != nil)
  }

  @Test func fieldsAreMadeAndWordsAreFound() throws {
    let small = try SmallTask(
      """
      source:
        folder: .
        format: tsv
        fields: {text: text, label: label}
      splits: {train: rows.tsv}
      preprocess:
        - fill: {with: "{text}!", into: loud}
        - find-words: {text: text, words: [cook, construction worker, worker, CEO], into: [first, second]}
        - find-words: {text: label, fields: [first, second], into: [label]}
      inputs: "{loud}"
      targets: "{label}"
      metrics: [accuracy]

      """,
      [
        "rows.tsv":
          "text\tlabel\nthe construction worker saw the cook\ta cook it was\nA ceo met a Cook\tthe CEO\n"
      ])
    #expect(
      try small.fields("loud", "first", "second", "label") == [
        ["the construction worker saw the cook!", "construction worker", "cook", "cook"],
        ["A ceo met a Cook!", "CEO", "cook", "CEO"],
      ])
  }

  /// The second "he", counted in Unicode scalars.
  @Test func aWordIsMarkedWhereItStands() throws {
    let definition = """
      source:
        folder: .
        format: tsv
        fields: {text: text, word: word, at: at, label: label}
      splits: {train: rows.tsv}
      preprocess: [{mark-word: {text: text, word: word, offset: at, into: marked}}]
      inputs: "{marked}"
      targets: "{label}"
      metrics: [accuracy]

      """
    let small = try SmallTask(
      definition, ["rows.tsv": "text\tword\tat\tlabel\nÅ, he thinks he is\the\t13\tx\n"])
    #expect(try small.fields("marked") == [["Å, he thinks *he* is"]])
    for place in ["12", "400", "-1", "one"] {
      let wrong = try SmallTask(
        definition, ["rows.tsv": "text\tword\tat\tlabel\nÅ, he thinks he is\the\t\(place)\tx\n"])
      let error = #expect(throws: GraftError.self) { _ = try wrong.examples() }
      #expect(error?.message.contains("does not stand at character") == true)
    }
  }
}
