import Checkpointing
import Foundation
import Randomness
import Records
import Reporting
import Scoring
import Support
import TaskRegistry

/// Makes the report from what the stages left behind.
public struct AblationScorer {
  private let grid: AblationGrid
  private let folder: AblationFolder
  private let data: DataRoot

  public init(grid: AblationGrid, folder: AblationFolder, data: DataRoot) {
    (self.grid, self.folder, self.data) = (grid, folder, data)
  }

  /// A column of the table.
  private struct Column {
    var name: String
    var task: AblationTask
    var definition: TaskDefinition
    var split: String
    var isAveraged: Bool
    var metric: any Metric
  }

  /// - Throws: `.badData` if predictions do not belong to the task's examples; `.missingInput` without its data.
  public func report() throws(GraftError) -> AblationReport {
    let configuration = grid.configuration
    var columns: [Column] = []
    for (task, definition) in zip(configuration.fineTuning.tasks, grid.tasks) {
      for (index, split) in task.splits.enumerated() {
        columns.append(
          Column(
            name: index == 0 ? task.name : "\(task.name).\(split)", task: task, definition: definition,
            split: split, isAveraged: index == 0, metric: try Metrics.registry(definition.primaryMetric)))
      }
    }
    var rows: [AblationRow] = []
    for cell in grid.cells { rows.append(try row(cell, columns)) }
    try compare(&rows, columns)
    var report = AblationReport(
      baseline: configuration.baseline, budget: "\(configuration.budget)", seeds: configuration.seeds,
      rows: rows, doesNotFit: grid.misfits.map { .init(cell: $0.name, reason: $0.reason) }, failures: [],
      missing: 0)
    try addOpenStages(&report)
    return report
  }

  // MARK: Rows

  private func row(_ cell: AblationCell, _ columns: [Column]) throws(GraftError) -> AblationRow {
    var row = AblationRow(
      cell: cell.name, objective: cell.objectiveName, backbone: cell.backbone.name,
      parameters: cell.backbone.parameters, pretraining: [], fineTuningSeconds: [], scores: [])
    var bySeed: [UInt64: [String: Double]] = [:]
    for seed in grid.configuration.seeds {
      if let stage = try folder.finished(cell.name, seed, AblationStage.pretraining) {
        row.pretraining.append(
          AblationCost(
            seed: seed, steps: stage.steps, tokens: stage.tokens, flops: stage.flops, seconds: stage.seconds,
            heldOut: stage.heldOut, bitsPerByte: stage.bitsPerByte, unigramReference: stage.unigramReference))
      }
      var seconds = 0.0
      for task in grid.tasks {
        guard let stage = try folder.finished(cell.name, seed, AblationStage.fineTuning(task.name)) else {
          continue
        }
        seconds += stage.seconds
        bySeed[seed, default: [:]].merge(stage.scores ?? [:]) { $1 }
      }
      if bySeed[seed] != nil { row.fineTuningSeconds.append(seconds) }
    }
    func score(_ name: String, _ metric: String, _ value: ([String: Double]) -> Double?) -> AblationScore? {
      let found = grid.configuration.seeds.compactMap { seed in
        bySeed[seed].flatMap(value).map { (seed, $0) }
      }
      guard let summary = SeedSummary(found.map(\.1)) else { return nil }
      return AblationScore(
        column: name, metric: metric, seeds: found.map(\.0), values: summary.values, mean: summary.mean,
        standardDeviation: summary.standardDeviation)
    }
    for column in columns {
      let key = "\(column.definition.name).\(column.split).\(column.metric.name)"
      let factor = column.metric.displayFactor
      if let made = score(column.name, column.metric.name, { $0[key].map { $0 * factor } }) {
        row.scores.append(made)
      }
    }
    for suite in grid.suites.map(\.definition) {
      let factor = try Metrics.registry(suite.primaryMetric).displayFactor
      let key = "\(suite.name).\(suite.defaultSplit).\(suite.primaryMetric)"
      if let made = score(suite.name, suite.primaryMetric, { $0[key].map { $0 * factor } }) {
        row.scores.append(made)
      }
    }
    let averaged = columns.filter(\.isAveraged)
    row.average = score("average", "mean of tasks") { scores in
      let values = averaged.compactMap { column in
        scores["\(column.definition.name).\(column.split).\(column.metric.name)"].map {
          $0 * column.metric.displayFactor
        }
      }
      return values.count == averaged.count ? values.reduce(0, +) / Double(values.count) : nil
    }
    return row
  }

  // MARK: Comparison with the baseline

