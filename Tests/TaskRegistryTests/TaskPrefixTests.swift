import Support
import TestSupport
import Testing

@testable import TaskRegistry

/// What tells a model its task: found in a template, and replaced.
@Suite struct TaskPrefixTests {
  private func task(_ inputs: String, _ fields: String = "sentence: text") throws -> TaskDefinition {
    let folder = try TestFolder()
    try folder.write(
      "small.yaml",
      """
      task: small
      version: 1
      source: {folder: ., format: tsv, fields: {\(fields), label: label}}
      splits: {train: train.tsv}
      inputs: "\(inputs)"
      targets: "{label}"
      choices: [bad, good]
      output: choices
      metrics: [accuracy]
      primaryMetric: accuracy

      """)
    return try TaskCatalog(directories: [folder.path]).task(named: "small")
  }

  @Test(arguments: [
    ("sst2 sentence: {sentence}", "sst2"),
    ("translate English to German: {sentence}", "translate English to German:"),
    ("sentence: {sentence}", ""), ("{sentence} is", ""), ("is it good? {sentence}", "is it good?"),
  ])
  func isWhatStandsBeforeTheFirstField(_ inputs: String, _ prefix: String) throws {
    #expect(try task(inputs).prefix == prefix)
  }

  @Test func isReplaced() throws {
    let task = try task("sst2 sentence: {sentence}")
    let nonsense = try task.prefixed(by: "sandwiches are nice")
    let none = try task.prefixed(by: "")
    #expect(nonsense.inputs.text == "sandwiches are nice sentence: {sentence}")
    #expect(none.inputs.text == "sentence: {sentence}")
    #expect(try task.prefixed(by: task.prefix).inputs == task.inputs)
    #expect(Set([task, nonsense, none].map(\.definitionHash)).count == 3)
  }

  @Test func bracesAndTasksWithoutPrefixAreRefused() throws {
    let task = try task("sst2 sentence: {sentence}")
    #expect(throws: GraftError.self) { try task.prefixed(by: "a {field}") }
    let bare = try self.task("sentence: {sentence}")
    #expect(throws: GraftError.self) { try bare.prefixed(by: "words") }
  }
}

@Suite struct LabelCorrespondenceTests {
  private static let collapse: [ByteString: String] = ["neutral": "not_entailment", "contradiction": "not_entailment"]
  private static let three = ["entailment", "neutral", "contradiction"]
  private static let two = ["entailment", "not_entailment"]

  @Test func equalLabelsStayAsTheyAre() throws {
    let found = try #require(
      LabelCorrespondence(
        answers: ["contradiction", "entailment", "neutral"], labels: Self.three, collapse: Self.collapse))
    #expect(found.collapse.isEmpty && found.labels == Self.three)
    #expect(found.index(of: "neutral") == 1)
  }

  /// Worked example: a three-way model on two-way examples and the other way round, both told apart as two.
  @Test(arguments: [(three, two), (two, three)])
  func coarserLabelsAreCompared(_ answers: [String], _ labels: [String]) throws {
    let found = try #require(
      LabelCorrespondence(answers: answers, labels: labels, collapse: Self.collapse))
    #expect(found.labels == Self.two)
    #expect(found.index(of: "entailment") == 0)
    #expect(found.index(of: "neutral") == 1 && found.index(of: "not_entailment") == 1)
    #expect(found.index(of: "purple") == nil)
  }

  @Test func othersDoNotCorrespond() {
    #expect(
      LabelCorrespondence(answers: Self.three, labels: ["bad", "good"], collapse: Self.collapse) == nil)
    #expect(LabelCorrespondence(answers: ["a"], labels: ["x", "y"], collapse: ["x": "a", "y": "a"]) == nil)
  }
}
