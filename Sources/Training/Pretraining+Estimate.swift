import Compute
import Corpus
import ModelKit
import Objectives
import Randomness
import Records
import Support
import Tokenization

/// What a pretraining run will take, said before it begins.
public struct PretrainingEstimate: Sendable, Hashable {
  /// Updates; nil under a budget of time.
  public var steps: Int?
  public var cost: StepCost
  /// Seconds; guessed from the rate of matrix products unless the budget is one of time.
  public var seconds: Double
}

extension Pretraining {
  /// The share of the rate of matrix products that training is taken to reach (Docs/PERFORMANCE.md).
  private static let assumedFraction = 0.5

  /// Reads the corpora, or their token shards, and looks at the first batches, as `run` does; trains nothing.
  public static func estimate(
    _ plan: PretrainingPlan, tokenizer: Tokenizer, backbone: any Backbone, cache: String,
    tasks: [LabelledTask] = [], evaluations: [EvaluationTexts] = [], emit: (TrainingEvent) -> Void
  ) throws(GraftError) -> PretrainingEstimate {
    let objective = try Objectives.make(
      plan.objective, plan.objectiveParameters, vocabulary: tokenizer.vocabulary)
    let prepared = try PretrainingData(
      plan, objective, backbone, tokenizer: tokenizer, cache: cache, tasks: tasks,
      evaluations: evaluations, emit: emit)
    let cost = StepCost(
      of: prepared.source, prepared.converter, backbone, batch: plan.settings.batch, length: plan.length)
    let steps = plan.budget?.steps(cost) ?? plan.settings.steps
    let settings = plan.settings
    if let seconds = settings.budgetSeconds { return PretrainingEstimate(cost: cost, seconds: seconds) }
    let rate = try MatrixBenchmark.peak(
      backend: MatrixBackends.choose(named: settings.backend, for: settings.precision),
      precision: settings.precision, threads: settings.shards, rounds: 3)
    let operations = Double(steps ?? 0) * cost.operations
    return PretrainingEstimate(
      steps: steps, cost: cost, seconds: operations / (rate * 1e9 * assumedFraction))
  }
}
