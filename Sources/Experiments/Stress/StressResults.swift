import Reporting
import Scoring
import StressTesting
import Support

/// What `graft stress evaluate` found, as it is written to JSON.
public struct StressResults: Codable {
  /// What a checklist came to.
  public struct ChecklistResult: Codable {
    public var checklist: String
    public var version: Int
    public var tests: [ChecklistScore]

    public init(checklist: String, version: Int, tests: [ChecklistScore]) {
      (self.checklist, self.version, self.tests) = (checklist, version, tests)
    }
  }

  public var task: String
  public var taskHash: String
  public var split: String
  public var checkpoint: String
  public var seed: UInt64
  public var limit: Int?
  /// As typed, the command first; nil in results of before they were kept.
  public var arguments: [String]?
  /// As which task the examples were put, if not as their own.
  public var through: String?
  public var transforms: [StressScore] = []
  public var checklists: [ChecklistResult] = []

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
