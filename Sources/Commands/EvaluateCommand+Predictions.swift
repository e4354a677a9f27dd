import Experiments
import Inference
import Reporting
import Scoring
import Support
import TaskRegistry

/// `graft evaluate --predictions`, `--confusion`
extension EvaluateCommand {
  /// What bears on the scores of answers that were given elsewhere, or on where they go.
  private static let flagsOfPredictions = [
    "predictions", "task", "split", "suite", "through", "limit", "json", "by", "by-length", "require", "gate",
    "details", "confusion", "subsets", "baselines", "overlap", "data", "tasks", "rendering",
  ]

  /// - Throws: `.usage` for neither models nor answers that were given elsewhere, and beside these for models and flags
  ///   that are about models.
  func requireModelsOrPredictions() throws {
    guard predictions != nil else {
      guard checkpoint.isEmpty else { return }
      throw GraftError(
        .usage, "there is no model to evaluate", hint: "give --checkpoint DIR, or answers with --predictions FILE.")
    }
    try Self.refuse(allBut: Self.flagsOfPredictions, for: "--predictions")
  }

  /// Scores the answers of `--predictions` as those of a model.
  /// - Throws: `.usage` unless they are to one split of a task or one suite.
  func results(
    ofAnswers path: String, _ job: EvaluationJob, predictionFolder: String?,
    observe: @escaping (_ task: TaskDefinition, _ evaluation: Evaluation) -> Void
  ) throws(GraftError) -> [ResultEntry] {
    let splits = job.tasks.count == 1 ? job.splits ?? job.tasks[0].scoredSplits : []
    guard job.tasks.count + job.suites.count == 1, job.suites.count == 1 || splits.count == 1 else {
      throw GraftError(
        .usage, "--predictions is a file of answers to one split of one task, or to one suite",
        hint: splits.count > 1
          ? "say which split with --split: \(splits.joined(separator: ", "))." : "give one --task with one --split.")
    }
    return try job.results(
      ofAnswers: RecordedAnswers(path), predictionFolder: predictionFolder, note: standardError, observe: observe)
  }
}

/// The matrices of what was scored, those of several seeds added up.
final class ConfusionTables {
  private var matrices: [(name: String, matrix: ConfusionMatrix)] = []

  /// Nothing for a task without choices that are the same for all rows.
  func add(_ task: TaskDefinition, _ evaluation: Evaluation) {
    guard task.output == .choices, !task.choicesVary, let first = evaluation.examples.first else { return }
    let place = first.identifier.split(separator: "/").prefix(2).joined(separator: " ")
    let index =
      matrices.firstIndex { $0.name == place }
      ?? {
        matrices.append((place, ConfusionMatrix(labels: task.choiceTexts)))
        return matrices.count - 1
      }()
    matrices[index].matrix.add(evaluation.report.answers, evaluation.report.references)
  }

  /// A table for each split, with its title.
  var texts: [String] {
    matrices.map { "\($0.name): what was right, and what was given\n\($0.matrix.table.plainText)" }
  }
}
