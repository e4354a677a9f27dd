import Foundation
import Records
import Support
import TaskRegistry
import TestSupport
import Testing

@testable import StressTesting

/// Checklists of questions, some of which depend on the model's own answers.
@Suite struct QuestionChecklistTests {
  static let text = """
    checklist: questions
    version: 1
    for: question
    lexicon:
      animal: [dogs, cats]
      color: [red, blue, green]
    tests:
      - name: a number implies any
        capability: quantity
        type: consistency
        rows:
          many: {context: "Two {animal}.", question: "How many {animal}?"}
          any: {context: "Two {animal}.", question: "Any {animal}?"}
          same: {context: "Two {animal}.", question: "Are there {many-answer}?"}
          other: {context: "Two {animal}.", question: "Are there {many-other}?"}
        if: {many: number}
        then: {any: "yes", same: "yes", other: "no"}
      - name: colours
        capability: vocabulary
        type: minimum-functionality
        templates: [{context: "It is {color}.", question: "What color?"}]
        expect: "{color}"
      - name: who and what
        capability: roles
        type: consistency
        rows:
          what: {context: "It is {color}.", question: "What color?"}
          again: {context: "It is {color}.", question: "What is {what-answer}, or {what-other}?"}
        if: {what: anything}
        then: {again: ["{what-answer}", it]}
    """

  static func checklist(_ text: String = text) throws -> Checklist {
    try Checklist(YAMLValue(parsing: text, file: "c.yaml"), path: "c.yaml")
  }

  struct Tasks {
    let folder: TestFolder
    let open: TaskDefinition
    let yesNo: TaskDefinition

    init() throws {
      let folder = try TestFolder()
      self.folder = folder
      try folder.write("d.jsonl", "")
      for (name, context, answers) in [
        ("open", "context", "output: text\nmetrics: [squad-em]"),
        ("yes-no", "passage", "choices: [\"False\", \"True\"]\nmetrics: [accuracy]"),
      ] {
        try folder.write(
          "\(name).yaml",
          """
          task: \(name)
          version: 1
          source:
            folder: .
            format: jsonl
            fields: {\(context): \(context), question: question, answer: answer}
            label: answer
          splits: {test: d.jsonl}
          inputs: "\(name) \(context): {\(context)} question: {question}"
          targets: "{answer}"
          \(answers)
          """)
      }
      let catalog = try TaskCatalog(directories: [folder.path])
      open = try catalog.task(named: "open")
      yesNo = try catalog.task(named: "yes-no")
    }
  }

  @Test func formsOfTasks() throws {
    let tasks = try Tasks()
    let open = try TaskShape(tasks.open)
    #expect(open.kind == .question && open.choices.isEmpty && open.field(.context) == "context")
    let yesNo = try TaskShape(tasks.yesNo)
    #expect(yesNo.kind == .question && yesNo.choices == ["False", "True"] && yesNo.field(.context) == "passage")
    for name in StressTransforms.registry.names {
      #expect(try !StressTransforms.registry(name).fits.contains(.question))
    }
  }

  /// A model that answers by a table of questions, and what it was asked.
  final class Speaker {
    var answers: [(question: String, answer: String)]
    var asked: [(task: String, inputs: [String])] = []

    init(_ answers: [(question: String, answer: String)]) { self.answers = answers }

    func answer(_ examples: [Example], _ task: TaskDefinition) -> [Prediction] {
      asked.append((task.name, examples.map(\.inputs)))
      return examples.map { example in
        let text = answers.first { example.inputs.contains($0.question) }?.answer ?? ""
        return Prediction(text: text, choice: task.choices?.firstIndex(of: text))
      }
    }
  }

  func scores(_ speaker: Speaker, yesOrNo: Bool = false) throws -> [ChecklistScore] {
    let tasks = try Tasks()
    var run = try ChecklistRun(
      Self.checklist(), task: tasks.open, yesOrNo: yesOrNo ? tasks.yesNo : nil, seed: 0)
    let answers = try run.answers { (examples, task) throws(GraftError) in speaker.answer(examples, task) }
    #expect(zip(run.cases, answers).allSatisfy { $0.examples.count == $1.count })
    return try run.score(answers)
  }

  @Test func laterQuestionsAskAboutEarlierAnswers() throws {
    let speaker = Speaker([
      ("How many dogs", "Two dogs."), ("How many cats", "3"), ("Any dogs", "yes"), ("Any cats", "Yes, there are"),
      ("Are there two?", "yes"), ("Are there three?", "no"), ("Are there 3?", "true"), ("Are there 4?", "no."),
      ("It is red. question: What color", "Red"), ("It is blue. question: What color", "the blue"),
      ("It is green. question: What color", "red"), ("What is Red, or blue?", "it"),
      ("What is the blue, or green?", "Blue"), ("What is red, or blue?", "blue"),
    ])
    let found = try scores(speaker)
    #expect(found.map(\.cases) == [2, 3, 3] && found.map(\.tested) == [2, 3, 3])
    #expect(found[0].failureRate?.value == 0, "\(found[0].failures)")
    #expect(found[1].failureRate?.value == 1.0 / 3)
    // One says "it", one what was said before, one the other colour.
    #expect(found[2].failureRate?.value == 1.0 / 3)
    #expect(found[2].failures[0].answers == ["red", "blue"])
    #expect(found[2].failures[0].inputs.last == "open context: It is green. question: What is red, or blue?")
    // Everything that can be asked is asked at once.
    #expect(speaker.asked.count == 3)
  }

