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
  /// The one that scores best on a part of the training examples that is kept from training.
  case best
}

/// What a run that selects its model says of it.
public enum SelectionScore {
  /// Of the model that was kept, on the examples that were kept from training, in the run's `selection.json`.
  /// - Returns: nil if the run selected nothing.
  /// - Throws: `.badData` for a damaged file.
  public static func best(inRun directory: String) throws(GraftError) -> Double? {
    let path = "\(directory)/\(BestModel.fileName)"
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let record = try JSONFile.read(BestModel.Record.self, from: path)
    return record.scores.first { $0.step == record.best }?.score
  }
}

/// Scores the model after every pass on examples that it is not trained on, and keeps the best one.
///
/// The score is the mean over the tasks of their primary metric; of equals the earlier is kept.
final class BestModel: ModelObserver {
  /// What was found, in the run's folder.
  struct Record: Codable {
    struct Score: Codable {
      var step: Int
      /// Passes over the training examples.
      var epoch: Double
      /// The mean over the tasks.
      var score: Double
      /// By task.
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
  private let tasks: [(task: TaskDefinition, examples: [Example])]
  private let batchSize, exampleCount: Int
  private let evaluator: Evaluator
  private let emit: (TrainingEvent) -> Void
  private var record: Record
  /// Writes the model as it is to a folder, in place of what may be there.
  var keep: ((_ folder: String) throws(GraftError) -> Void)?

  /// - Parameters:
  ///   - examples: of each task, those that are kept from training.
  ///   - exampleCount: how many examples a pass has.
  /// - Throws: `.usage` if there are none.
  init(
    tasks: [TaskDefinition], examples: [[Example]], exampleCount: Int, batchSize: Int, evaluator: Evaluator,
    directory: String, emit: @escaping (TrainingEvent) -> Void
  ) throws(GraftError) {
    self.tasks = zip(tasks, examples).filter { !$1.isEmpty }.map { (task: $0, examples: $1) }
    guard !self.tasks.isEmpty else {
      throw GraftError(
        .usage, "there are no examples to select the best model by", hint: "leave out `select:` best.")
    }
    folder = "\(directory)/\(Self.folderName)"
    path = "\(directory)/\(Self.fileName)"
    (self.batchSize, self.exampleCount) = (batchSize, exampleCount)
    (self.evaluator, self.emit) = (evaluator, emit)
    record = Record(examples: Dictionary(zip(tasks.map(\.name), examples.map(\.count))) { $1 })
  }

  func isDue(step: Int) -> Bool {
    DynamicsInterval.pass.isDue(step: step, batchSize: batchSize, exampleCount: exampleCount)
  }

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

  func record(step: Int) throws(GraftError) {
    guard record.scores.last?.step != step else { return }
    var byTask: [String: Double] = [:]
    for (task, examples) in tasks {
      let report = try task.score(try evaluator.predictions(examples, task: task), examples)
      let metric = try Metrics.registry(report.primaryMetric)
      let value = (report.primary?.value ?? 0) * metric.displayFactor
      byTask[task.name] = metric.input == .logProbabilities ? -value : value
    }
    let score = byTask.keys.sorted().reduce(0) { $0 + (byTask[$1] ?? 0) } / Double(byTask.count)
    let isBest = record.scores.filter { $0.step >= record.best ?? .max }.allSatisfy { $0.score < score }
    record.scores.append(
      Record.Score(
        step: step, epoch: Double(step * batchSize) / Double(exampleCount), score: score, tasks: byTask))
    if isBest {
      try keep?(folder)
      record.best = step
    }
    try JSONFile.write(record, to: path)
    emit(
      .note(
        "selection: step \(step), \(NumberText.fixed(score, digits: 2)) on examples kept from training"
          + (isBest ? ", the best so far" : "")))
  }

  /// The folder of the best model; nil if that is the last one.
  func bestFolder(lastStep: Int) -> String? {
    guard let best = record.best, best != lastStep else { return nil }
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
