import Foundation
import Scoring
import Support

/// A table with a line above it.
public struct TitledTable: Sendable, Hashable {
  /// The line above the table.
  public var title: String
  /// The table itself.
  public var table: Table

  /// A table under a line of its own.
  public init(title: String, table: Table) {
    self.title = title
    self.table = table
  }

  /// The line and the table as a terminal shows them; ends with a line break.
  public var plainText: String { "\(title)\n\(table.plainText)" }
}

/// The scores of a task's or suite's parts, a table per group of examples.
public struct GroupTables: Sendable {
  /// Groups with more values than this are for those who ask for details.
  public static let shownValues = 16
  /// Groups with more values than this stand in the results file only.
  public static let detailedValues = 100

  private let entries: [ResultEntry]
  private let isDetailed: Bool

  /// - Parameters:
  ///   - task: the task or suite.
  ///   - system: whose scores are shown.
  public init(_ file: ResultsFile, task: String, system: String, detailed: Bool = false) {
    entries = file.results.filter { $0.task == task && $0.system == system && !$0.group.isEmpty }
    isDetailed = detailed
  }

  /// By label, then group by group, and last what is either so or not.
  public var tables: [TitledTable] {
    var names: [String] = []
    var splits: [String] = []
    for entry in entries {
      if !splits.contains(entry.split) { splits.append(entry.split) }
      for name in entry.group.keys.sorted() where !names.contains(name) { names.append(name) }
    }
    var tables: [TitledTable] = []
    for split in splits {
      let ofSplit = entries.filter { $0.split == split }
      var flags: [String] = []
      for name in names {
        let values = Set(
          ofSplit.filter { $0.group.count == 1 }.compactMap { $0.group[name].map { ByteString($0) } })
        if name != "label", Self.isFlag(values) {
          flags.append(name)
          continue
        }
        guard values.count > 1, values.count <= (isDetailed ? Self.detailedValues : Self.shownValues) else {
          continue
        }
        tables += self.tables(name, ofSplit, split)
      }
      if !flags.isEmpty { tables.append(flagTable(flags, ofSplit, split)) }
    }
    return tables
  }

  private static let yes: Set<String> = ["1", "yes"]

  private static func isFlag(_ values: Set<ByteString>) -> Bool {
    values == ["0", "1"] || values == ["no", "yes"]
  }

  private func title(_ what: String, _ split: String) -> String {
    let task = entries.first?.task ?? ""
    return split == "test" ? "\(task) by \(what)" : "\(task) \(split) by \(what)"
  }

  /// One table, or one per metric where there are columns for labels, which would make it too wide.
  private func tables(_ name: String, _ entries: [ResultEntry], _ split: String) -> [TitledTable] {
    let own = entries.filter { $0.group[name] != nil && (name != "label" || $0.group.count == 1) }
    let metrics = Self.distinct(own.map(\.metric))
    let labels = name == "label" ? [] : Self.distinct(own.compactMap { $0.group["label"] })
    guard metrics.count > 1, !labels.isEmpty else {
      return [TitledTable(title: title(name, split), table: table(name, own, metrics, labels))]
    }
    return metrics.map { metric in
      TitledTable(
        title: "\(title(name, split)), \(metric)", table: table(name, own, [metric], labels))
    }
  }

  private func table(
    _ name: String, _ own: [ResultEntry], _ metrics: [String], _ labels: [String]
  ) -> Table {
    var columns: [Table.Column] = [.init(name), .init("examples", .right)]
    for metric in metrics {
      columns.append(.init(metric, .right))
      columns += labels.map { .init($0, .right) }
    }
    var table = Table(columns)
    for value in Self.distinct(own.compactMap { $0.group[name] }) {
      let rows = own.filter { $0.group[name]?.isExactly(value) == true }
      var cells = [value, rows.first { $0.group.count == 1 }.map { "\($0.examples)" } ?? ""]
      for metric in metrics {
        cells.append(Self.cell(rows.filter { $0.metric == metric && $0.group.count == 1 }))
        cells += labels.map { label in
          Self.cell(
            rows.filter {
              $0.metric == metric && $0.group.count == 2 && $0.group["label"]?.isExactly(label) == true
            })
        }
      }
      table.append(cells)
    }
    return table
  }

  /// A row per kind of example, which an example either is or not.
  private func flagTable(_ names: [String], _ entries: [ResultEntry], _ split: String) -> TitledTable {
    let own = entries.filter { $0.group.count == 1 && names.contains($0.group.first?.key ?? "") }
    let metrics = Self.distinct(own.map(\.metric))
    var columns: [Table.Column] = [.init("kind"), .init("examples", .right)]
    for metric in metrics { columns += [.init(metric, .right), .init("of the others", .right)] }
    var table = Table(columns)
    for name in names {
      func rows(_ isSo: Bool) -> [ResultEntry] {
        own.filter { entry in entry.group[name].map { Self.yes.contains($0) == isSo } ?? false }
      }
      var cells = [name, rows(true).first.map { "\($0.examples)" } ?? ""]
      for metric in metrics {
        cells.append(Self.cell(rows(true).filter { $0.metric == metric }))
        cells.append(Self.cell(rows(false).filter { $0.metric == metric }))
      }
      table.append(cells)
    }
    return TitledTable(title: title("kind", split), table: table)
  }

  /// One score with its interval, or mean, deviation and range over seeds.
  private static func cell(_ entries: [ResultEntry]) -> String {
    guard let first = entries.first else { return "–" }
    let factor = Metrics.displayFactor(first.metric, signature: first.signature)
    guard entries.count > 1, let summary = SeedSummary(entries.map { $0.score * factor }) else {
      let interval = first.interval.map { $0.lowerBound * factor...$0.upperBound * factor }
      return NumberText.score(first.score * factor, interval: interval)
    }
    let deviation = NumberText.fixed(summary.standardDeviation ?? 0, digits: 1)
    return "\(NumberText.fixed(summary.mean, digits: 1)) ± \(deviation)"
      + " (\(NumberText.fixed(summary.minimum, digits: 1)) to \(NumberText.fixed(summary.maximum, digits: 1)))"
  }

  private static func distinct(_ values: [String]) -> [String] {
    values.exactlyDistinct
  }
}

extension ResultsFile {
  /// Mean, deviation and range of every score that several seeds have; nil if none has.
  public func seedTable() -> Table? {
    var rows: [[String]: [ResultEntry]] = [:]
    var order: [[String]] = []
    for entry in results where entry.group.isEmpty && entry.seed != nil {
      let key = [entry.task, entry.split, entry.metric, entry.system]
      if rows[key] == nil { order.append(key) }
      rows[key, default: []].append(entry)
    }
    order.removeAll { (rows[$0]?.count ?? 0) < 2 }
    guard !order.isEmpty else { return nil }
    var table = Table(
      ["task", "split", "metric", "system"].map { .init($0) }
        + ["seeds", "mean", "deviation", "minimum", "maximum"].map { .init($0, .right) })
    for key in order {
      guard let entries = rows[key] else { continue }
      let factor = Metrics.displayFactor(key[2], signature: entries.first?.signature)
      guard let summary = SeedSummary(entries.map { $0.score * factor }) else { continue }
      let figures = [
        summary.mean, summary.standardDeviation ?? 0, summary.minimum, summary.maximum,
      ]
      table.append(key + ["\(entries.count)"] + figures.map { NumberText.fixed($0, digits: 1) })
    }
    return table
  }
}
