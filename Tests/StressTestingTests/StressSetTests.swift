import Foundation
import Records
import Scoring
import Support
import TaskRegistry
import TestSupport
import Testing

@testable import StressTesting

@Suite struct StressSetTests {
  static let rows = [
    ["A dog is asleep.", "A dog is here.", "entailment"], ["A man is big.", "He is tall.", "neutral"],
    ["A cat is asleep.", "It barks.", "contradiction"],
  ]

  @Test func formsOfTasks() throws {
    let inference = try TaskShape(StressedTask.inference().task)
    #expect(inference.kind == .inference && inference.labels?.isThreeWay == true)
    let rte = try StressedTask(
      fields: ["sentence1", "sentence2"], choices: ["entailment", "not_entailment"])
    let two = try TaskShape(rte.task)
    #expect(two.kind == .inference && two.field(.hypothesis) == "sentence2")
    #expect(two.labels?[.neutral] == "not_entailment" && two.labels?[.contradiction] == "not_entailment")
    #expect(try TaskShape(StressedTask.paraphrase().task).field(.second) == "sentence2")
    #expect(try TaskShape(StressedTask.sentence().task).roles == [.text])
    let three = try StressedTask(fields: ["question", "context", "answer"], choices: ["a", "b"])
    let form = try StressedTask(fields: ["sentence"], choices: ["a", "b"], tags: "[acceptability]")
    for stressed in [three, form] { #expect(throws: GraftError.self) { try TaskShape(stressed.task) } }
  }

  /// Own names tell which text is judged where they are numbered; else only how the texts are written may change.
  @Test(arguments: [
    (["text_a", "text_b"], ["entailment", "neutral", "contradiction"], "", TaskShape.Kind.inference, "text_a"),
    (["s2", "s1"], ["entailment", "no"], "", .inference, "s1"),
    (["claim", "evidence"], ["entailment", "no"], "", .pair, "claim"),
    (["question", "answer"], ["yes", "no"], "", .pair, "question"),
    (["text_a", "text_b"], ["same", "other"], "", .pair, "text_a"),
    (["left", "right"], ["same", "other"], "[paraphrase]", .paraphrase, "left"),
    (["sentence2", "sentence1"], ["same", "other"], "", .paraphrase, "sentence1"),
  ])
  func ownNamesOfFields(
    _ fields: [String], _ choices: [String], _ tags: String, _ kind: TaskShape.Kind, _ first: String
  ) throws {
    let stressed = try StressedTask(fields: fields, choices: choices, tags: tags.isEmpty ? "[]" : tags)
    let shape = try TaskShape(stressed.task)
    #expect(shape.kind == kind && shape.field(shape.roles[0]) == first)
    guard kind == .pair else { return }
    let maker = try StressSetMaker(task: stressed.task, resources: StressResources(), seed: 0)
    #expect(StressSetMaker.transforms(fitting: kind).contains("typo"))
    let error = #expect(throws: GraftError.self) { try maker.transform(named: "negate-hypothesis") }
    #expect(error?.hint?.contains("premise and hypothesis") == true && error?.hint?.contains("lowercase") == true)
  }

  @Test func setsKeepTheirOriginals() throws {
    let stressed = try StressedTask.inference(Self.rows)
    let maker = try StressSetMaker(task: stressed.task, resources: StressResources(), seed: 0)
    let examples = try stressed.examples()
    let set = try maker.make("negate-hypothesis", from: examples)
    #expect(set.offered == 3 && set.members.count == 2)
    #expect(set.notApplicable == ["no single auxiliary verb to negate": 1])
    #expect(set.members[0].original == examples[0])
    #expect(set.members[0].changed.inputs == "premise: A dog is asleep. hypothesis: A dog is not here.")
    #expect(set.members[0].changed.targets == "contradiction")
    #expect(set.members[0].changed.identifier == "t/test/1+negate-hypothesis")
    #expect(set.members.map(\.isPreserved) == [false, true] && !set.isPreserved)
    // What is drawn depends on an example alone.
    let spelled = try maker.make("spelling", from: examples).members
    let alone = try maker.make("spelling", from: [examples[1]]).members
    #expect(alone.first == spelled.first { $0.original == examples[1] })
    let other = try StressSetMaker(task: stressed.task, resources: StressResources(), seed: 1)
    #expect(try other.make("typo", from: examples).members != maker.make("typo", from: examples).members)
  }

  @Test func whatThePreprocessingUndoesIsNoChange() throws {
    let stressed = try StressedTask(
      fields: ["sentence"], choices: ["a", "b"], rows: [["Good film", "a"]], preprocess: "[trim, lowercase]")
    let maker = try StressSetMaker(task: stressed.task, resources: StressResources(), seed: 0)
    let set = try maker.make("uppercase", from: stressed.examples())
    #expect(set.members.isEmpty)
    #expect(set.notApplicable == ["the task's own preprocessing undoes it": 1])
  }

  @Test func transformsMustFitTheTask() throws {
    let stressed = try StressedTask.sentence([["good", "positive"]])
    let maker = try StressSetMaker(task: stressed.task, resources: StressResources(), seed: 0)
    do {
      _ = try maker.make("numerical", from: stressed.examples())
      Issue.record("numbers are for inference")
    } catch let error as GraftError {
      #expect(error.code == .usage && error.hint?.contains("word-overlap") == true)
    }
    let unlabelled = Example(identifier: "x", inputs: "x", targets: TaskDefinition.unlabelledTarget)
    #expect(throws: GraftError.self) { try maker.make("typo", from: [unlabelled]) }
  }

  @Test func labelsAreMerged() {
    let three = StressedTask.three
    let none = MergedLabels(choices: three, expected: [["entailment"], ["neutral"]])
    #expect(none.classes == three && none.collapse.isEmpty)
    let merged = MergedLabels(choices: three, expected: [["contradiction"], ["entailment", "neutral"]])
    #expect(merged.classes == ["entailment-or-neutral", "contradiction"])
    #expect(merged("neutral") == "entailment-or-neutral" && merged("contradiction") == "contradiction")
    let all = MergedLabels(
      choices: three, expected: [["contradiction", "neutral"], ["entailment", "neutral"]])
    #expect(all.classes == ["entailment-or-neutral-or-contradiction"])
  }

  @Test func setsTogetherAreBalanced() throws {
    let stressed = try StressedTask.inference(
      (0..<20).map { ["A man is \($0).", "A man is here.", $0 < 15 ? "entailment" : "contradiction"] })
    let maker = try StressSetMaker(task: stressed.task, resources: StressResources(), seed: 0)
    let examples = try stressed.examples()
    let names = ["word-overlap", "negation"]
    let one = try maker.together(names, from: examples, name: "both")
    #expect(one.members.count == 20 && one.offered == 40 && one.design == nil)
    #expect(one.members.count { $0.expected == ["entailment"] } == 10)
    #expect(try maker.together(names, from: examples, name: "both") == one)
  }

  // MARK: Scores

  func prediction(_ choice: Int, _ probability: Double) -> Prediction {
    var scores = [log((1 - probability) / 2), log((1 - probability) / 2), log((1 - probability) / 2)]
    scores[choice] = log(probability)
    return Prediction(text: StressedTask.three[choice], choice: choice, choiceScores: scores)
  }

  @Test func fallsAndFlips() throws {
    let stressed = try StressedTask.inference(
      (0..<4).map { ["A man is \($0).", "A man is here.", "entailment"] })
    let maker = try StressSetMaker(task: stressed.task, resources: StressResources(), seed: 0)
    let set = try maker.make("negation", from: stressed.examples())
    // The first stays right; the second flips far, the third by a hair; the fourth is wrong both times.
    let before = [prediction(0, 0.9), prediction(0, 0.9), prediction(0, 0.51), prediction(2, 0.8)]
    let after = [prediction(0, 0.6), prediction(2, 0.9), prediction(1, 0.51), prediction(2, 0.4)]
    let score = try #require(
      try StressScore(set, originals: before, changed: after, choices: StressedTask.three))
    #expect(score.original.value == 0.75 && score.transformed.value == 0.25)
    #expect(score.change.value == -0.5)
    #expect(score.consistency.value == 0.25)
    #expect(score.flips?.value == 0.5)
    // From .51 to .245: both flips move the first answer's probability by a tenth at least.
    #expect(score.failures?.value == 0.5)
    #expect(score.byLabel["entailment"]?.value == 0.25)
    let interval = try #require(score.change.interval)
    #expect(interval.lower <= -0.5 && interval.upper >= -0.5 && interval.lower >= -1)
    // Nothing changes: no fall, no flip.
    let same = try #require(
      try StressScore(set, originals: before, changed: before, choices: StressedTask.three))
    #expect(
      same.change.value == 0 && same.change.interval?.lower == 0 && same.p == 1 && same.flips?.value == 0)
    let empty = StressSet(name: "x", members: [], offered: 4, notApplicable: [:])
    #expect(try StressScore(empty, originals: [], changed: [], choices: StressedTask.three) == nil)
  }

  @Test func severalLabelsMayBeRight() throws {
    let stressed = try StressedTask.inference([["a", "b", "entailment"], ["c", "d", "contradiction"]])
    let maker = try StressSetMaker(task: stressed.task, resources: StressResources(), seed: 0)
    let set = try maker.make("swap-pair", from: stressed.examples())
    let answers = [prediction(0, 0.9), prediction(2, 0.9)]
    let score = try #require(
      try StressScore(
        set, originals: answers, changed: [prediction(1, 0.9), prediction(2, 0.9)],
        choices: StressedTask.three))
    #expect(score.transformed.value == 1)
    #expect(score.flips?.value == 0, "only the contradiction has to keep its label")
    #expect(score.byLabel.keys.sorted() == ["contradiction", "entailment-or-neutral"])
    // Of two equally probable answers one is right: half a point.
    var tied = prediction(0, 0.4)
    tied.tiedChoices = [0, 2]
    let half = try #require(
      try StressScore(set, originals: answers, changed: [tied, answers[1]], choices: StressedTask.three))
    #expect(half.transformed.value == 0.75)
  }

  @Test func probabilitiesFromScores() {
    let answer = Prediction(text: "", choice: 0, choiceScores: [log(0.03), log(0.01)])
    let found = Probabilities.of(answer)
    #expect(found.map { abs($0[0] - 0.75) < 1e-12 } == true)
    #expect(Probabilities.of(Prediction(text: "")) == nil)
    #expect(Probabilities.of(Prediction(text: "", choiceScores: [-.infinity, -.infinity])) == nil)
    let small = Prediction(text: "", choice: 1, choiceScores: [log(0.48), log(0.52)])
    let first = Prediction(text: "", choice: 0, choiceScores: [log(0.55), log(0.45)])
    #expect(Probabilities.isFailure(original: first, changed: small) == false, "a flip of seven hundredths")
    #expect(Probabilities.isFailure(original: first, changed: small, tolerance: 0.05) == true)
  }
}
