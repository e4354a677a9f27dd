import Foundation
import Records
import Scoring
import Support

/// Length, overlap of words, negation, unseen words and typos by class, and how well each of them alone predicts the
/// label.
///
/// Hypotheses written for a label differ in length (Gururangan et al. 2018, section 3.2: neutral ones are long), in
/// negation (section 3.1) and in how many of the premise's words they take over (Naik et al. 2018; McCoy et al. 2019).
/// For each feature (`SurfaceFeatures`) stand the mean of each class, the accuracy of the best single threshold
/// (`DecisionStump`), found on the training split and scored on each evaluation split, and the area under the ROC curve
/// of each class against the others (`AreaUnderCurve`), where .5 is no information and above .5 the class has greater
/// values.
///
/// Worked example: lengths 4 and 5 of entailment, 7 and 9 of neutral: means 4.5 and 8, threshold 5, AUC of neutral 1.
public struct SurfaceProbe: Probe {
  public static let identifier = "surface"
  public static let reportType: any (ProbeReport & Decodable).Type = SurfaceReport.self

  /// There is nothing to choose; `ProbeOptions` has what all probes share.
  public init() {}

  public func report(on input: ProbeInput) throws(GraftError) -> any ProbeReport {
    let features = SurfaceFeatures(fields: input.fields, training: input.training.examples)
    var columns: [String: [[Double]]] = [:]
    for split in input.splits {
      let isInTraining = input.isCrossFitted(split)
      let rows = split.examples.map { features($0, isInTraining: isInTraining) }
      columns[split.name] = features.names.indices.map { column in rows.map { $0[column] } }
    }
    let training = columns[input.training.name] ?? []
    var reports: [SurfaceReport.Feature] = []
    for (index, name) in features.names.enumerated() {
      let values = training[index]
      var means: [String: Estimate] = [:]
      for (label, className) in input.classes.enumerated() {
        means[className] = Estimate.mean(zip(values, input.training.labels).filter { $0.1 == label }.map(\.0))
      }
      let stump = DecisionStump(
        values: values, labels: input.training.labels, classCount: input.classes.count)
      var scores: [SurfaceReport.Score] = []
      for split in input.evaluation where !split.examples.isEmpty {
        scores.append(try score(stump, columns[split.name]?[index] ?? [], split, input))
      }
      reports.append(
        SurfaceReport.Feature(
          feature: name, means: means, threshold: stump.threshold.isFinite ? stump.threshold : nil,
          below: input.classes[stump.below], above: input.classes[stump.above], scores: scores))
    }
    return SurfaceReport(trainingSplit: input.training.name, classes: input.classes, features: reports)
  }

  private func score(
    _ stump: DecisionStump, _ values: [Double], _ split: LabelledSplit, _ input: ProbeInput
  ) throws(GraftError) -> SurfaceReport.Score {
    let majority = MajorityBaseline(labels: input.training.labels, classCount: input.classes.count).label
    let right = zip(values, split.labels).map { stump($0) == $1 }
    let difference = zip(right, split.labels).map { ($0 ? 1.0 : 0) - ($1 == majority ? 1 : 0) }
    var areas: [String: Estimate] = [:]
    for (label, name) in input.classes.enumerated() {
      let cells = zip(values, split.labels).map {
        AreaUnderCurve.Cell(value: $0, isPositive: $1 == label)
      }
      var order: [Int] = []
      areas[name] = Estimate.bootstrap(cells, options: input.options.bootstrap) { cells, multiplicities in
        if order.count != cells.count { order = AreaUnderCurve.order(cells) }
        return AreaUnderCurve.area(cells, multiplicities, order: order)
      }
    }
    return SurfaceReport.Score(
      split: split.name, isOnTrainingSplit: input.isCrossFitted(split),
      accuracy: .proportion(right.count { $0 }, of: right.count),
      beyondMajority: .bootstrapMean(difference, options: input.options.bootstrap), areas: areas)
  }
}

/// What `SurfaceProbe` found.
public struct SurfaceReport: ProbeReport, Decodable {
  /// What a feature tells about the label on one split.
  public struct Score: Codable, Sendable {
    /// The split that was scored.
    public var split: String
    /// Whether the threshold was found on the same examples, so that the accuracy flatters.
    public var isOnTrainingSplit: Bool
    /// The share of examples that the threshold puts into their class.
    public var accuracy: Estimate?
    /// The same less that of the majority class.
    public var beyondMajority: Estimate?
    /// AUC of each class against the others.
    public var areas: [String: Estimate]
  }

  /// One feature of the texts and what it tells about the label.
  public struct Feature: Codable, Sendable {
    /// `length:hypothesis` …
    public var feature: String
    /// By class, on the training split.
    public var means: [String: Estimate]
    /// Nil where one class is best for all.
    public var threshold: Double?
    /// The class at or below the threshold.
    public var below: String
    /// The class above the threshold.
    public var above: String
    /// One for each evaluation split that has examples.
    public var scores: [Score]
  }

  /// The split of the means, and of the thresholds.
  public var trainingSplit: String
  /// The task's choices.
  public var classes: [String]
  /// In the order of `SurfaceFeatures`.
  public var features: [Feature]

  public var tables: [ProbeTable] {
    var means = ProbeTable(
      title: "Surface: means by class on \(trainingSplit)",
      columns: [.text("feature")] + classes.map { .number($0) })
    for feature in features {
      means.append([.text(feature.feature)] + classes.map { .estimate(feature.means[$0], digits: 3) })
    }
    var scores = ProbeTable(
      title: "Surface: what each feature tells alone",
      note:
        "Accuracy of the best threshold of \(trainingSplit); AUC of a class against the others, where .5 is nothing.",
      columns: [
        .text("split"), .text("feature"), .text("rule"), .number("accuracy"), .number("beyond majority"),
      ] + classes.map { .number("AUC \($0)") })
    for feature in features {
      for score in feature.scores {
        let rule =
          feature.threshold.map { "\(feature.below) ≤ \(String(format: "%.3g", $0)) < \(feature.above)" }
          ?? feature.below
        scores.append(
          [
            .text(score.split + (score.isOnTrainingSplit ? " (as trained)" : "")), .text(feature.feature),
            .text(rule), .estimatedShare(score.accuracy), .estimatedShare(score.beyondMajority),
          ] + classes.map { .estimate(score.areas[$0], digits: 3) })
      }
    }
    return [means, scores]
  }
}
