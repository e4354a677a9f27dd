import Foundation
import Records
import Support
import TaskRegistry
import TestSupport
import Testing

@testable import StressTesting

@Suite struct ChecklistTests {
  static let text = """
    checklist: small
    version: 1
    for: inference
    description: for tests
    lexicon:
      animal: [dog, owl, cat]
      pair: [{special: dog, general: animal}, {special: oak, general: tree}]
    tests:
      - name: more general
        capability: vocabulary
        type: minimum-functionality
        templates: [{premise: "A(n) {pair-special}.", hypothesis: "a(n) {pair-general}."}]
        expect: entailment
      - name: others
        capability: robustness
        type: invariance
        templates: [{premise: "The {animal} runs.", hypothesis: "A(n) {animal} is here."}]
        vary: [animal]
        change: [word-overlap]
        variants: [{premise: "The {animal} runs now.", hypothesis: "It is here."}]
      - name: denied
        capability: negation
        type: directional
        templates: [{premise: "The {animal1} sees the {animal2}.", hypothesis: "It does."}]
        variants: [{premise: "The {animal1} sees the {animal2}.", hypothesis: "It does not."}]
        expect: {probability: entailment, must-not: rise}
        tolerance: 0.2
      - name: symmetric
        capability: logic
        type: consistency
        rows:
          forward: {premise: "{animal1}", hypothesis: "{animal2}"}
          backward: {premise: "{animal2}", hypothesis: "{animal1}"}
        if: {forward: contradiction}
        then: {backward: [contradiction, neutral]}
        cases: 4
    """

  static func checklist(_ text: String = text) throws -> Checklist {
    try Checklist(YAMLValue(parsing: text, file: "c.yaml"), path: "c.yaml")
  }

