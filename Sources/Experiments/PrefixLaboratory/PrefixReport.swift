import Foundation
import Randomness
import Records
import Reporting
import Scoring
import Support
import TaskRegistry

/// What the laboratory found: `results.json` in its folder.
public struct PrefixReport: Codable, Sendable, Hashable {
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
    var arms: [PrefixReport.Arm] = []
    var missing = 0
    for signal in signals {
      let trials = try study.trials(signal.rawValue)
      missing += seeds.count - trials.count
      guard let first = trials.first?.trial else { continue }
      let count = Double(trials.count)
      // Under a budget of time not every model gets as far.
      let points = trials.reduce(first.heldOut.count) { min($0, $1.trial.heldOut.count) }
      let readings = trials.reduce(first.readings.count) { min($0, $1.trial.readings.count) }
      func mean(_ value: (PrefixTrial) -> Double) -> Double {
        trials.reduce(0) { $0 + value($1.trial) } / count
      }
      arms.append(
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
    for task in tasks { try score(task, in: &arms) }
    return PrefixReport(tasks: tasks.map(\.name), arms: arms, missing: missing)
  }

  private func score(_ task: TaskDefinition, in arms: inout [PrefixReport.Arm]) throws(GraftError) {
    guard let split = task.evaluationSplit else { return }
    let metric = try Metrics.registry(task.primaryMetric)
    let factor = metric.displayFactor
    let examples = try task.examples(split: split, data: data)
    let (references, identifiers) = (try task.references(examples), examples.map(\.identifier))
    let natural = arms.firstIndex { $0.signal == .natural }
    var values: [[Double]] = []
    for index in arms.indices {
      let arm = arms[index]
      var found: [Double] = []
      for seed in arm.seeds {
        let entries = try ResultsFile.readFinite("\(study.folder(arm.signal.rawValue, seed))/results.json").results
        let entry = entries.first {
          $0.task == task.name && $0.split == split && $0.metric == metric.name && $0.group.isEmpty
        }
        found.append((entry?.score ?? .nan) * factor)
      }
      values.append(found)
      guard let summary = SeedSummary(found) else { continue }
      arms[index].scores.append(
        PrefixReport.Score(
          task: task.name, split: split, metric: metric.name, values: found, mean: summary.mean,
          standardDeviation: summary.standardDeviation))
    }
    guard let natural else { return }
    func answers(_ arm: PrefixReport.Arm, _ seeds: [UInt64]) throws(GraftError) -> [[Prediction]] {
      var answers: [[Prediction]] = []
      for seed in seeds {
        let run = study.folder(arm.signal.rawValue, seed)
        answers.append(
          try task.savedAnswers(
            in: run, split: split, to: identifiers,
            hint: "restore the task's data, or remove the folder '\(run)' and run the laboratory again."))
      }
      return answers
    }
    var compared: [Int] = []
    for index in arms.indices where index != natural {
      let shared = arms[index].seeds.filter(arms[natural].seeds.contains)
      guard !shared.isEmpty else { continue }
      let comparison = try metric.compare(
        seeds: answers(arms[natural], shared), answers(arms[index], shared), references,
        bootstrap: BootstrapOptions(
          resamples: Scoreboard.draws, key: RandomKey(seed: 0).folded("prefixes").folded(task.name)))
      guard let comparison else { continue }
      let last = arms[index].scores.count - 1
      arms[index].scores[last].versusNatural = SeededDifference(comparison.scaled(by: factor), shared)
      let differences = shared.compactMap { seed -> Double? in
        guard let own = arms[index].seeds.firstIndex(of: seed),
          let other = arms[natural].seeds.firstIndex(of: seed)
        else { return nil }
        return values[index][own] - values[natural][other]
      }
      arms[index].scores[last].overSeeds = SeedSummary(differences)?.interval
      compared.append(index)
    }
    let adjusted = Scoreboard.adjusted(compared.map { arms[$0].scores.last?.versusNatural })
    for (index, difference) in zip(compared, adjusted) {
      arms[index].scores[arms[index].scores.count - 1].versusNatural = difference
    }
  }
}

extension PrefixReport: KindedFile {
  public static let kind = FileKind.prefixes
}
