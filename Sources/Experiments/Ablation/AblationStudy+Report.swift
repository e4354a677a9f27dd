import Checkpointing
import Records
import Scoring
import Support
import TaskRegistry

extension AblationStudy {
  /// Where the scores of a column of the table come from.
  private struct Source {
    var stage: String
    /// As the stage's record has the score.
    var key: String
    /// Nil for a suite, which is not compared.
    var task: TaskDefinition?
    var split: String
    /// Examples at most.
    var limit: Int?
  }

  /// The table from what the stages left behind.
  /// - Throws: `.badData` if predictions do not belong to the task's examples; `.missingInput` without its data.
  public func report() throws(GraftError) -> AblationReport {
    let (columns, sources) = try columns()
    let identifiers = try references(columns, sources)
    var board = try Scoreboard("ablation", columns: identifiers.columns, rows: grid.cells.count) {
      (row, column) throws(GraftError) in
      let (source, factor) = (sources[column], columns[column].metric.displayFactor)
      return try study.records(grid.cells[row].name, source.stage).compactMap { seed, record in
        record.scores?[source.key].map { (seed, $0 * factor) }
      }
    }
    let baseline = grid.cells.firstIndex { $0.name == grid.baseline }
    if let baseline {
      try board.compare(with: baseline) { (row, column, seed) throws(GraftError) in
        guard let task = sources[column].task else { preconditionFailure("a suite is not compared") }
        let stage = study.folder.folder(
          StudyUnit(arm: grid.cells[row].name, seed: seed, stage: sources[column].stage))
        return try task.savedAnswers(
          in: stage, split: sources[column].split, to: identifiers.identifiers[column],
          hint: "restore the task's data, or remove the folder '\(stage)' and run the grid again.")
      }
    }
    var rows: [AblationRow] = []
    for (index, cell) in grid.cells.enumerated() { rows.append(try row(cell, index, board)) }
    let (failures, missing) = try study.open()
    return AblationReport(
      baseline: grid.baseline, budget: budget, seeds: grid.seeds, rows: rows,
      doesNotFit: grid.misfits.map { .init(cell: $0.name, reason: $0.reason) },
      failures: failures.map { .init(cell: $0.unit.arm, seed: $0.unit.seed, stage: $0.unit.stage, error: $0.error) },
      missing: missing,
      asPretrained: zip(columns, sources).filter { $1.stage == AblationStage.evaluation }.map(\.0.name))
  }

  /// What every pretraining run may spend.
  private var budget: String {
    let budgets = grid.cells.filter(\.isPretrained).map(\.budget).exactlyDistinct
    return budgets.isEmpty ? "none" : budgets.joined(separator: ", ")
  }

  // MARK: Columns

  /// What pretrained models are scored on, the tasks, and the suites.
  private func columns() throws(GraftError) -> ([Scoreboard.Column], [Source]) {
    var (columns, sources): ([Scoreboard.Column], [Source]) = ([], [])
    var suites: (columns: [Scoreboard.Column], sources: [Source]) = ([], [])
    // The second of a name says which stage it is of.
    func name(_ text: String, _ stage: String) -> String {
      (columns + suites.columns).contains { $0.name == text } ? "\(stage).\(text)" : text
    }
    func add(
      _ task: TaskDefinition, _ split: String, isFirst: Bool, _ stage: (name: String, folder: String), limit: Int?,
      isAveraged: Bool
    ) throws(GraftError) {
      let metric = try Metrics.registry(task.primaryMetric)
      let own = isFirst ? task.name : "\(task.name).\(split)"
      columns.append(Scoreboard.Column(name: name(own, stage.name), metric: metric, isAveraged: isAveraged))
      sources.append(
        Source(
          stage: stage.folder, key: "\(task.name).\(split).\(metric.name)", task: task, split: split, limit: limit))
    }
    func add(_ suite: SuiteDefinition, _ stage: (name: String, folder: String)) throws(GraftError) {
      let metric = try Metrics.registry(suite.primaryMetric)
      suites.columns.append(Scoreboard.Column(name: name(suite.name, stage.name), metric: metric))
      suites.sources.append(
        Source(
          stage: stage.folder, key: "\(suite.name).\(suite.defaultSplit).\(metric.name)", split: suite.defaultSplit))
    }
    if let evaluation = grid.evaluation {
      let stage = (name: AblationStage.evaluation, folder: AblationStage.evaluation)
      for task in evaluation.tasks {
        let splits = try evaluationSplits(of: task, evaluation.splits, data, skippingAbsent: false)
        for split in splits {
          try add(
            task, split, isFirst: split == splits.first, stage, limit: evaluation.limit, isAveraged: false)
        }
      }
      for suite in evaluation.suites { try add(suite.definition, stage) }
    }
    for tuning in grid.tunings {
      let stage = (name: tuning.name, folder: AblationStage.fineTuning(tuning.name))
      for (task, splits) in zip(tuning.job.tasks, tuning.splits) {
        for split in splits {
          let isFirst = split == splits.first
          try add(task, split, isFirst: isFirst, stage, limit: nil, isAveraged: isFirst)
        }
      }
      for suite in tuning.job.suites { try add(suite.definition, stage) }
    }
    return (columns + suites.columns, sources + suites.sources)
  }

  /// The columns with what is right, and the names of their examples.
  private func references(
    _ columns: [Scoreboard.Column], _ sources: [Source]
  ) throws(GraftError) -> (columns: [Scoreboard.Column], identifiers: [[String]]) {
    var columns = columns
    var identifiers = [[String]](repeating: [], count: columns.count)
    for (index, source) in sources.enumerated() {
      guard let task = source.task else { continue }
      let examples = try task.examples(split: source.split, data: data, limit: source.limit)
      columns[index].references = try task.references(examples)
      identifiers[index] = examples.map(\.identifier)
    }
    return (columns, identifiers)
  }

  // MARK: Rows

  private func row(_ cell: AblationCell, _ index: Int, _ board: Scoreboard) throws(GraftError) -> AblationRow {
    var row = AblationRow(
      cell: cell.name, objective: cell.objectiveName, backbone: cell.job.plan.backbone, changes: cell.changesText,
      parameters: cell.parameters, pretraining: [], fineTuningSeconds: [], scores: [])
    for (seed, stage) in try study.records(cell.name, AblationStage.pretraining) {
      row.pretraining.append(
        AblationCost(
          seed: seed, steps: stage.steps, tokens: stage.tokens, flops: stage.flops, seconds: stage.seconds,
          heldOut: stage.heldOut, bitsPerByte: stage.bitsPerByte, unigramReference: stage.unigramReference))
    }
    var seconds: [UInt64: Double] = [:]
    for tuning in grid.tunings {
      for (seed, stage) in try study.records(cell.name, AblationStage.fineTuning(tuning.name)) {
        seconds[seed, default: 0] += stage.seconds
      }
    }
    row.fineTuningSeconds = grid.seeds.compactMap { seconds[$0] }
    for (column, cell) in zip(board.columns, board.cells[index]) {
      if let cell { row.scores.append(AblationScore(column.name, column.metric.name, cell)) }
    }
    row.average = board.averages[index].map { AblationScore("average", "mean of tasks", $0) }
    return row
  }
}

extension AblationScore {
  init(_ column: String, _ metric: String, _ cell: Scoreboard.Cell) {
    self.init(
      column: column, metric: metric, seeds: cell.seeds, values: cell.summary.values, mean: cell.summary.mean,
      standardDeviation: cell.summary.standardDeviation, versusBaseline: cell.versus)
  }
}