  private func compare(_ rows: inout [AblationRow], _ columns: [Column]) throws(GraftError) {
    guard let baseline = rows.first(where: { $0.cell == grid.configuration.baseline }) else { return }
    var references: [(references: [Reference], identifiers: [String])] = []
    for column in columns {
      let examples = try column.definition.examples(split: column.split, data: data)
      references.append((try column.definition.references(examples), examples.map(\.identifier)))
    }
    var answers: [String: [Prediction]] = [:]
    func predictions(_ cell: String, _ seed: UInt64, _ index: Int) throws(GraftError) -> [Prediction] {
      let key = "\(cell) \(seed) \(index)"
      if let known = answers[key] { return known }
      let read = try self.predictions(cell, seed, columns[index], references[index].identifiers)
      answers[key] = read
      return read
    }
    func comparison(
      _ cell: String, _ seeds: [UInt64], _ index: Int
    ) throws(GraftError) -> SeededComparison? {
      let column = columns[index]
      var (first, second): ([[Prediction]], [[Prediction]]) = ([], [])
      for seed in seeds {
        first.append(try predictions(baseline.cell, seed, index))
        second.append(try predictions(cell, seed, index))
      }
      return try column.metric.compare(
        seeds: first, second, references[index].references,
        bootstrap: BootstrapOptions(
          resamples: Scoreboard.draws, key: RandomKey(seed: 0).folded("ablation").folded(column.name))
      )?.scaled(by: column.metric.displayFactor)
    }
    for place in rows.indices where rows[place].cell != baseline.cell {
      for index in columns.indices {
        let name = columns[index].name
        guard let own = rows[place].scores.firstIndex(where: { $0.column == name }),
          let other = baseline.scores.first(where: { $0.column == name })
        else { continue }
        let shared = rows[place].scores[own].seeds.filter(other.seeds.contains)
        guard !shared.isEmpty, let found = try comparison(rows[place].cell, shared, index) else { continue }
        rows[place].scores[own].versusBaseline = SeededDifference(found, shared)
      }
      guard let other = baseline.average, let average = rows[place].average else { continue }
      let shared = average.seeds.filter(other.seeds.contains)
      guard !shared.isEmpty else { continue }
      var tasks: [SeededComparison] = []
      for index in columns.indices where columns[index].isAveraged {
        if let found = try comparison(rows[place].cell, shared, index) { tasks.append(found) }
      }
      guard tasks.count == columns.count(where: \.isAveraged), let mean = SeededComparison.mean(tasks) else {
        continue
      }
      rows[place].average?.versusBaseline = SeededDifference(mean, shared)
    }
    adjust(&rows, columns.map(\.name))
  }

  /// Holm's adjustment over the rows, within each column.
  private func adjust(_ rows: inout [AblationRow], _ columns: [String]) {
    for name in columns {
      let places = rows.map { row in row.scores.firstIndex { $0.column == name } }
      let adjusted = Scoreboard.adjusted(
        zip(rows, places).map { row, place in place.flatMap { row.scores[$0].versusBaseline } })
      for (row, place) in places.enumerated() {
        if let place { rows[row].scores[place].versusBaseline = adjusted[row] }
      }
    }
    let adjusted = Scoreboard.adjusted(rows.map { $0.average?.versusBaseline })
    for row in rows.indices { rows[row].average?.versusBaseline = adjusted[row] }
  }

  private func predictions(
    _ cell: String, _ seed: UInt64, _ column: Column, _ identifiers: [String]
  ) throws(GraftError) -> [Prediction] {
    let stage = folder.stage(cell, seed, AblationStage.fineTuning(column.definition.name))
    return try column.definition.savedAnswers(
      in: stage, split: column.split, to: identifiers,
      hint: "restore the task's data, or remove the folder '\(stage)' and run the grid again.")
  }

  // MARK: What is not done

  private func addOpenStages(_ report: inout AblationReport) throws(GraftError) {
    let path = "\(folder.path)/ledger.jsonl"
    let events = FileManager.default.fileExists(atPath: path) ? try AblationLedger.read(path).events : []
    func stage(_ cell: String, _ seed: UInt64, _ stage: String) -> String { "\(cell) \(seed) \(stage)" }
    let last = Dictionary(events.map { (stage($0.cell, $0.seed, $0.stage), $0) }) { $1 }
    for seed in grid.configuration.seeds {
      for cell in grid.cells {
        let first = cell.objective == nil ? [] : [AblationStage.pretraining]
        for name in first + grid.tasks.map({ AblationStage.fineTuning($0.name) })
        where try folder.finished(cell.name, seed, name) == nil {
          if let event = last[stage(cell.name, seed, name)], event.event == .failed {
            report.failures.append(
              .init(cell: cell.name, seed: seed, stage: name, error: event.error ?? ""))
          } else {
            report.missing += 1
          }
        }
      }
    }
  }
}
