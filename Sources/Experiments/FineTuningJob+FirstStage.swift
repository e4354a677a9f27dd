import Inference
import Support
import TaskRegistry
import Training

extension FineTuningJob {
  /// Supervised training on other tasks before those that count (STILTs, Phang et al. 2018): a small model learns what
  /// a premise and a hypothesis are from the many pairs of one task, and uses it on the few of another.
  public struct FirstStage: Sendable {
    var tasks: [TaskDefinition]
    /// Passes over their training examples.
    var epochs: Double
    /// The run directory of the stage; nil for `after` in that of the run.
    public var directory: String?
    /// Nil for the run's; one for several runs that go on from the same model.
    public var seed: UInt64?
    /// Whether the stage may have been trained already.
    public var isThere = false

    /// All tasks together.
    public init(tasks: [TaskDefinition], epochs: Double) { (self.tasks, self.epochs) = (tasks, epochs) }
  }

  /// The folder of the stage within that of a run.
  public static let firstStageFolder = "after"

  /// The plan as it goes on from the first stage, which is trained unless it is there.
  /// - Throws: as `FineTuning.run`.
  func planAfterFirstStage() throws(GraftError) -> FineTuningPlan {
    guard let first else { return plan }
    let folder = first.directory ?? "\(directory)/\(Self.firstStageFolder)"
    var stage = FineTuningPlan(
      tasks: first.tasks.map(\.name), initialCheckpoint: plan.initialCheckpoint, model: plan.model)
    stage.initialBase = plan.initialBase
    (stage.lengths, stage.heads, stage.labelSmoothing) = (plan.lengths, plan.heads, plan.labelSmoothing)
    (stage.settings, stage.epochs) = (plan.settings, first.epochs)
    (stage.settings.steps, stage.settings.budgetSeconds) = (nil, nil)
    stage.settings.seed = first.seed ?? plan.settings.seed
    // What has been trained for an earlier seed is only opened.
    var around = surroundings
    if first.isThere { around.ledger = nil }
    let phase = "first \(stage.tasks.joined(separator: "+"))"
    try around.run(in: folder, phase: phase) { (reporter) throws(GraftError) in
      _ = try FineTuning.run(
        stage, tasks: first.tasks, data: data, tokenizer: tokenizer, directory: folder,
        resuming: resuming || first.isThere, arguments: surroundings.arguments, stop: surroundings.stop,
        world: surroundings.world, emit: reporter.handle)
      try reporter.finish()
      return ((), RunOutcome())
    }
    var plan = plan
    (plan.initialCheckpoint, plan.initialBase) = (folder, nil)
    plan.model = try ModelFolder.open(folder).configuration
    return plan
  }
}
