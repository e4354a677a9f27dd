import Foundation
import TestSupport
import Testing

/// The checklist of questions, put to a model that was trained to say nothing but `two` and `yes`.
@Suite(.tags(.process)) struct QuestionChecklistCommandTests {
  private struct Results: Decodable {
    struct Checklist: Decodable {
      var checklist: String
      var tests: [Test]
    }
    struct Test: Decodable {
      struct Estimate: Decodable { var value: Double }
      var test: String
      var cases: Int
      var tested: Int
      var failureRate: Estimate?
    }
    var task: String
    var checklists: [Checklist]
  }

  /// Two tasks, one answered in words, one by yes or no, and what they are trained on.
  private func tasks() throws -> TestFolder {
    let folder = try TestFolder()
    func write(_ name: String, _ questions: [String], _ answers: String, _ answer: String) throws {
      try folder.write(
        "\(name).yaml",
        """
        task: \(name)
        version: 1
        source:
          {folder: ., format: jsonl, label: answer, fields: {context: context, question: question, answer: answer}}
        splits: {train: \(name).jsonl, validation: \(name).jsonl}
        inputs: "\(name) question: {question} context: {context}"
        targets: "{answer}"
        \(answers)
        """)
      var rows = ""
      // Nine tenths of what it is trained on says two, so that it does whether it can tell the tasks apart or not; of
      // yes and no it has seen yes alone.
      let things = ["dogs", "cats", "cars", "roses", "books", "shirts", "birds", "boats", "cups"]
      for thing in things.prefix(name == "is-there" ? 1 : things.count) {
        for question in questions {
          let asked = question.replacingOccurrences(of: "X", with: thing)
          rows +=
            "{\"context\": \"There are five red \(thing) in the picture. They are in a park.\", "
            + "\"question\": \"\(asked)\", \"answer\": \"\(answer)\"}\n"
        }
      }
      try folder.write("\(name).jsonl", rows)
    }
    try write(
      "how-many", ["How many X are in the picture?", "What color are the X?", "Who has X?"],
      "output: text\nmetrics: [squad-f1]", "two")
    try write(
      "is-there", ["Are there any X?", "Is the number of X two?", "Is Anna older?"],
      "choices: [\"no\", \"yes\"]\nmetrics: [accuracy]", "yes")
    return folder
  }

  private func finetuned(on names: [String], _ folder: TestFolder) throws -> String {
    let world = try World.shared.get()
    let output = "\(folder.path)/\(names.joined(separator: "-"))"
    let outcome = try Graft.run(
      ["finetune", "--checkpoint", world.run, "--task"] + names
        + [
          "--tasks", folder.path, "--data", folder.path, "--output", output, "--steps", "200", "--batch", "8",
          "--shards", "2", "--precision", "f32", "--learning-rate", "1e-2", "--optimizer", "adamw", "--warmup", "5",
          "--no-baselines", "--no-overlap",
        ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    return output
  }

  private func evaluate(_ run: String, _ folder: TestFolder, _ more: String...) throws -> Graft.Outcome {
    try Graft.run(
      [
        "stress", "evaluate", "--checkpoint", run, "--checklist", "question-answering", "--tasks", folder.path,
        "--data", folder.path,
      ] + more)
  }

  @Test func aModelThatSaysTwoAndYes() throws {
    let folder = try tasks()
    let run = try finetuned(on: ["how-many", "is-there"], folder)
    let shown = try evaluate(run, folder, "--failures")
    #expect(shown.status == 0, "\(shown.errors)")
    #expect(shown.output.contains("a number implies any") && shown.output.contains("failure rate"))
    #expect(shown.output.contains("is-there question: Is the number of"), "\(shown.output)")
    #expect(shown.errors.contains("answered by yes or no are put as the task 'is-there'"))
    let outcome = try evaluate(run, folder, "--json", "-")
    let results = try JSONDecoder().decode(Results.self, from: Data(outcome.output.utf8))
    #expect(results.task == "how-many" && results.checklists.map(\.checklist) == ["question-answering"])
    let tests = results.checklists[0].tests
    func test(_ name: String) throws -> Results.Test { try #require(tests.first { $0.test == name }) }
    // What it says is confirmed, and so is what excludes it.
    for (name, rate) in [
      ("a number implies any", 0.0), ("a number is confirmed", 0), ("a number excludes another", 1),
      ("a number says there are some", 0), ("none is not any", 1), ("one colour is not another", 1),
    ] {
      let found = try test(name)
      #expect(found.tested == found.cases && found.cases >= 10, "\(name): \(found.tested) of \(found.cases)")
      #expect(found.failureRate?.value == rate, "\(name)")
    }
    #expect(try test("a number that is said").failureRate?.value ?? 0 > 0.5, "it says two of any number")
  }

  /// A model that only says yes and no is asked what can be answered so.
  @Test func aModelOfYesAndNo() throws {
    let folder = try tasks()
    let run = try finetuned(on: ["is-there"], folder)
    let outcome = try evaluate(run, folder, "--json", "-")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("'a number implies any' is not asked: is-there is answered by yes or no only"))
    let results = try JSONDecoder().decode(Results.self, from: Data(outcome.output.utf8))
    let tests = results.checklists[0].tests
    #expect(tests.first { $0.test == "a number implies any" }?.cases == 0)
    #expect(tests.first { $0.test == "not both of an order" }?.failureRate?.value == 1)
  }

  @Test func whatCannotBeDone() throws {
    let folder = try tasks()
    let world = try World.shared.get()
    let more = ["--tasks", folder.path, "--data", folder.path]
    try Graft.expectFailure(
      64,
      ["stress", "make", "--task", "how-many", "--checklist", "question-answering", "--output", "\(folder.path)/x"]
        + more, says: ["no fixed choices", "stress evaluate"])
    try Graft.expectFailure(
      64, ["stress", "evaluate", "--checkpoint", world.run, "--task", "is-there", "--transform", "typo"] + more,
      says: ["one of question", "checklists"])
  }
}
