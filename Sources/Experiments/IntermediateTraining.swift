import Inference
import Reporting
import Support
import TaskRegistry
import Tokenization
import Training

/// Supervised training on other tasks before the one that counts (STILTs, Phang et al. 2018): a small model learns
/// what a premise and a hypothesis are from the many pairs of one task, and uses it on the few of another.
public struct IntermediateTraining {
  /// The folder of the stage within that of the run.
  public static let folderName = "after"

  var surroundings: Surroundings
  var plan: FineTuningPlan
  var tasks: [TaskDefinition]
  var tokenizer: Tokenizer
  var data: DataRoot
  var directory: String

  /// - Parameters:
  ///   - plan: of the stage; the tasks are its own.
  ///   - directory: of the whole run.
  public init(
    surroundings: Surroundings, plan: FineTuningPlan, tasks: [TaskDefinition], tokenizer: Tokenizer,
    data: DataRoot, directory: String
  ) {
    (self.surroundings, self.plan, self.tasks) = (surroundings, plan, tasks)
    (self.tokenizer, self.data) = (tokenizer, data)
    self.directory = "\(directory)/\(Self.folderName)"
  }

  /// Trains, and goes on with what an interrupted run has left, if `resuming`.
  /// - Returns: the run directory of the model to go on from.
  /// - Throws: as `FineTuning.run`.
  public func run(resuming: Bool) throws(GraftError) -> String {
    let reporter = surroundings.reporter(
      phase: "first \(tasks.map(\.name).joined(separator: "+"))", directory: directory)
    _ = try FineTuning.run(
      plan, tasks: tasks, data: data, tokenizer: tokenizer, directory: directory, resuming: resuming,
      arguments: surroundings.arguments, stop: surroundings.stop, emit: reporter.handle)
    try reporter.finish()
    return directory
  }
}