  @Test func inconsistentAnswersFail() throws {
    for (question, answer) in [("Any dogs", "no"), ("Are there two?", "no"), ("Are there three?", "yes")] {
      let speaker = Speaker([
        (question, answer), ("How many dogs", "two"), ("How many cats", "none"), ("Any dogs", "yes"),
        ("Are there two?", "yes"), ("Are there three?", "no"),
      ])
      let found = try scores(speaker)
      // Of cats nothing follows: the condition is not met, and nothing further is asked.
      #expect(found[0].cases == 2 && found[0].tested == 1 && found[0].failureRate?.value == 1, "\(question)")
      #expect(!speaker.asked.flatMap(\.inputs).contains { $0.contains("cats. question: Are there") })
    }
  }

  /// Where there is nothing to ask about, a case is not tested.
  @Test func answersOfNoListHaveNoOther() throws {
    let found = try scores(Speaker([("It is red. question: What color", "mauve"), ("It is blue.", "")]))
    #expect(found[2].tested == 0 && found[2].failureRate == nil)
  }

  @Test func yesAndNoAreAskedAsAnotherTask() throws {
    let speaker = Speaker([
      ("How many", "two"), ("Any", "True"), ("Are there two?", "True"), ("Are there three?", "False"),
    ])
    let found = try scores(speaker, yesOrNo: true)
    #expect(found[0].tested == 2 && found[0].failureRate?.value == 0)
    for (task, inputs) in speaker.asked {
      for input in inputs {
        #expect((task == "yes-no") == (input.contains("Any") || input.contains("Are there")), "\(task): \(input)")
        #expect(input.hasPrefix("\(task) \(task == "open" ? "context" : "passage"): "))
      }
    }
    // The one alone cannot say how many there are.
    let tasks = try Tasks()
    let alone = try ChecklistRun(Self.checklist(), task: tasks.yesNo, seed: 0)
    #expect(alone.cases.isEmpty && alone.checklist.tests.allSatisfy { !alone.canAsk($0) })
  }

  @Test func yesAndNoHaveLabels() throws {
    let tasks = try Tasks()
    let checklist = try Self.checklist(
      """
      checklist: q
      version: 1
      for: question
      tests:
        - {name: a, capability: b, type: minimum-functionality, templates: [{context: c, question: q}], expect: "no"}
      """)
    let run = try ChecklistRun(checklist, task: tasks.yesNo, seed: 0)
    #expect(run.cases[0].examples[0].targets == "False")
    #expect(try run.labelledSet().members.map(\.expected) == [["False"]])
    #expect(throws: GraftError.self) { try ChecklistRun(checklist, task: StressedTask.sentence().task, seed: 0) }
  }

  @Test(arguments: [
    ("Two dogs.", 2), ("2", 2), ("two", 2), ("none", 0), ("There are 12 of them", 12), ("one", 1), ("0", 0),
  ]) func numbers(_ text: String, _ number: Int) {
    #expect(AnswerText(text).number == number)
  }

  @Test(arguments: ["two or three", "dogs", "", "second", "02"]) func noNumbers(_ text: String) {
    #expect(AnswerText(text).number == nil)
  }

  @Test func answersAreComparedByTheirWords() throws {
    #expect(AnswerText("The two Dogs!").normal == AnswerText("2 dogs").normal)
    // The Kelvin sign is no K, and a composed letter is other bytes than a decomposed one.
    #expect(AnswerText("caf\u{E9}").normal != AnswerText("cafe\u{301}").normal)
    #expect(AnswerText("Yes, it is").isYes && AnswerText("FALSE").isNo && !AnswerText("nobody").isNo)
    #expect(AnswerText.areYesAndNo(["True", "False"]) && AnswerText.areYesAndNo(["no", "yes"]))
    #expect(!AnswerText.areYesAndNo(["yes", "no", "maybe"]) && !AnswerText.areYesAndNo(["yes", "true"]))
    let lexicon = try Self.checklist().lexicon
    #expect(AnswerText("Green.").other(in: lexicon) == "red" && AnswerText("9").other(in: lexicon) == "10")
    #expect(AnswerText("twenty").other(in: lexicon) == "21" && AnswerText("one").other(in: lexicon) == "two")
    #expect(AnswerText("999999999999999999").other(in: lexicon) == nil)
  }

  @Test(arguments: [
    ("type: minimum-functionality", "type: invariance", "minimum-functionality or consistency"),
    ("{many-answer}", "{mny-answer}", "unknown list of the lexicon"),
    ("then: {any", "then: {ayn", "did you mean 'any'?"),
    ("expect: \"{color}\"", "expect: \"{colr}\"", "did you mean 'color'?"),
    ("question: \"Any {animal}?\"", "question: \"Any {same-answer}?\"", "unknown"),
    ("if: {many: number}", "if: {many: \"{many-answer}\"}", "unknown"),
  ]) func errorsSayWhere(_ old: String, _ new: String, _ says: String) throws {
    let damaged = Self.text.replacingOccurrences(of: old, with: new)
    #expect(damaged != Self.text)
    do {
      _ = try Self.checklist(damaged)
      Issue.record("\(new) was read")
    } catch let error as GraftError {
      #expect(error.code == .badData && error.location?.line != nil)
      #expect(error.description.contains(says), "\(error)")
    }
  }

  @Test func rowsThatAskAboutAnswersComeLast() throws {
    let damaged = Self.text.replacingOccurrences(
      of: "question: \"Are there {many-other}?\"", with: "question: \"Are there any?\"")
    do {
      _ = try Self.checklist(damaged)
      Issue.record("was read")
    } catch let error as GraftError {
      #expect(error.message.contains("asks about no answer") && error.hint?.contains("last") == true)
    }
  }
}