  @Test func casesAreFilled() throws {
    let stressed = try StressedTask.inference()
    let run = try ChecklistRun(Self.checklist(), task: stressed.task, seed: 0)
    func cases(_ test: Int) -> [[String]] {
      run.cases.filter { $0.test == test }.map { $0.examples.map(\.inputs) }
    }
    #expect(
      cases(0) == [
        ["premise: A dog. hypothesis: an animal."], ["premise: An oak. hypothesis: a tree."],
      ])
    #expect(run.cases[0].examples[0].targets == "entailment")
    #expect(run.cases[0].examples[0].groups == ["capability": "vocabulary", "test": "more general"])
    #expect(cases(1).count == 3)
    #expect(
      cases(1)[1] == [
        "premise: The owl runs. hypothesis: An owl is here.",
        "premise: The owl runs now. hypothesis: It is here.",
        "premise: The dog runs. hypothesis: A dog is here.",
        "premise: The cat runs. hypothesis: A cat is here.",
        "premise: The owl runs. hypothesis: An owl is here and true is true.",
      ])
    // Two different animals, in either order.
    #expect(cases(2).count == 6 && cases(2).allSatisfy { $0.count == 2 })
    #expect(cases(3).count == 4, "four of six")
    #expect(Set(run.cases.flatMap(\.examples).map(\.identifier)).count == run.cases.flatMap(\.examples).count)
    let again = try ChecklistRun(Self.checklist(), task: stressed.task, seed: 0)
    #expect(again.cases.map(\.examples) == run.cases.map(\.examples))
    let set = try run.labelledSet()
    #expect(set.members.count == 2 && set.offered == run.cases.count)
  }

  func answer(_ choice: Int, _ probability: Double = 0.9) -> Prediction {
    var scores = [Double](repeating: log((1 - probability) / 2), count: 3)
    scores[choice] = log(probability)
    return Prediction(text: StressedTask.three[choice], choice: choice, choiceScores: scores)
  }

  @Test func failuresAsDefined() throws {
    let stressed = try StressedTask.inference()
    let run = try ChecklistRun(Self.checklist(), task: stressed.task, seed: 0)
    var answers = run.cases.map { $0.examples.map { _ in answer(0) } }
    func scores() throws -> [ChecklistScore] { try run.score(answers) }
    #expect(
      try scores().map(\.failureRate?.value) == [0, 0, 0, nil],
      "no contradiction, nothing to test symmetry on")
    #expect(try scores()[3].tested == 0)

    answers[1][0] = answer(1)
    #expect(try scores()[0].failureRate?.value == 0.5)
    #expect(try scores()[0].failures[0].answers == ["neutral"])

    // Invariance: a flip from .9 to .05 fails; one from .4 to .35 does not, though the answer is another.
    let invariance = run.cases.indices.filter { run.cases[$0].test == 1 }
    answers[invariance[0]][3] = answer(2)
    answers[invariance[1]][0] = answer(0, 0.4)
    for index in 1...4 {
      answers[invariance[1]][index] = Prediction(
        text: "neutral", choice: 1, choiceScores: [log(0.35), log(0.45), log(0.2)])
    }
    #expect(try scores()[1].failureRate?.value == 1 / 3)
    #expect(try scores()[1].failures[0].answers == ["entailment", "contradiction"])

    // Direction: from .5 to .65 is within .2, to .9 is not.
    let directional = run.cases.indices.filter { run.cases[$0].test == 2 }
    answers[directional[0]] = [answer(0, 0.5), answer(0, 0.65)]
    answers[directional[1]] = [answer(0, 0.5), answer(0, 0.9)]
    answers[directional[2]] = [answer(0, 0.9), answer(0, 0.1)]
    #expect(try scores()[2].failureRate?.value == 1 / 6)

    // Consistency: two conditions are met, and one conclusion is not.
    let consistency = run.cases.indices.filter { run.cases[$0].test == 3 }
    answers[consistency[0]] = [answer(2), answer(0)]
    answers[consistency[1]] = [answer(2), answer(1)]
    #expect(try scores()[3].tested == 2 && scores()[3].failureRate?.value == 0.5)
    let rate = try #require(ChecklistRun.rate(try scores()))
    #expect(abs(rate - Double(1 + 1 + 1 + 1) / Double(2 + 3 + 6 + 2)) < 1e-12)
    #expect(ChecklistRun.rate([]) == nil)
  }

  @Test func twoWayTasksMergeLabels() throws {
    let stressed = try StressedTask.inference(choices: ["entailment", "not_entailment"])
    let run = try ChecklistRun(Self.checklist(), task: stressed.task, seed: 0)
    let labels = ChecklistTest.Labels(
      names: ["contradiction", "neutral"], location: SourceLocation(file: "c.yaml"))
    #expect(try ChecklistRun.choices(labels, run.shape) == [1])
  }

  @Test func checklistsFitTheirTask() throws {
    #expect(throws: GraftError.self) {
      try ChecklistRun(Self.checklist(), task: try StressedTask.sentence().task, seed: 0)
    }
    let sentiment = try Self.checklist(
      """
      checklist: s
      version: 1
      for: sentence
      tests: [{name: a, capability: b, type: minimum-functionality, templates: [fine], expect: postive}]
      """)
    do {
      _ = try ChecklistRun(sentiment, task: try StressedTask.sentence().task, seed: 0)
      Issue.record("no such label")
    } catch let error as GraftError {
      #expect(error.hint?.contains("did you mean 'positive'?") == true)
      #expect(error.location?.description == "c.yaml:4:90")
    }
  }

  @Test(arguments: [
    ("for: inference", "for: infrence", "4:", "did you mean 'inference'?"),
    ("capability: logic", "capabilty: logic", "", "did you mean 'capability'?"),
    ("type: consistency", "type: consistancy", "", "did you mean 'consistency'?"),
    ("{pair-special}", "{pair-specail}", "", "did you mean 'pair-special'?"),
    ("The {animal} runs.", "The {anmal} runs.", "", "did you mean 'animal'?"),
    ("expect: entailment", "expect: entailmnt", "", "did you mean 'entailment'?"),
    ("[word-overlap]", "[word-overlop]", "", "did you mean 'word-overlap'?"),
    ("[word-overlap]", "[antonym]", "", "cannot be used"), ("must-not: rise", "must-not: ris", "", "'rise'"),
    ("if: {forward", "if: {forwards", "", "did you mean 'forward'?"),
    ("vary: [animal]", "vary: [pair]", "", "animal"),
    ("[dog, owl, cat]", "[dog, dog]", "", "twice"), ("[dog, owl, cat]", "[]", "", "empty"),
    ("cases: 4", "cases: 0", "", "'cases' is from 1"), ("tolerance: 0.2", "tolerance: 2", "", "from 0 to 1"),
    ("checklist: small", "checklist: Small", "", "cannot name"),
    ("version: 1", "version: 0", "", "1 or more"),
    ("special: oak, general: tree", "special: oak", "", "same keys"),
    ("name: denied", "name: others", "", "taken"),
    ("    change: [word-overlap]\n", "    expect: neutral\n", "", "key"),
  ]) func errorsSayWhere(_ old: String, _ new: String, _ place: String, _ says: String) throws {
    let damaged = Self.text.replacingOccurrences(of: old, with: new)
    #expect(damaged != Self.text)
    do {
      _ = try Self.checklist(damaged)
      Issue.record("\(new) was read")
    } catch let error as GraftError {
      #expect(error.code == .badData)
      #expect(error.location?.file == "c.yaml" && error.location?.line != nil, "\(error)")
      #expect(error.description.contains(says), "\(error)")
    }
  }

  @Test(.tags(.slow)) func shippedChecklistsHold() throws {
    let catalog = try RealData.catalog()
    let checklists = try catalog.checklistPaths.map { try Checklist(path: $0) }
    #expect(checklists.map(\.name).sorted() == ["inference", "paraphrase", "question-answering", "sentiment"])
    for checklist in checklists {
      let stressed =
        switch checklist.kind {
        case .inference: try StressedTask.inference()
        case .paraphrase, .pair: try StressedTask.paraphrase()
        case .sentence: try StressedTask.sentence()
        case .question: try StressedTask(fields: ["context", "question"], output: "text")
        }
      let run = try ChecklistRun(checklist, task: stressed.task, seed: 0)
      for (index, test) in checklist.tests.enumerated() {
        let own = run.cases.filter { $0.test == index }
        #expect(own.count >= 10, "\(checklist.name): \(test.name) has \(own.count) cases")
        for text in own.flatMap(\.examples).map(\.inputs) {
          #expect(!text.contains("{") && !text.contains("a(n)") && !text.contains("  "), "\(text)")
        }
      }
    }
  }

  /// Damaged checklists are read, or answered with an error that says where; none ends the process.
  @Test(.tags(.slow), arguments: 0..<4) func mutations(_ seed: UInt64) throws {
    let stressed = try StressedTask.inference()
    let rounds = ProcessInfo.processInfo.environment["GRAFT_MUTATIONS"].flatMap { Int($0) } ?? 150
    var generator = RandomKeyGenerator(seed)
    var refused = 0
    for _ in 0..<rounds {
      let bytes = mutated(Array(Self.text.utf8), &generator)
      do {
        let checklist = try Self.checklist(String(decoding: bytes, as: UTF8.self))
        _ = try ChecklistRun(checklist, task: stressed.task, seed: seed).labelledSet()
      } catch let error as GraftError {
        refused += 1
        #expect(!error.message.isEmpty)
        #expect(error.code == .badData || error.code == .usage, "\(error)")
        #expect(error.location?.file == "c.yaml" || error.code == .usage, "\(error)")
      }
    }
    #expect(refused > rounds / 3)
  }
}
