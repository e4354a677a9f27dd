import Foundation
import Records
import Scoring
import Support

/// How far a part of the input alone gets: each field without the others, all words out of order, lengths only
/// (Gururangan et al. 2018, "Annotation Artifacts in Natural Language Inference Data"; Poliak et al. 2018, "Hypothesis
/// Only Baselines"; Tsuchiya 2018).
///
/// A task of two texts asks how they are related, so one text alone should do no better than the most frequent label:
///
///     beyond majority = accuracy(part of the input) − accuracy(majority class of the training split)
///
/// The model is logistic regression on words and word pairs (`NGramClassifier`, after fastText), trained once per seed;
/// accuracies are means over seeds. Intervals are bootstraps over examples, the same resample for all seeds, and p is
/// that of approximate randomisation against the majority class.
///
/// Worked example: of ten test examples with four of the majority class, a hypothesis-only model gets 6 right with one
/// seed and 7 with another. Its accuracy is .65, and .25 beyond majority.
public struct PartialInputProbe: Probe {
  public static let identifier = "partial-input"
  public static let reportType: any (ProbeReport & Decodable).Type = PartialInputReport.self

  /// There is nothing to choose; `ProbeOptions` has what all probes share.
  public init() {}

  public func report(on input: ProbeInput) throws(GraftError) -> any ProbeReport {
    try partialInputReport(on: input)
  }

  func partialInputReport(on input: ProbeInput) throws(GraftError) -> PartialInputReport {
    let majority = MajorityBaseline(labels: input.training.labels, classCount: input.classes.count).label
    var scores: [PartialInputReport.Score] = []
    for split in input.evaluation where !split.examples.isEmpty {
      let constant = split.examples.map { _ in prediction(majority, of: input) }
      let score = try score(split, [constant], majority: constant, name: "majority", input)
      scores.append(score)
    }
    let byView = try PartialInput.all(of: input).map { view throws(GraftError) in
      try self.scores(view, majority, input)
    }
    return PartialInputReport(
      trainingSplit: input.training.name, trainingCount: input.training.examples.count,
      seeds: input.options.seeds, majorityClass: input.classes[majority], scores: scores + byView.joined())
  }

  private func scores(
    _ view: PartialInput, _ majority: Int, _ input: ProbeInput
  ) throws(GraftError) -> [PartialInputReport.Score] {
    let models = PartialInputModels(view, of: input)
    let others = input.evaluation.filter { !input.isCrossFitted($0) }
    let trained = others.isEmpty ? [] : models.trained(others)
    var result: [PartialInputReport.Score] = []
    for split in input.evaluation where !split.examples.isEmpty {
      let logarithms =
        others.firstIndex { $0.name == split.name }.map { trained[$0] } ?? models.logarithms(split)
      let predictions = logarithms.map { seed in
        seed.map { prediction($0.greatestIndex, of: input, scores: $0) }
      }
      let constant = split.examples.map { _ in prediction(majority, of: input) }
      result.append(try score(split, predictions, majority: constant, name: view.name, input))
    }
    return result
  }

  private func prediction(_ choice: Int, of input: ProbeInput, scores: [Double]? = nil) -> Prediction {
    Prediction(text: input.classes[choice], choice: choice, choiceScores: scores)
  }

  private func score(
    _ split: LabelledSplit, _ seeds: [[Prediction]], majority: [Prediction], name: String, _ input: ProbeInput
  ) throws(GraftError) -> PartialInputReport.Score {
    let bootstrap = input.options.bootstrap
    let accuracy = Accuracy()
    let bySeed = seeds.map { accuracy.share(of: $0, split.references) }
    guard let estimate = try accuracy.estimate(seeds: seeds, split.references, bootstrap: bootstrap) else {
      throw GraftError(.internalError, "no accuracy on split '\(split.name)'")
    }
    var score = PartialInputReport.Score(
      split: split.name, input: name, examples: split.examples.count,
      isCrossFitted: input.isCrossFitted(split),
      accuracy: estimate, seeds: bySeed)
    if name != "majority" {
      let comparison = try accuracy.compare(
        seeds: seeds.map { _ in majority }, seeds, split.references, bootstrap: bootstrap)
      score.beyondMajority = comparison.map { Estimate($0.difference, $0.interval) }
      score.p = comparison?.p
    }
    if input.task.primaryMetric != accuracy.name {
      let metric = try Metrics.registry(input.task.primaryMetric)
      score.primaryMetric = metric.name
      score.primary = try metric.estimate(seeds: seeds, split.references, bootstrap: bootstrap)
    }
    return score
  }
}

extension Accuracy {
  fileprivate func share(of answers: [Prediction], _ references: [Reference]) -> Double {
    let sum = zip(answers, references).reduce(0) { $0 + statistic(prediction: $1.0, reference: $1.1) }
    return sum / Double(answers.count)
  }
}

/// What `PartialInputProbe` found.
public struct PartialInputReport: ProbeReport, Decodable {
  /// The accuracy of one part of the input on one split.
  public struct Score: Codable, Sendable {
    /// The split that was scored.
    public var split: String
    /// `majority`, `lengths-only`, `shuffled-words`, `FIELD-only`, `all-fields`.
    public var input: String
    /// Examples that were scored.
    public var examples: Int
    /// Whether each fold was scored by models of the split's other folds.
    public var isCrossFitted: Bool
    /// The mean over seeds.
    public var accuracy: Estimate
    /// The accuracy with each seed.
    public var seeds: [Double]
    /// The accuracy less that of the majority class; nil of the majority class itself.
    public var beyondMajority: Estimate?
    /// Of approximate randomisation against the majority class, two-sided.
    public var p: Double?
    /// The task's own metric, if that is not accuracy.
    public var primaryMetric: String?
    /// The score by that metric; nil where it is undefined.
    public var primary: Estimate?
  }

  /// The split that models were trained on.
  public var trainingSplit: String
  /// How many examples it has.
  public var trainingCount: Int
  /// Models trained for each part of the input.
  public var seeds: Int
  /// The most frequent class of the training split.
  public var majorityClass: String
  /// The majority class on each split, then each part of the input on each split.
  public var scores: [Score]

  public var tables: [ProbeTable] {
    let metric = scores.lazy.compactMap(\.primaryMetric).first
    var table = ProbeTable(
      title: "Partial input: accuracy of a linear model of words and word pairs",
      note:
        "Trained on \(trainingCount) examples of \(trainingSplit), mean of \(seeds) seeds; the majority class is "
        + "'\(majorityClass)'.",
      columns: [
        .text("split"), .text("input"), .number("accuracy"), .number("beyond majority"), .number("p"),
        .number("seeds from"), .number("to"),
      ] + (metric.map { [.number($0)] } ?? []))
    for score in scores {
      let isMajority = score.beyondMajority == nil
      table.append(
        [
          .text(score.split + (score.isCrossFitted ? " (folds)" : "")), .text(score.input),
          .estimatedShare(score.accuracy), .estimatedShare(score.beyondMajority),
          score.p.map { .number($0, digits: 4) } ?? .missing,
          isMajority ? .missing : .share(score.seeds.min() ?? 0),
          isMajority ? .missing : .share(score.seeds.max() ?? 0),
        ] + (metric == nil ? [] : [.estimate(score.primary, digits: 3)]))
    }
    return [table]
  }
}
