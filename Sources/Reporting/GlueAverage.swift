import Scoring
import Support

/// The average over the tasks of GLUE (Wang et al. 2019) that a file has scores of.
///
/// A task's score is the mean of its metrics over the splits it was scored on, so that both halves of MNLI are one
/// task. WNLI is left out, as T5 does: its development set has premises of the training set with the other label.
public struct GlueAverage: Sendable {
  /// In the order of the published tables.
  public static let tasks = ["cola", "sst2", "mrpc", "stsb", "qqp", "mnli", "qnli", "rte"]

  /// Those that are averaged.
  public var included: [String]
  /// Times 100, of the systems that have scores of all of them; over seeds the mean.
  public var systems: [(name: String, score: Double)]

  /// - Returns: nil with fewer than two of the tasks.
  public init?(_ file: ResultsFile) {
    let entries = file.results.filter { $0.group.isEmpty && $0.through == nil && $0.partialInput == nil }
    let found = Self.tasks.filter { task in entries.contains { $0.task == task } }
    guard found.count > 1 else { return nil }
    var names: [String] = []
    for entry in entries where !names.contains(entry.system) { names.append(entry.system) }
    let systems = names.compactMap { name -> (name: String, score: Double)? in
      let scores = found.compactMap { Self.score(of: $0, entries.filter { $0.system == name }) }
      return scores.count == found.count ? (name, Self.mean(scores)) : nil
    }
    guard !systems.isEmpty else { return nil }
    (included, self.systems) = (found, systems)
  }

  private static func score(of task: String, _ entries: [ResultEntry]) -> Double? {
    let own = entries.filter { $0.task == task }
    let bySplit = Dictionary(grouping: own, by: \.split).mapValues { entries in
      mean(
        Dictionary(grouping: entries, by: \.metric).map { metric, seeds in
          mean(seeds.map { $0.score * Metrics.displayFactor(metric, signature: $0.signature) })
        })
    }
    return bySplit.isEmpty ? nil : mean(Array(bySplit.values))
  }

  private static func mean(_ values: [Double]) -> Double {
    // In an order of their own: a sum must not depend on that of a dictionary.
    values.sorted().reduce(0, +) / Double(max(1, values.count))
  }

  /// For below a table.
  public var text: String {
    let scores = systems.map { "\($0.name) \(NumberText.fixed($0.score, digits: 1))" }
    let isWhole = included.count == Self.tasks.count
    return "GLUE average of \(isWhole ? "all" : "\(included.count) of the") \(Self.tasks.count) tasks"
      + (isWhole ? "" : " (\(included.joined(separator: ", ")))") + ": \(scores.joined(separator: ", "))\n"
      + "a task counts the mean of its metrics, MNLI's splits are one task, WNLI is left out"
  }
}
