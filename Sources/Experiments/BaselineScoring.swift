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
  /// Takes a line for people.
  var note: (String) -> Void

  /// - Parameters:
  ///   - limit: examples of a split at most.
  ///   - skipsAbsent: whether splits whose data is not here are passed over.
  ///   - subsets: parts of splits that are scored by themselves.
  ///   - note: takes a line for people.
  public init(
    data: DataRoot, limit: Int? = nil, skipsAbsent: Bool = false, subsets: SubsetScoring? = nil,
    note: @escaping (String) -> Void
  ) {
    (self.data, self.limit, self.skipsAbsent, self.subsets, self.note) = (data, limit, skipsAbsent, subsets, note)
  }

  /// Whether results call a baseline so.
  public static func isBaseline(_ system: String) -> Bool { system == "majority" || system.hasPrefix("n-grams") }

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
      guard let baselines = try baselines(of: task) else { continue }
      let isScored = tasks.contains { $0.name == task.name }
      for split in isScored
        ? try evaluationSplits(of: task, splits, data, skippingAbsent: skipsAbsent) : []
      {
        let report = try baselines.report(split: split, data: data, limit: limit)
        let identifiers =
          subsets?.concerns(task.name, split) == true
          ? try task.examples(split: split, data: data, limit: limit).map(\.identifier) : []
        for score in report.scores {
          var report = score.report
          if !identifiers.isEmpty {
            report.groups +=
              try subsets?.groups(report, task: task, split: split, identifiers: identifiers) ?? []
          }
          entries += resultEntries(report, split: split, system: score.name, limit: limit)
        }
      }
      for suite in suites where suite.task.name == task.name {
        let report = try baselines.report(suite: suite.definition, data: data, limit: limit)
        for score in report.scores {
          entries += resultEntries(
            score.report, split: suite.definition.defaultSplit, system: score.name, limit: limit)
        }
      }
    }
    return entries
  }

  /// Nil with a note if the task's training split is not here: a model can be evaluated without it.
  private func baselines(of task: TaskDefinition) throws(GraftError) -> Baselines? {
    do throws(GraftError) {
      return try Baselines(task: task, data: data)
    } catch {
      guard error.code == .missingInput else { throw error }
      note("no baselines for \(task.name), as its training split is not here: \(error.message)")
      return nil
    }
  }
}
