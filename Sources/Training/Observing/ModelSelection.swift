import Checkpointing
import Foundation
import Inference
import Records
import Scoring
import Support
import TaskRegistry

/// Which of the models that a run comes by is kept.
public enum KeptModel: String, Sendable, Codable, CaseIterable {
  /// The one after the last update.
  case last
  /// The best of those that were measured: in fine-tuning by the score on a part of the training examples that is kept
  /// from training, in pretraining by the held-out loss.
  case best
}

/// What a run that selects its model says of it.
public enum SelectionScore {
  /// Of the model that was kept, on the examples that were kept from training, in the run's `selection.json`.
  /// - Returns: nil if the run selected nothing.
  /// - Throws: `.badData` for a damaged file.
  public static func best(inRun directory: String) throws(GraftError) -> Double? {
    let path = "\(directory)/\(ModelSelection.fileName)"
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let record = try JSONFile.read(ModelSelection.Record.self, from: path)
    return record.scores.first { $0.step == record.best }?.score
  }
}

/// Scores models on the way by what they are not trained on, keeps the best one, and ends a run in which none becomes
/// better for long. Of equals the earlier is kept.
final class ModelSelection: ModelObserver {
  /// What models are scored by.
  enum Criterion {
    /// After every pass the mean over the tasks of their primary metric, on these examples.
    case tasks([(task: TaskDefinition, examples: [Example])], Evaluator, TrainingPass)
    /// Whenever the held-out loss is measured, that loss.
    case heldOutLoss
  }

  /// What was found, in the run's folder.
  struct Record: Codable {
    struct Score: Codable {
      var step: Int
      /// Passes over the training examples; nil where these are windows of text.
      var epoch: Double?
      /// The mean over the tasks, or the held-out loss in nats per target with its sign turned: more is better.
      var score: Double
      /// By task; empty without tasks.
      var tasks: [String: Double]
    }

    /// Examples that were kept from training, by task.
    var examples: [String: Int]
    var scores: [Score] = []
    /// The step of the model that is kept; nil before the first.
    var best: Int?
  }

  static let folderName = "best"
  static let fileName = "selection.json"
  private let folder: String
  private let path: String
  private let criterion: Criterion
  private let patience: Int?
  private let emit: (TrainingEvent) -> Void
  private var record: Record
  private var measured: HeldOutReport?
  /// Writes the model as it is to a folder, in place of what may be there.
  var keep: ((_ folder: String) throws(GraftError) -> Void)?

  /// - Parameter patience: how many models in a row may be no better before the run ends; nil for all.
  /// - Throws: `.usage` if there are no examples to select by.
  init(
    by criterion: Criterion, patience: Int?, directory: String, emit: @escaping (TrainingEvent) -> Void
  ) throws(GraftError) {
    (self.patience, self.emit) = (patience, emit)
    folder = "\(directory)/\(Self.folderName)"
    path = "\(directory)/\(Self.fileName)"
    guard case .tasks(let tasks, let evaluator, let pass) = criterion else {
      self.criterion = criterion
      record = Record(examples: [:])
      return
    }
    record = Record(examples: Dictionary(tasks.map { ($0.task.name, $0.examples.count) }) { $1 })
    let some = tasks.filter { !$0.examples.isEmpty }
    guard !some.isEmpty else {
      throw GraftError(
        .usage, "there are no examples to select the best model by", hint: "leave out `select:` best.")
    }
    self.criterion = .tasks(some, evaluator, pass)
  }

  func isDue(step: Int) -> Bool {
    switch criterion {
    case .tasks(_, _, let pass): pass.ends(at: step)
    case .heldOutLoss: measured?.step == step
    }
  }

  func evaluated(_ report: HeldOutReport) { measured = report }

  func resume(at step: Int) throws(GraftError) {
    if step > 0, FileManager.default.fileExists(atPath: path) {
      let earlier = try JSONFile.read(Record.self, from: path)
      guard earlier.examples == record.examples else {
        throw GraftError(
          .badData, "'\(path)' is about other examples than the run selects by", hint: "start a new run.")
      }
      record = earlier
    }
    // What came after the checkpoint is going to happen again, its best model, too.
    record.scores.removeAll { $0.step > step }
    if let best = record.best, best > step { record.best = nil }
  }

  var endsRun: Bool {
    guard let patience, let best = record.best else { return false }
    return record.scores.count { $0.step > best } >= patience
  }

  func record(step: Int) throws(GraftError) {
    guard record.scores.last?.step != step, let score = try score(step) else { return }
    let isBest = record.scores.filter { $0.step >= record.best ?? .max }.allSatisfy { $0.score < score.score }
    record.scores.append(score)
    if isBest {
      try keep?(folder)
      record.best = step
    }
    try JSONFile.write(record, to: path)
    let found =
      switch criterion {
      case .tasks: "\(NumberText.fixed(score.score, digits: 2)) on examples kept from training"
      case .heldOutLoss: "\(NumberText.fixed(-score.score, digits: 4)) nats per target held out"
      }
    emit(.note("selection: step \(step), \(found)" + (isBest ? ", the best so far" : "")))
    if endsRun, let patience {
      emit(.note("selection: none of the last \(patience) was better, so training ends here"))
    }
  }

  private func score(_ step: Int) throws(GraftError) -> Record.Score? {
    guard case .tasks(let tasks, let evaluator, let pass) = criterion else {
      return measured.flatMap { $0.step == step ? Record.Score(step: step, score: -$0.lossPerToken, tasks: [:]) : nil }
    }
    var byTask: [String: Double] = [:]
    for (task, examples) in tasks {
      let found = try evaluator.primaryScore(examples, of: task)
      let isBetterIfLess = try Metrics.registry(found.metric).input == .logProbabilities
      byTask[task.name] = isBetterIfLess ? -found.score : found.score
    }
    let score = byTask.keys.sorted().reduce(0) { $0 + (byTask[$1] ?? 0) } / Double(byTask.count)
    return Record.Score(step: step, epoch: pass.passes(step), score: score, tasks: byTask)
  }

  /// The update after which the best model was; nil if that is the last one.
  func bestStep(lastStep: Int) -> Int? { record.best.flatMap { $0 == lastStep ? nil : $0 } }

  /// The folder of the best model; nil if that is the last one.
  func bestFolder(lastStep: Int) -> String? {
    guard let best = bestStep(lastStep: lastStep) else { return nil }
    emit(.note("selection: the model of step \(best) is kept, of \(lastStep)"))
    return folder
  }

  /// Removes what is not needed once the run has its model.
  func removeFolder() throws(GraftError) {
    guard FileManager.default.fileExists(atPath: folder) else { return }
    do {
      try FileManager.default.removeItem(atPath: folder)
    } catch {
      throw GraftError(.inputOutput, "cannot remove '\(folder)'", cause: error)
    }
  }
}
