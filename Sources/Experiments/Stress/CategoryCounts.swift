import Records
import Reporting
import StressTesting
import TaskRegistry

/// How many rows of each category and label were made, beside those of a published suite.
public struct CategoryCounts {
  private var made: [String: [String: Int]] = [:]
  private let published: [String: [String: Int]]
  private let labels: [String]
  private let suite: String

  /// - Parameters:
  ///   - sets: those that were made.
  ///   - suite: the published one.
  ///   - labels: of the task, in its order.
  public init(_ sets: [StressSet], beside suite: String, _ examples: [Example], labels: [String]) {
    self.suite = suite
    self.labels = labels
    for member in sets.flatMap(\.members) {
      Self.count(member.changed.groups, member.expected[0], in: &made)
    }
    var published: [String: [String: Int]] = [:]
    for example in examples { Self.count(example.groups, example.targets, in: &published) }
    self.published = published
  }

  private static func count(
    _ groups: [String: String], _ label: String, in counts: inout [String: [String: Int]]
  ) {
    counts[groups[StressSetMaker.categoryGroup] ?? "–", default: [:]][label, default: 0] += 1
  }

  /// A row per category of either.
  public var table: Table {
    var table = Table(
      [.init("category"), .init("made", .right)] + labels.map { .init($0, .right) }
        + [.init(suite, .right)] + labels.map { .init($0, .right) })
    for category in Set(made.keys).union(published.keys).sorted() {
      table.append([category] + Self.cells(made[category], labels) + Self.cells(published[category], labels))
    }
    return table
  }

  private static func cells(_ counts: [String: Int]?, _ labels: [String]) -> [String] {
    let counts = counts ?? [:]
    return ["\(counts.values.reduce(0, +))"] + labels.map { "\(counts[$0] ?? 0)" }
  }
}
