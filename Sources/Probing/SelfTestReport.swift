import Foundation
import Scoring

/// The power curves of a self-test.
public struct SelfTestReport: ProbeReport {
  /// How often one test found a cue of one strength.
  public struct Point: Encodable, Sendable {
    /// `cue-words`, `partial-input`, `surface`.
    public var test: String
    /// Of the cue, from 0 to 1.
    public var strength: Double
    /// Data sets in which the test found something.
    public var detected: Int
    /// Data sets of this strength.
    public var dataSets: Int
    /// The share of them in which the test found something.
    public var rate: Estimate?
  }

  /// `microworld` or `TASK:FIELD`.
  public var data: String
  /// The rate of false alarms that each test promises not to exceed.
  public var level: Double
  /// Data sets of each strength.
  public var dataSets: Int
  /// Training examples of a data set.
  public var trainingExamples: Int
  /// Test examples of a data set.
  public var testExamples: Int
  /// By strength, and of each strength one for every test.
  public var points: [Point]

  /// `self-test-snli-dev-hypothesis`.
  public var fileName: String {
    "self-test-" + String(data.map { $0.isLetter || $0.isNumber ? $0 : "-" })
  }

  /// The points of a test, weakest cue first.
  public func curve(_ test: String) -> [Point] { points.filter { $0.test == test } }

  /// More false alarms than this are less probable than 5 % at the stated level.
  public var allowedFalseAlarms: Int {
    var allowed = 0
    while allowed < dataSets,
      BinomialTest.upperTail(allowed + 1, of: dataSets, probability: level) >= 0.05
    {
      allowed += 1
    }
    return allowed
  }

  /// Whether a test finds no more at strength 0 than its level allows for.
  public func keepsLevel(_ test: String) -> Bool {
    curve(test).allSatisfy { $0.strength > 0 || $0.detected <= allowedFalseAlarms }
  }

  /// Whether the rate never falls by more than noise from a cue to a stronger one: the intervals of all pairs overlap
  /// where the stronger is found less often.
  public func isMonotone(_ test: String) -> Bool {
    let curve = curve(test)
    return curve.indices.allSatisfy { index in
      curve[(index + 1)...].allSatisfy { stronger in
        stronger.detected >= curve[index].detected
          || (stronger.rate?.upper ?? 1) >= (curve[index].rate?.lower ?? 0)
      }
    }
  }

  /// Whether every test keeps its level and is monotone within noise.
  public var isPassed: Bool { SelfTest.testNames.allSatisfy { keepsLevel($0) && isMonotone($0) } }

  private enum CodingKeys: String, CodingKey {
    case data, level, dataSets, trainingExamples, testExamples, points, allowedFalseAlarms, isPassed
  }

  /// Writes what `graft probe --self-test` keeps: the figures, and the verdict that follows from them.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(data, forKey: .data)
    try container.encode(level, forKey: .level)
    try container.encode(dataSets, forKey: .dataSets)
    try container.encode(trainingExamples, forKey: .trainingExamples)
    try container.encode(testExamples, forKey: .testExamples)
    try container.encode(points, forKey: .points)
    try container.encode(allowedFalseAlarms, forKey: .allowedFalseAlarms)
    try container.encode(isPassed, forKey: .isPassed)
  }

  public var tables: [ProbeTable] {
    var rates = ProbeTable(
      title: "Self-test on \(data): share of data sets in which a probe finds something",
      note:
        "\(dataSets) data sets a strength, \(trainingExamples) training and \(testExamples) test examples each.",
      columns: [.number("strength")] + SelfTest.testNames.map { .number($0) })
    for (index, point) in curve(SelfTest.testNames[0]).enumerated() {
      rates.append(
        [.number(point.strength, digits: 2)]
          + SelfTest.testNames.map { .estimatedShare(curve($0)[index].rate) })
    }
    var verdict = ProbeTable(
      title: "Verdict",
      note:
        "At level \(level), alarms in more than \(allowedFalseAlarms) of \(dataSets) data sets without a cue would have a "
        + "probability below 0.05.",
      columns: [.text("probe"), .number("false alarms"), .text("keeps its level"), .text("monotone")])
    for test in SelfTest.testNames {
      let without = curve(test).first { $0.strength == 0 }
      verdict.append([
        .text(test), without.map { .count($0.detected) } ?? .missing, .text(keepsLevel(test) ? "yes" : "no"),
        .text(isMonotone(test) ? "yes" : "no"),
      ])
    }
    return [rates, verdict]
  }

  public var plots: [ProbePlot] {
    [
      ProbePlot(
        name: fileName, title: "Power of the probes on \(data)",
        xLabel: "strength of the cue",
        yLabel: "share of data sets", hasLogarithmicX: false,
        series: SelfTest.testNames.map { test in
          ProbePlot.Series(
            name: test,
            points: curve(test).map { .init(x: $0.strength, y: Double($0.detected) / Double($0.dataSets)) },
            isLine: true)
        })
    ]
  }
}
