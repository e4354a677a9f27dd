import Records
import Support
import TaskRegistry
import TestSupport
import Testing

/// Rows with several right answers, and a few rows of each class.
@Suite struct AlternativesAndShotsTests {
  private static let questions = """
    source:
      folder: .
      format: json
      records: data.qas
      fields: {question: question, answer: answers.0.text, answers: answers.*.text}
    splits: {train: rows.json}
    inputs: "{question}"
    targets: "{answer}"
    alternatives: [answers]
    metrics: [squad-em, squad-f1]

    """
  private static let rows = """
    {"data": [{"qas": [
      {"question": "Q1", "answers": [{"text": "a cat"}, {"text": "two dogs"}, {"text": "a cat"}]},
      {"question": "Q2", "answers": [{"text": "yes"}]}]}]}
    """

  @Test func everyRightAnswerCounts() throws {
    let small = try SmallTask(Self.questions, ["rows.json": Self.rows])
    let examples = try small.examples()
    #expect(examples.map(\.targets) == ["a cat", "yes"])
    #expect(examples.map(\.alternatives) == [["two dogs"], nil])
    let report = try small.task.score([Prediction(text: "Two dogs!"), Prediction(text: "no")], examples)
    #expect(report["squad-em"]?.value == 0.5)
    #expect(report["squad-f1"]?.value == 0.5)
    #expect(report.references[0].texts == ["a cat", "two dogs"])
  }

  @Test func severalReferenceFiles() throws {
    let small = try SmallTask(
      """
      source: {folder: .}
      splits: {test: {lines: {source: a.de, english: a.en, second: b.en}}}
      inputs: "{source}"
      targets: "{english}"
      alternatives: [second]
      metrics: [bleu]

      """, ["a.de": "eins\nzwei\n", "a.en": "one\ntwo\n", "b.en": "a one\n\n"])
    let examples = try small.examples("test")
    #expect(examples.map(\.alternatives) == [["a one"], nil])
    let report = try small.task.score(examples.map { Prediction(text: $0.targets) }, examples)
    #expect(report["bleu"]?.signature.hasPrefix("nrefs:var|") == true)
  }

  @Test func wrongAlternatives() throws {
    func error(_ old: String, _ new: String) throws -> GraftError {
      try #require(
        #expect(throws: GraftError.self) {
          try SmallTask(Self.questions.replacingOccurrences(of: old, with: new))
        })
    }
    let unknown = try error("alternatives: [answers]", "alternatives: [answer-s]")
    #expect(unknown.hint?.contains("did you mean 'answers'?") == true && unknown.location?.column == 15)
    let number = try error("alternatives: [answers]", "output: number\nalternatives: [answers]")
    #expect(number.message.contains("`output: text`"))
  }

  private func few() throws -> SmallTask {
    let rows = (0..<40).map { "row \($0)\t\($0 % 4 == 0 ? "rare" : "common")" }
    return try SmallTask(
      """
      source: {folder: ., format: tsv, header: false, fields: {text: 1, label: 2}}
      splits: {train: rows.tsv}
      inputs: "{text}"
      targets: "{label}"
      choices: [rare, common]
      metrics: [accuracy]

      """, ["rows.tsv": rows.joined(separator: "\n") + "\n"])
  }

  @Test func shotsAreOfEveryClassAndOfTheSeed() throws {
    let small = try few()
    func shots(_ count: Int, seed: UInt64) throws -> [String] {
      let found = try small.task.shots(count, split: "train", data: DataRoot("unused"), seed: seed)
      #expect(found.examples.count == found.counts.reduce(0) { $0 + $1.count })
      return found.examples.map(\.identifier)
    }
    let four = try small.task.shots(4, split: "train", data: DataRoot("unused"), seed: 1)
    #expect(four.counts.map(\.count) == [4, 4])
    #expect(four.examples.count { $0.targets == "rare" } == 4)
    #expect(try shots(4, seed: 1) == four.examples.map(\.identifier))
    #expect(try shots(4, seed: 2) != shots(4, seed: 1))
    // Fewer shots are among more, and no class has more than it has.
    #expect(try Set(shots(2, seed: 1)).isSubset(of: shots(4, seed: 1)))
    let all = try small.task.shots(20, split: "train", data: DataRoot("unused"), seed: 1)
    #expect(all.counts.map(\.count) == [10, 20])
  }

  @Test func withoutClassesShotsAreOfTheTask() throws {
    let small = try SmallTask(Self.questions, ["rows.json": Self.rows])
    let one = try small.task.shots(1, split: "train", data: DataRoot("unused"), seed: 3)
    #expect(one.examples.count == 1 && one.counts.map(\.name) == [""])
  }
}
