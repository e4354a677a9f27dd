import Probing
import Randomness
import Records
import Reporting
import Scoring
import Support
import TaskRegistry

/// What the matrix came to: `results.json` in its folder.
public struct TransferReport: Hashable {
  /// A model or baseline trained on one task and evaluated on a set of examples.
  struct Cell: Codable, Sendable, Hashable {
    /// `model`, `n-grams`, `n-grams:hypothesis` …
    var system: String
    var trainedOn: String
    var evaluatedOn: String
    var split: String
    var examples: Int
    /// What answers and labels were made before they were compared; empty if they are the same words.
    var collapse: [ByteString: String]
    /// Accuracy in percent, one per seed.
    var values: [Double]
    var mean: Double
    /// Sample standard deviation over seeds; nil for one seed.
    var standardDeviation: Double?
    /// Against the best constant answer on the same examples.
    var versusConstant: SeededDifference?
  }

  /// The best constant answer on a set of examples.
  struct Constant: Codable, Sendable, Hashable {
    var evaluatedOn: String
    var label: String
    var accuracy: Double
  }

  struct Misfit: Codable, Sendable, Hashable {
    var trainedOn: String
    var evaluatedOn: String
    var reason: String
  }

  var format = 1
  var seeds: [UInt64]
  var tasks: [String]
  /// As `task-split`.
  var columns: [String]
  var cells: [Cell]
  /// Of the labels as the set has them; a cell with coarser labels is compared with the best constant among these.
  var constants: [Constant]
  var misfits: [Misfit]
  var missing: Int
}

extension TransferMatrix {
  /// From the answers that the trials left behind, and of baselines that are trained here.
  /// - Throws: `.badData` if answers do not belong to the examples; `.missingInput` without the data.
  public func report() throws(GraftError) -> TransferReport {
    var report = TransferReport(
      seeds: seeds, tasks: tasks.map(\.name), columns: columns.map(\.name), cells: [], constants: [],
      misfits: [],
      missing: 0)
    for task in tasks {
      let trials = try study.trials(task.name)
      report.missing += seeds.count - trials.count
      let baselines = try Baselines(task: task, data: data, limit: plan.limit)
      for column in columns {
        let (labels, reason) = correspondence(task, column)
        guard let labels else {
          report.misfits.append(.init(trainedOn: task.name, evaluatedOn: column.name, reason: reason))
          continue
        }
        let (examples, references) = try examples(column, through: task, labels)
        func add(_ system: String, _ answers: [[Prediction]], _ seeds: [UInt64]) throws(GraftError) {
          guard !answers.isEmpty else { return }
          report.cells.append(
            try cell(system, task, column, labels, answers: answers, seeds: seeds, references: references))
        }
        var answers: [[Prediction]] = []
        for (seed, _) in trials { answers.append(try saved(task, column, seed, examples)) }
        try add("model", answers, trials.map(\.seed))
        for (name, predictions) in baselines.predictions(examples) where name != "majority" {
          try add(name, [Self.translated(predictions, of: task, to: labels)], [0])
        }
      }
    }
    for column in columns {
      guard let labels = column.task.choices else { continue }
      let examples = try column.task.examples(split: column.split, data: data, limit: evaluationLimit)
      let best = MajorityBaseline(labels: examples.compactMap(\.choice), classCount: labels.count).label
      let count = examples.count { $0.choice == best }
      report.constants.append(
        .init(
          evaluatedOn: column.name, label: labels[best],
          accuracy: 100 * Double(count) / Double(max(1, examples.count))))
    }
    adjust(&report)
    return report
  }

  private func saved(
    _ task: TaskDefinition, _ column: Column, _ seed: UInt64, _ examples: [Example]
  ) throws(GraftError) -> [Prediction] {
    let folder = study.trialFolder(task.name, seed)
    return try PredictionsFile.answers(
      in: "\(folder)/predictions/\(column.name).jsonl", to: examples.map(\.identifier), of: column.name,
      hint: "restore the task's data, or remove the folder '\(folder)' and run the matrix again.")
  }

  private func cell(
    _ system: String, _ task: TaskDefinition, _ column: Column, _ labels: LabelCorrespondence,
    answers: [[Prediction]], seeds: [UInt64], references: [Reference]
  ) throws(GraftError) -> TransferReport.Cell {
    let metric = Accuracy()
    let values = answers.map { answers in
      let right = zip(answers, references).map { metric.statistic(prediction: $0, reference: $1) }
      return 100 * right.reduce(0, +) / Double(max(1, right.count))
    }
    let summary = SeedSummary(values)
    let constant =
      MajorityBaseline(labels: references.compactMap(\.choice), classCount: labels.labels.count).label
    let same = [Prediction](
      repeating: Prediction(text: labels.labels[constant], choice: constant), count: references.count)
    let comparison = try Scoreboard.comparison(
      metric, answers.map { _ in same }, answers, references,
      key: RandomKey(seed: 0).folded("transfer").folded(task.name).folded(column.name))
    return TransferReport.Cell(
      system: system, trainedOn: task.name, evaluatedOn: column.task.name, split: column.split,
      examples: references.count, collapse: labels.collapse, values: values, mean: summary?.mean ?? .nan,
      standardDeviation: summary?.standardDeviation,
      versusConstant: comparison.map { SeededDifference($0, seeds) })
  }

  /// Holm's adjustment over the cells of each system.
  private func adjust(_ report: inout TransferReport) {
    for system in Set(report.cells.map(\.system)) {
      let cells = report.cells.indices.filter { report.cells[$0].system == system }
      let adjusted = Scoreboard.adjusted(cells.map { report.cells[$0].versusConstant })
      for (cell, difference) in zip(cells, adjusted) { report.cells[cell].versusConstant = difference }
    }
  }
}

extension TransferReport: StudyReport {
  public static let kind = FileKind.transfer
}
