import Probing
import Reporting
import Support
import TaskRegistry

/// Majority, n-gram and partial-input baselines as result entries.
public struct BaselineScoring {
  var data: DataRoot
  var limit: Int?
  var skipsAbsent: Bool
  /// Parts of splits that are scored by themselves.
  var subsets: SubsetScoring?
  /// If models learned from a few examples of each class: how many, and the seeds that drew them. Baselines learn from
  /// the same ones, once for each seed.
  var fewShots: (count: Int, seeds: [UInt64])?
  /// Takes a line for people.
  var note: (String) -> Void

  /// - Parameters:
  ///   - limit: examples of a split at most.
  ///   - skipsAbsent: whether splits whose data is not here are passed over.
  ///   - subsets: parts of splits that are scored by themselves.
  ///   - fewShots: the examples of each class that models learned from and the seeds that drew them; nil for all of
  ///     the training split.
  ///   - note: takes a line for people.
  public init(
    data: DataRoot, limit: Int? = nil, skipsAbsent: Bool = false, subsets: SubsetScoring? = nil,
    fewShots: (count: Int, seeds: [UInt64])? = nil, note: @escaping (String) -> Void
  ) {
    (self.data, self.limit, self.skipsAbsent, self.subsets, self.note) = (data, limit, skipsAbsent, subsets, note)
    self.fewShots = fewShots
  }

  /// Whether results call a baseline so.
  public static func isBaseline(_ system: String) -> Bool {
    WordModel(rawValue: system) != nil || system.hasPrefix("\(WordModel.ngrams.rawValue):")
  }

  /// - Parameter splits: nil for every split with labels but `train`.
  /// - Throws: what reading the data throws, but for training splits that are not here.
  public func score(
    tasks: [TaskDefinition], splits: [String]? = nil, suites: [RoutedSuite]
  ) throws(GraftError) -> [ResultEntry] {
    var entries: [ResultEntry] = []
    let suiteTasks = suites.map(\.task).reduce(into: [TaskDefinition]()) { found, task in
      if !(tasks + found).contains(where: { $0.name == task.name }) { found.append(task) }
    }
    for task in tasks + suiteTasks where task.choices != nil && task.splitNames.contains("train") {
      let isScored = tasks.contains { $0.name == task.name }
      let drawn: [UInt64?]? = isScored ? fewShots?.seeds : nil
      let seeds = drawn ?? [nil]
      for seed in seeds {
        let shots = fewShots.flatMap { few in seed.map { (few.count, $0) } }
        guard let baselines = try baselines(of: task, shots: shots) else { break }
        var scores = isScored ? try score(baselines, splits: splits) : []
        for suite in suites where suite.task.name == task.name { scores += try score(baselines, on: suite) }
        for index in scores.indices { (scores[index].shots, scores[index].seed) = (shots?.0, seed) }
        entries += scores
      }
    }
    return entries
  }

  private func score(_ baselines: Baselines, splits: [String]?) throws(GraftError) -> [ResultEntry] {
    let task = baselines.task
    var entries: [ResultEntry] = []
    for split in try evaluationSplits(of: task, splits, data, skippingAbsent: skipsAbsent) {
      let report = try baselines.report(split: split, data: data, limit: limit)
      let identifiers =
        subsets?.concerns(task.name, split) == true
        ? try task.examples(split: split, data: data, limit: limit).map(\.identifier) : []
      for score in report.scores {
        var report = score.report
        if !identifiers.isEmpty {
          report.groups += try subsets?.groups(report, task: task, split: split, identifiers: identifiers) ?? []
        }
        entries += resultEntries(report, split: split, system: score.name, limit: limit)
      }
    }
    return entries
  }

  private func score(_ baselines: Baselines, on suite: RoutedSuite) throws(GraftError) -> [ResultEntry] {
    try baselines.report(suite: suite.definition, data: data, limit: limit).scores.flatMap {
      resultEntries($0.report, split: suite.definition.defaultSplit, system: $0.name, limit: limit)
    }
  }

  /// Nil with a note if the task's training split is not here: a model can be evaluated without it.
  private func baselines(
    of task: TaskDefinition, shots: (count: Int, seed: UInt64)? = nil
  ) throws(GraftError) -> Baselines? {
    do throws(GraftError) {
      return try Baselines(task: task, data: data, shots: shots)
    } catch {
      guard error.code == .missingInput else { throw error }
      note("no baselines for \(task.name), as its training split is not here: \(error.message)")
      return nil
    }
  }
}
