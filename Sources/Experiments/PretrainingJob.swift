import Corpus
import Support
import Tokenization
import Training

/// One pretraining run: what `graft pretrain` does, and a grid for each arm and seed.
public struct PretrainingJob: Sendable {
  /// What is computed.
  public var plan: PretrainingPlan
  /// What the corpora are cut by.
  public var tokenizer: Tokenizer
  /// The labelled examples of the plan's `supervised` tasks.
  public var tasks: [LabelledTask]
  /// What the text is compared with, and must not hold.
  public var evaluations: [EvaluationTexts]

  /// - Parameters:
  ///   - tasks: the labelled examples of the plan's `supervised` tasks.
  ///   - evaluations: what the text is compared with, and must not hold.
  public init(
    plan: PretrainingPlan, tokenizer: Tokenizer, tasks: [LabelledTask], evaluations: [EvaluationTexts] = []
  ) {
    (self.plan, self.tokenizer, self.tasks, self.evaluations) = (plan, tokenizer, tasks, evaluations)
  }

  /// Trains in a run directory.
  /// - Parameters:
  ///   - cache: where token shards are kept.
  ///   - phase: what the progress lines start with.
  /// - Throws: as `Pretraining.run`.
  public func run(
    in directory: String, cache: String, resuming: Bool, phase: String, surroundings: Surroundings
  ) throws(GraftError) -> PretrainingResult {
    try surroundings.run(in: directory, phase: phase) { (reporter) throws(GraftError) in
      let result = try Pretraining.run(
        plan, tokenizer: tokenizer, directory: directory, cache: cache, resuming: resuming,
        arguments: surroundings.arguments, stop: surroundings.stop, tasks: tasks, evaluations: evaluations,
        world: surroundings.world, emit: reporter.handle)
      try reporter.finish()
      return (result, RunOutcome(result))
    }
  }
}
