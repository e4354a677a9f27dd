import Foundation
import Records
import Scoring
import Support
import TaskRegistry
import TestSupport
import Testing

/// The evaluation of HANS and Breaking NLI as published, by the shipped definitions, on predictions made up to have
/// published figures.
@Suite struct PublishedEvaluationTests {
  static let heuristics = ["lexical_overlap", "subsequence", "constituent"]

  static let catalog = Result { try RealData.catalog() }

  func suite(_ name: String) throws -> (suite: SuiteDefinition, task: TaskDefinition) {
    let catalog = try Self.catalog.get()
    return (try catalog.suite(named: name), try catalog.task(named: "nli"))
  }

  func example(_ label: String, _ groups: [String: String], of suite: SuiteDefinition) -> Example {
    Example(
      identifier: "made/up/1", inputs: "", targets: label, groups: groups, choice: suite.choices.exactIndex(of: label))
  }

  /// `count` examples for each heuristic and label, in five subcases each, as HANS has them.
  func hans(_ count: Int, _ suite: SuiteDefinition) -> [Example] {
    var examples: [Example] = []
    for heuristic in Self.heuristics {
      for label in ["non-entailment", "entailment"] {
        for row in 0..<count {
          let subcase = "\(heuristic.prefix(1))\(label.prefix(1))_\(row % 5)"
          examples.append(example(label, ["heuristic": heuristic, "subcase": subcase], of: suite))
        }
      }
    }
    return examples
  }

  /// The figures that the authors' evaluator gives for their models' own prediction files: BERT and ESIM, entailed and
  /// not entailed, by heuristic.
  @Test(
    .tags(.slow),
    arguments: [
      [[0.946, 0.164], [0.993, 0.039], [0.984, 0.161]],
      [[0.982, 0.010], [0.998, 0.018], [0.985, 0.008]],
    ])
  func sixAccuraciesOfHANS(_ rates: [[Double]]) throws {
    let count = 1000
    let (suite, task) = try suite("hans")
    let examples = hans(count, suite)
    let answers = examples.enumerated().map { index, example -> Prediction in
      let rates = rates[index / (2 * count)]
      let isEntailed = example.targets == "entailment"
      let isRight = index % count < Int(((isEntailed ? rates[0] : rates[1]) * Double(count)).rounded())
      // What is no entailment is neutral or contradiction, and both mean the same here.
      let other = index % 2 == 0 ? "neutral" : "contradiction"
      return Prediction(text: isEntailed == isRight ? "entailment" : other)
    }
    let report = try suite.score(
      answers, examples, through: task, bootstrap: BootstrapOptions(resamples: 0))
    for (heuristic, rates) in zip(Self.heuristics, rates) {
      for (label, rate) in zip(["entailment", "non-entailment"], rates) {
        #expect(
          report.group("heuristic", heuristic, label: label)?.score.value == rate, "\(heuristic) \(label)")
      }
    }
    let mean = rates.joined().reduce(0, +) / 6
    #expect(abs((report.primary?.value ?? 0) - mean) < 1e-12)
    #expect(report.groups.filter { $0.group == "subcase" }.count == 30)
    // Answers that were not ranked have no probabilities to add up.
    #expect(report[SuiteDefinition.summedAccuracy] == nil)
  }

  @Test(arguments: ["entailment", "neutral", "contradiction"])
  func aConstantAnswerHasHalf(_ answer: String) throws {
    let (suite, task) = try suite("hans")
    let examples = hans(5, suite)
    let report = try suite.score(examples.map { _ in Prediction(text: answer) }, examples, through: task)
    #expect(report.primary?.value == 0.5)
    #expect(report.group("label", "entailment")?.score.value == (answer == "entailment" ? 1 : 0))
    #expect(report.group("label", "non-entailment")?.score.value == (answer == "entailment" ? 0 : 1))
  }

  /// Entailment .4, neutral .3, contradiction .3: after the decision that is entailment, before it non-entailment.
  @Test func addingUpBeforeTheDecisionIsGentler() throws {
    let (suite, task) = try suite("hans")
    let examples = hans(5, suite)
    let choices = try #require(task.choices)
    let probabilities = ["entailment": 0.4, "neutral": 0.3, "contradiction": 0.3]
    let answer = Prediction(choices, scores: choices.map { log(probabilities[$0] ?? 0) })
    let report = try suite.score(examples.map { _ in answer }, examples, through: task)
    #expect(report.group("label", "non-entailment")?.score.value == 0)
    #expect(
      report.groups.first {
        $0.group == "label" && $0.value == "non-entailment"
          && $0.score.name == "accuracy-summed"
      }?.score.value == 1)
    #expect(report["accuracy-summed"]?.value == 0.5)
    // A sure answer is the same both ways.
    let sure = Prediction(choices, scores: choices.map { $0 == "neutral" ? 0 : -20 })
    let other = try suite.score(examples.map { _ in sure }, examples, through: task)
    #expect(other["accuracy-summed"]?.value == other.primary?.value)
    #expect(suite.seeds == 5)
  }

  /// With 87 % contradictions accuracy says little; scores stand by label and by category.
  @Test func breakingNLIByLabelAndCategory() throws {
    let (suite, task) = try suite("breaking-nli")
    var examples: [Example] = []
    for (label, category, count) in [
      ("contradiction", "antonyms", 6), ("contradiction", "colors", 2), ("entailment", "synonyms", 3),
      ("neutral", "synonyms", 1),
    ] {
      for _ in 0..<count { examples.append(example(label, ["category": category], of: suite)) }
    }
    let report = try suite.score(
      examples.map { _ in Prediction(text: "contradiction") }, examples, through: task)
    #expect(report.primary?.value == 8.0 / 12)
    #expect(report.group("label", "contradiction")?.score.value == 1)
    #expect(report.group("label", "entailment")?.score.value == 0)
    #expect(report.group("category", "colors")?.score.value == 1)
    #expect(report.group("category", "synonyms")?.count == 4)
    #expect(report.group("category", "synonyms", label: "neutral")?.count == 1)
    // Nothing is collapsed, so there is nothing to add up.
    #expect(report["accuracy-summed"] == nil)
  }
}
