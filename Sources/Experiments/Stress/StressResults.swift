import Reporting
import Scoring
import StressTesting
import Support

/// What `graft stress evaluate` found, as it is written to JSON.
public struct StressResults: Codable {
  /// What a checklist came to.
  public struct ChecklistResult: Codable {
    /// Its name.
    public var checklist: String
    var version: Int
    /// In the order of the checklist.
    public var tests: [ChecklistScore]

    /// - Parameter version: of the checklist.
    public init(checklist: String, version: Int, tests: [ChecklistScore]) {
      (self.checklist, self.version, self.tests) = (checklist, version, tests)
    }
  }

  /// Whose examples were changed.
  public var task: String
  var taskHash: String
  var split: String
  var checkpoint: String
  var seed: UInt64
  /// Examples of the split at most; nil for all.
  public var limit: Int?
  /// As typed, the command first; nil in results of before they were kept.
  public var arguments: [String]?
  /// As which task the examples were put, if not as their own.
  public var through: String?
  /// Of every transform that applies to an example.
  public var transforms: [StressScore] = []
  /// In the order they were asked for.
  public var checklists: [ChecklistResult] = []

  /// - Parameter limit: examples of the split at most; nil for all.
  public init(task: String, taskHash: String, split: String, checkpoint: String, seed: UInt64, limit: Int?) {
    (self.task, self.taskHash, self.split) = (task, taskHash, split)
    (self.checkpoint, self.seed, self.limit) = (checkpoint, seed, limit)
  }

  /// Shares times 100; `change` with its 95 % interval.
  public var table: Table {
    var table = Table([
      .init("transform"), .init("examples", .right), .init("original", .right), .init("changed", .right),
      .init("difference", .right), .init("p", .right), .init("both right", .right), .init("flips", .right),
      .init("failures", .right),
    ])
    for score in transforms {
      table.append([
        score.transform, "\(score.count) of \(score.offered)", percent(score.original.value),
        percent(score.transformed.value), difference(score.change), NumberText.fixed(score.p, digits: 4),
        percent(score.consistency.value), score.flips.map { percent($0.value) } ?? "–",
        score.failures.map { percent($0.value) } ?? "–",
      ])
    }
    return table
  }
}

extension StressResults.ChecklistResult {
  /// Failure rates times 100 with their 95 % intervals, a row per test, and one for all.
  public var table: Table {
    var table = Table([
      .init("capability"), .init("test"), .init("type"), .init("cases", .right),
      .init("failure rate", .right),
    ])
    for test in tests {
      let cases = test.tested == test.cases ? "\(test.cases)" : "\(test.tested) of \(test.cases)"
      table.append([
        test.capability, test.test, test.kind.rawValue, cases, test.failureRate.map(shown) ?? "–",
      ])
    }
    table.append([
      "", "all", "", "\(tests.reduce(0) { $0 + $1.tested })",
      ChecklistRun.rate(tests).map { percent($0) } ?? "–",
    ])
    return table
  }
}

extension StressResults {
  /// Whose examples were changed, and how many of them at most.
  var source: String { "\(task) \(split)\(limit.map { ", at most \($0)" } ?? "")" }
}

extension StressScore {
  /// How many examples, and their scores times 100, in a model card.
  var cardCells: [String] {
    ["\(count)", percent(original.value), percent(transformed.value), difference(change)]
  }
}

extension StressResults.ChecklistResult {
  /// How many cases, and how many of 100 failed, in a model card.
  var cardCells: [String] {
    ["\(tests.reduce(0) { $0 + $1.tested })", ChecklistRun.rate(tests).map { percent($0) } ?? "–"]
  }
}

private func percent(_ share: Double) -> String { NumberText.fixed(100 * share, digits: 1) }

private func shown(_ estimate: Estimate) -> String {
  NumberText.score(
    100 * estimate.value, interval: estimate.interval.map { 100 * $0.lower...100 * max($0.lower, $0.upper) })
}

private func difference(_ estimate: Estimate) -> String {
  func signed(_ value: Double) -> String { (value > 0 ? "+" : "") + percent(value) }
  guard let interval = estimate.interval else { return signed(estimate.value) }
  return "\(signed(estimate.value)) [\(percent(interval.lower)), \(percent(interval.upper))]"
}

extension StressResults: KindedFile {
  public static let kind = FileKind.stress
}
