import Records
import Scoring
import Support

/// How many examples of a split occur in what a model was trained on.
public struct OverlapEntry: Sendable, Hashable, Codable {
  /// What examples were looked for in.
  public enum Source: String, Sendable, Hashable, Codable {
    /// The labelled examples of its tasks.
    case tasks
    /// The text of pretraining.
    case text
  }

  /// The task or suite.
  public var task: String
  /// The split whose examples were looked for.
  public var split: String
  /// What they were looked for in.
  public var source: Source
  /// Words of the runs that were sought.
  public var length: Int
  /// Examples of which such a run, or all of a shorter text, was found.
  public var touched: Int
  /// Examples of the split.
  public var examples: Int
  /// `touched` of `examples`, with Wilson's interval.
  public var share: Estimate?

  /// Counts of one split; the share and its interval follow from them.
  public init(task: String, split: String, source: Source, length: Int, touched: Int, examples: Int) {
    self.task = task
    self.split = split
    self.source = source
    self.length = length
    self.touched = touched
    self.examples = examples
    share = .proportion(touched, of: examples)
  }

  /// What the table of such entries shows.
  public static func caption(_ entries: [OverlapEntry]) -> String {
    "Examples of which \(entries.first?.length ?? 0) words in a row, or all of a shorter text, occur"
  }

  /// A row per split, a column per source.
  public static func table(_ entries: [OverlapEntry]) -> Table {
    let sources: [(source: Source, title: String)] = [
      (.tasks, "in training examples, %"), (.text, "in pretraining text, %"),
    ].filter { source, _ in entries.contains { $0.source == source } }
    var table = Table(
      [.init("task"), .init("split"), .init("examples", .right)] + sources.map { .init($0.title, .right) })
    var sets: [OverlapEntry] = []
    for entry in entries where !sets.contains(where: { $0.task == entry.task && $0.split == entry.split }) {
      sets.append(entry)
    }
    for set in sets {
      let cells = sources.map { source, _ in
        let found = entries.first { $0.task == set.task && $0.split == set.split && $0.source == source }
        guard let share = found?.share else { return "" }
        return NumberText.score(
          100 * share.value, interval: share.interval.map { 100 * $0.lower...100 * $0.upper }, digits: 1)
      }
      table.append([set.task, set.split, "\(set.examples)"] + cells)
    }
    return table
  }
}
