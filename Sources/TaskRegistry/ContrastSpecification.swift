import Records
import Scoring
import Support

/// A score of one group of examples compared with that of another: what a suite on bias is about.
public struct ContrastSpecification: Sendable, Hashable {
  static let keys = ["name", "group", "of", "minus", "over", "metric"]

  /// How it is called in results.
  public let name: String
  /// The group of the examples, such as `gender`, of which two values are compared.
  public let group: String
  /// The group's value whose score comes first.
  public let first: String
  /// The group's value whose score is taken from the first, or divides it.
  public let second: String
  /// Whether the scores are subtracted or divided.
  public let form: ContrastForm
  /// Nil for the primary metric.
  public let metric: String?

  init(_ value: YAMLValue) throws(GraftError) {
    let record = try value.record("a contrast", keys: Self.keys)
    func needed(_ key: String) throws(GraftError) -> String {
      guard let text = record[key] else {
        throw value.error(
          "a contrast needs '\(key)'",
          hint: "write {name: gender-gap, group: gender, of: masculine, minus: feminine}.")
      }
      return try text.string()
    }
    (name, group, first) = (try needed("name"), try needed("group"), try needed("of"))
    guard DefinitionFile.isName(name), !name.contains(".") else {
      throw value.error(
        "'\(name)' cannot name a contrast", hint: "use lower-case letters, digits and '-'.")
    }
    switch (record["minus"], record["over"]) {
    case (let other?, nil): (second, form) = (try other.string(), .difference)
    case (nil, let other?): (second, form) = (try other.string(), .ratio)
    default: throw value.error("a contrast has either 'minus' or 'over'")
    }
    if let named = record["metric"] {
      let text = try named.string()
      metric = text
      _ = try named.location.locating { () throws(GraftError) in try Metrics.registry(text) }
    } else {
      metric = nil
    }
  }

  /// For the former hash of a definition.
  var description: String {
    "\(name) \(group) \(first.debugDescription) \(form.rawValue) \(second.debugDescription) \(metric ?? "")"
  }
}

/// The scores that compare examples with each other instead of adding them up.
struct RelatedScores {
  var contrasts: [ContrastSpecification]
  var averages: [AverageSpecification]
  var primaryMetric: String
  var bootstrap: BootstrapOptions

  /// Consistency, if examples belong to sets, the contrasts and the averages.
  func scores(
    _ answers: [Prediction], _ references: [Reference], _ examples: [Example]
  ) throws(GraftError) -> [MetricScore] {
    var scores: [MetricScore] = []
    let sets = examples.map(\.set)
    if let consistency = try SetConsistency.measure(answers, references, sets: sets, bootstrap: bootstrap) {
      scores.append(consistency)
    }
    for contrast in contrasts {
      let sides = examples.map { example -> Int? in
        let values = example.values(ofGroup: contrast.group)
        if values.containsExactly(contrast.first) { return 0 }
        return values.containsExactly(contrast.second) ? 1 : nil
      }
      scores.append(
        try Metrics.registry(contrast.metric ?? primaryMetric).contrast(
          contrast.name, contrast.form, answers, references, sides: sides, sets: sets, bootstrap: bootstrap))
    }
    for average in averages {
      scores.append(
        try Metrics.registry(average.metric ?? primaryMetric).groupMean(
          average.name, answers, references, values: examples.map { $0.groups[average.group] },
          bootstrap: bootstrap))
    }
    return scores
  }
}
