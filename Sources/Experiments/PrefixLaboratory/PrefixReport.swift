import Records
import Reporting
import Scoring
import Support
import TaskRegistry

/// What the laboratory found: `results.json` in its folder.
public struct PrefixReport: Hashable {
  /// A task's score under one kind of prefix.
  struct Score: Codable, Sendable, Hashable {
    var task: String
    var split: String
    var metric: String
    /// In points of the table, one per seed.
    var values: [Double]
    var mean: Double
    /// Sample standard deviation over seeds; nil for one seed.
    var standardDeviation: Double?
    /// Against the natural prefix on the same examples with the same seeds.
    var versusNatural: SeededDifference?
    /// 95 % Student t interval of the differences of equal seeds: whether other seeds would agree.
    var overSeeds: Interval?
  }

  /// The mean over seeds of what `PrefixTrial.Reading` holds.
  struct Reading: Codable, Sendable, Hashable {
    var task, prefixOf: String
    var score, ownWords, wordsOfPrefix, neither: Double
  }

  /// One kind of prefix.
  struct Arm: Codable, Sendable, Hashable {
    var signal: PrefixSignal
    /// By task.
    var prefixes: [String]
    var seeds: [UInt64]
    var scores: [Score]
    /// Held-out nats per target by update, the mean over seeds.
    var curve: [Point]
    var readings: [Reading]
  }

  struct Point: Codable, Sendable, Hashable {
    var step: Int
    var loss: Double
  }

  var format = 1
  var tasks: [String]
  var arms: [Arm]
  /// Models that are not trained yet.
  var missing: Int
}

extension PrefixLaboratory {
  /// From what the trials left behind.
  /// - Throws: `.badData` if predictions do not belong to the tasks' examples; `.missingInput` without the data.
  public func report() throws(GraftError) -> PrefixReport {
    var report = PrefixReport(tasks: tasks.map(\.name), arms: [], missing: 0)
    for signal in signals {
      let trials = try study.trials(signal.rawValue)
      report.missing += seeds.count - trials.count
      guard let first = trials.first?.record else { continue }
      let count = Double(trials.count)
      // Under a budget of time not every model gets as far.
      let points = trials.reduce(first.heldOut.count) { min($0, $1.record.heldOut.count) }
      let readings = trials.reduce(first.readings.count) { min($0, $1.record.readings.count) }
      func mean(_ value: (PrefixTrial) -> Double) -> Double {
        trials.reduce(0) { $0 + value($1.record) } / count
      }
      report.arms.append(
        PrefixReport.Arm(
          signal: signal, prefixes: try signal.prefixes(tasks, tokenizer: tokenizer),
          seeds: trials.map(\.seed),
          scores: [],
          curve: (0..<points).map { index in
            PrefixReport.Point(step: first.heldOut[index].step, loss: mean { $0.heldOut[index].lossPerToken })
          },
          readings: (0..<readings).map { index in
            PrefixReport.Reading(
              task: first.readings[index].task, prefixOf: first.readings[index].prefixOf,
              score: mean { $0.readings[index].score }, ownWords: mean { $0.readings[index].ownWords },
              wordsOfPrefix: mean { $0.readings[index].wordsOfPrefix },
              neither: mean { $0.readings[index].neither })
          }))
    }
    try addScores(&report)
    return report
  }

  private func addScores(_ report: inout PrefixReport) throws(GraftError) {
    let arms = report.arms
    let scored = tasks.compactMap { task in task.evaluationSplit.map { (task: task, split: $0) } }
    var columns: [Scoreboard.Column] = []
    var identifiers: [[String]] = []
    for (task, split) in scored {
      let examples = try task.examples(split: split, data: data)
      identifiers.append(examples.map(\.identifier))
      columns.append(
        Scoreboard.Column(
          name: task.name, metric: try Metrics.registry(task.primaryMetric), references: try task.references(examples)))
    }
    func folder(_ row: Int, _ seed: UInt64) -> String { study.trialFolder(arms[row].signal.rawValue, seed) }
    var board = try Scoreboard("prefixes", columns: columns, rows: arms.count) {
      (row, column) throws(GraftError) in
      let metric = columns[column].metric
      var found: [(seed: UInt64, value: Double)] = []
      for seed in arms[row].seeds {
        let entry = try ResultsFile.readFinite("\(folder(row, seed))/results.json").results.first {
          $0.task == columns[column].name && $0.split == scored[column].split && $0.metric == metric.name
            && $0.group.isEmpty
        }
        if let entry { found.append((seed, entry.score * metric.displayFactor)) }
      }
      return found
    }
    if let natural = arms.firstIndex(where: { $0.signal == .natural }) {
      try board.compare(with: natural) { (row, column, seed) throws(GraftError) in
        let run = folder(row, seed)
        return try scored[column].task.savedAnswers(
          in: run, split: scored[column].split, to: identifiers[column],
          hint: "restore the task's data, or remove the folder '\(run)' and run the laboratory again.")
      }
    }
    for (row, cells) in board.cells.enumerated() {
      for (column, cell) in zip(board.columns.indices, cells) {
        guard let cell else { continue }
        report.arms[row].scores.append(
          PrefixReport.Score(
            task: columns[column].name, split: scored[column].split, metric: columns[column].metric.name,
            values: cell.summary.values, mean: cell.summary.mean, standardDeviation: cell.summary.standardDeviation,
            versusNatural: cell.versus, overSeeds: cell.overSeeds))
      }
    }
  }
}

extension PrefixReport: StudyReport {
  public static let kind = FileKind.prefixes

  public var plainText: String {
    [scoreTable, readingTable].compactMap { $0?.plainText }.joined(separator: "\n")
  }
  public var picture: (name: String, svg: String)? { ("curves.svg", plot.svg) }
}
