import Foundation
import Records
import Support

/// A 95 % interval.
public struct Interval: Sendable, Hashable, Codable {
  /// The 2.5 % bound.
  public var lower: Double
  /// The 97.5 % bound.
  public var upper: Double

  /// An interval between two bounds; it is not checked that `lower` is the lesser.
  public init(lower: Double, upper: Double) {
    self.lower = lower
    self.upper = upper
  }

  /// The 2.5 % and 97.5 % percentiles by linear interpolation; nil for fewer than two values.
  init?(percentilesOf unsorted: [Double]) {
    guard unsorted.count >= 2 else { return nil }
    let values = unsorted.sorted()
    func percentile(_ share: Double) -> Double {
      let position = share * Double(values.count - 1)
      let below = Int(position)
      let above = min(below + 1, values.count - 1)
      return values[below] + (position - Double(below)) * (values[above] - values[below])
    }
    self.init(lower: percentile(0.025), upper: percentile(0.975))
  }
}

/// One metric's value over one set of examples.
public struct MetricScore: Sendable, Hashable, Codable {
  /// The metric's name, as in the table of metrics.
  public var name: String
  /// nil where the metric is undefined, such as a correlation with a constant.
  public var value: Double?
  /// The bootstrap interval over examples; nil where there is none, as for a single example.
  public var interval: Interval?
  /// Names the variant of the metric exactly.
  public var signature: String
  /// Figures that explain the value: precision and recall, brevity penalty …
  public var details: [String: Double]
  /// Bootstrap intervals of `details`, by the same names.
  public var detailIntervals: [String: Interval]

  /// What `Metric.measure` found.
  public init(
    name: String, value: Double?, interval: Interval?, signature: String, details: [String: Double] = [:],
    detailIntervals: [String: Interval] = [:]
  ) {
    self.name = name
    self.value = value
    self.interval = interval
    self.signature = signature
    self.details = details
    self.detailIntervals = detailIntervals
  }
}

/// The scores of the examples that share a group's value, or a label, or both.
public struct GroupScore: Sendable, Hashable, Codable {
  /// The group's name, such as `heuristic`; `label` for the breakdown by label alone.
  public var group: String
  /// The group's value that the examples share, or the label in the breakdown by label.
  public var value: String
  /// Set where only the examples with this label are meant.
  public var label: String?
  /// How many examples there are.
  public var count: Int
  /// Answers among them that were none of the choices, or no number.
  public var invalid: Int
  /// A metric over these examples alone, the primary one but for subsets that a user names.
  public var score: MetricScore

  /// The score of `count` examples that share `value` in `group`, and `label` where one is given.
  public init(
    group: String, value: String, label: String? = nil, count: Int, invalid: Int, score: MetricScore
  ) {
    self.group = group
    self.value = value
    self.label = label
    self.count = count
    self.invalid = invalid
    self.score = score
  }
}

/// How a set of answers to a task or suite scored.
public struct ScoreReport: Sendable, Hashable, Codable {
  /// The answers as the metrics took them, in the order of the examples.
  public var answers: [Prediction]
  /// What they were compared with.
  public var references: [Reference]
  /// The task's or suite's name.
  public var name: String
  /// The version in the definition of the task or suite.
  public var version: Int
  /// What files know the definition by.
  public var definitionHash: String
  /// For a suite, the task whose prefix and label words were used.
  public var through: String?
  /// For a suite, which answers were taken for which label, after the decision.
  public var collapse: [ByteString: String]
  /// How many examples were scored.
  public var count: Int
  /// Answers that were none of the choices, or no number; each is counted as wrong.
  public var invalid: Int
  /// The name of the metric that stands for the task in tables.
  public var primaryMetric: String
  /// Every metric of the task, the primary one first.
  public var metrics: [MetricScore]
  /// The scores by label, by group and by both; `score.name` says of which metric each is.
  public var groups: [GroupScore]

  /// What scoring a task or suite found; `answers` and `references` belong together by position.
  public init(
    answers: [Prediction], references: [Reference],
    name: String, version: Int, definitionHash: String, through: String? = nil,
    collapse: [ByteString: String] = [:], count: Int, invalid: Int, primaryMetric: String,
    metrics: [MetricScore], groups: [GroupScore]
  ) {
    self.answers = answers
    self.references = references
    self.name = name
    self.version = version
    self.definitionHash = definitionHash
    self.through = through
    self.collapse = collapse
    self.count = count
    self.invalid = invalid
    self.primaryMetric = primaryMetric
    self.metrics = metrics
    self.groups = groups
  }

  /// The score of the metric called `name`, if it was computed.
  public subscript(name: String) -> MetricScore? { metrics.first { $0.name == name } }

  /// The score of the primary metric.
  public var primary: MetricScore? { self[primaryMetric] }

  /// The scores of one group, optionally of one label in it: `group("heuristic", "constituent")`.
  public func group(_ group: String, _ value: String, label: String? = nil) -> GroupScore? {
    groups.first {
      $0.group == group && $0.value.isExactly(value)
        && $0.label.map { ByteString($0) } == label.map { ByteString($0) }
    }
  }
}
