import Foundation
import Inference
import Records
import Support
import TaskRegistry

/// Scores as EleutherAI's lm-evaluation-harness gives them (version 0.4.13): the tasks of `Tasks/lm-eval`, whose
/// prompts are the harness's, put as it puts them (`TextCodec.harnessPositions`), and its metrics with their standard
/// errors.
public enum HarnessProtocol {
  /// What the names of its tasks begin with here.
  static let prefix = "lm-eval-"

  /// The tasks that are meant by the harness's names.
  /// - Throws: `.usage` for one that there is not, with those that there are.
  public static func tasks(_ names: [String], in catalog: TaskCatalog) throws(GraftError) -> [TaskDefinition] {
    let known = catalog.tasks.filter { $0.name.hasPrefix(prefix) }
    var found: [TaskDefinition] = []
    for name in names {
      guard let task = known.first(where: { harnessName($0) == harnessName(name) }) else {
        throw .unknownName("task of lm-eval", name, known: known.map { harnessName($0) })
      }
      found.append(task)
    }
    return found
  }

  /// As the harness calls a task: `lambada_openai`.
  public static func harnessName(_ task: TaskDefinition) -> String { harnessName(task.name) }

  private static func harnessName(_ name: String) -> String {
    (name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name).replacingOccurrences(of: "-", with: "_")
  }

  private static func scoredSplit(of task: TaskDefinition) throws(GraftError) -> String {
    guard let split = task.evaluationSplit else {
      throw GraftError(.usage, "the task '\(task.name)' has no split to be scored on", hint: "leave it out.")
    }
    return split
  }

  /// What is read of a task: the split that is scored, and the one that answered rows are drawn from if there are any.
  /// - Throws: `.usage` for a task that has none of them.
  public static func splits(of task: TaskDefinition, shots: Int) throws(GraftError) -> [String] {
    [try scoredSplit(of: task)] + (shots > 0 ? [try HarnessShots.split(of: task)] : [])
  }

  /// Puts a task to a model as the harness does.
  /// - Parameters:
  ///   - limit: how many rows at most, which are the first ones, as the harness has it.
  ///   - shots: how many answered rows stand before each prompt.
  /// - Throws: as `Evaluator.evaluate` and `HarnessShots.init`; `.usage` for a task without a split to be scored on.
  public static func evaluation(
    of task: TaskDefinition, by evaluator: Evaluator, data: DataRoot, limit: Int?, shots: Int
  ) throws(GraftError) -> Evaluation {
    let split = try scoredSplit(of: task)
    var examples = Array(try task.examples(split: split, data: data).prefix(limit ?? .max))
    if let error = task.absenceOfRows(examples, split: split, data: data) { throw error }
    if shots > 0 {
      var source = try HarnessShots(shots, of: task, data: data)
      for index in examples.indices { examples[index].prepend(source.next()) }
    }
    return try evaluator.evaluation(of: examples, task: task)
  }

  /// A score of one task.
  public struct Score: Sendable, Hashable {
    /// As the harness calls it: `acc`, `acc_norm`, `f1`, `mcc`, `perplexity`.
    public var metric: String
    public var value: Double
    /// Of the mean, where the metric is one; the harness draws samples for the others, by numbers of Python's.
    public var standardError: Double?
  }

  /// What the harness prints of a task, in alphabetical order of the metrics.
  public static func scores(_ task: TaskDefinition, _ evaluation: Evaluation) -> [Score] {
    let pairs = Array(zip(evaluation.examples, evaluation.predictions))
    var scores: [Score] = []
    if task.output == .text {
      scores.append(mean("acc", pairs.map { $0.targets.utf8.elementsEqual($1.text.utf8) }))
      let sums = pairs.map { ($1.logProbabilities ?? []).reduce(0, +) }
      scores.append(Score(metric: "perplexity", value: exp(-sums.reduce(0, +) / Double(max(1, sums.count)))))
      return scores
    }
    if !task.metricNames.contains("matthews") {
      scores.append(mean("acc", pairs.map { $0.choice == $1.choice }))
    }
    if task.choicesVary {
      // Also of tasks of which the harness does not print it. Over Unicode scalars, which is what the length of a text
      // is in Python.
      scores.append(
        mean(
          "acc_norm",
          pairs.map { example, prediction in
            let lengths = (example.candidates ?? []).map { Double(max(1, $0.targets.unicodeScalars.count)) }
            return example.choice == firstGreatest(zip(prediction.choiceScores ?? [], lengths).map(/))
          }))
    }
    for (name, metric) in [("f1", "f1"), ("macro-f1", "f1"), ("matthews", "mcc")] {
      guard let value = evaluation.report.metrics.first(where: { $0.name == name })?.value else { continue }
      scores.append(Score(metric: metric, value: value))
    }
    return scores
  }

  /// The index of the greatest value, of equals the first; nil without any.
  private static func firstGreatest(_ values: [Double]) -> Int? {
    values.indices.max { (values[$0], -$0) < (values[$1], -$1) }
  }

  /// The share of what is right, with the standard deviation of the sample over the root of its size.
  private static func mean(_ metric: String, _ right: [Bool]) -> Score {
    let count = Double(right.count)
    let value = Double(right.count { $0 }) / max(1, count)
    let variance = count > 1 ? value * (1 - value) * count / (count - 1) : 0
    return Score(metric: metric, value: value, standardError: count > 1 ? (variance / count).squareRoot() : nil)
  }
}
