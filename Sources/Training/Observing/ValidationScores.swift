import Inference
import Records
import Scoring
import Support
import TaskRegistry

/// What a model on the way makes of validation examples, for people who watch it: nothing is selected by it.
struct ValidationScores: Sendable {
  private let tasks: [(task: TaskDefinition, examples: [Example])]
  private let evaluator: Evaluator

  /// Examples of a task that are answered, at most. A written answer takes a pass over the model for each token.
  private static let (mostChosen, mostWritten) = (512, 64)

  /// - Parameters:
  ///   - examples: of each task.
  ///   - answersAtOnce: whether the model has heads, so that no answer is written.
  init(tasks: [TaskDefinition], examples: [[Example]], answersAtOnce: Bool, evaluator: Evaluator) {
    self.tasks = zip(tasks, examples).compactMap { task, examples in
      let most = answersAtOnce || task.choices != nil ? Self.mostChosen : Self.mostWritten
      return examples.isEmpty ? nil : (task, Array(examples.prefix(most)))
    }
    self.evaluator = evaluator
  }

  /// - Throws: as answering and scoring.
  func report() throws(GraftError) -> [HeldOutReport.TaskScore] {
    var scores: [HeldOutReport.TaskScore] = []
    for (task, examples) in tasks { scores.append(try evaluator.primaryScore(examples, of: task)) }
    return scores
  }
}

extension Evaluator {
  /// By the task's primary metric; what is undefined, such as a correlation with a constant, counts as nothing.
  func primaryScore(_ examples: [Example], of task: TaskDefinition) throws(GraftError) -> HeldOutReport.TaskScore {
    let report = try task.score(try predictions(examples, task: task), examples)
    let factor = try Metrics.registry(report.primaryMetric).displayFactor
    return HeldOutReport.TaskScore(
      task: task.name, metric: report.primaryMetric, score: (report.primary?.value ?? 0) * factor,
      examples: examples.count)
  }
}
