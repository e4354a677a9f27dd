import Foundation
import Records
import Scoring
import Support
import TaskRegistry

/// Which examples a model of a part of the input gets right (easy) and wrong (hard), after Gururangan et al. 2018,
/// section 4, whose hard sets are what a hypothesis-only model gets wrong.
///
/// A hard set hangs on the seed and the strength of the model that makes it. So here several models decide: an example
/// is easy if its label has the greatest mean probability over seeds, else hard. Examples of the training split are
/// judged by models that have not seen them (cross-fitting: k folds, dealt anew for each seed), those of other splits
/// by models of the whole training split. Beside the subsets stand the agreement of the seeds about what is easy, as
/// the mean share of examples that two seeds agree on and as Fleiss' kappa, and the identifiers as `ExampleSubsets`.
///
/// The part of the input is the field whose models are right most often on the training split; with one field, it is
/// that field, and easy means easy for a model of words and word pairs.
///
/// Worked example: two classes, three seeds give the label of an example the probabilities .6, .4 and .7. Their mean is
/// .567: easy. Two of the three seeds find it easy, so that one of three pairs of seeds agrees.
public struct HardSubsetProbe: Probe {
  public static let identifier = "hard-subset"
  public static let reportType: any (ProbeReport & Decodable).Type = HardSubsetReport.self
  static let easy = "easy"
  static let hard = "hard"

  /// There is nothing to choose; `ProbeOptions` has what all probes share.
  public init() {}

  public func report(on input: ProbeInput) throws(GraftError) -> any ProbeReport {
    let candidates: [PartialInput] = input.fields.count > 1 ? input.fields.map { .field($0) } : [.all]
    var best: (view: PartialInput, models: PartialInputModels, training: [[[Double]]], accuracy: Double)?
    for view in candidates {
      let models = PartialInputModels(view, of: input)
      let training = models.logarithms(input.training)
      let accuracy = Self.meanAccuracy(training, input.training.labels)
      if accuracy > (best?.accuracy ?? -1) { best = (view, models, training, accuracy) }
    }
    guard let best else { throw GraftError(.internalError, "no part of the input to look at") }
    let others = input.splits.filter { !input.isCrossFitted($0) && !$0.examples.isEmpty }
    let trained = others.isEmpty ? [] : best.models.trained(others)
    var reports: [HardSubsetReport.Split] = []
    var subsets: [ExampleSubsets] = []
    for split in input.splits where !split.examples.isEmpty {
      let logarithms = others.firstIndex { $0.name == split.name }.map { trained[$0] } ?? best.training
      let isEasy = Self.isEasy(logarithms, split.labels)
      let agreement = Self.agreement(logarithms, split.labels)
      let made =
        "graft probe --task \(input.task.name): hard-subset, \(best.view.name), "
        + (input.isCrossFitted(split)
          ? "\(input.options.folds) folds" : "trained on \(input.training.name)")
        + ", \(input.options.seeds) seeds"
      func identifiers(_ wanted: Bool) -> [String] {
        zip(split.examples, isEasy).filter { $0.1 == wanted }.map(\.0.identifier)
      }
      subsets.append(
        ExampleSubsets(
          task: input.task, split: split.name, made: made,
          subsets: [Self.easy: identifiers(true), Self.hard: identifiers(false)]))
      reports.append(
        try splitReport(split, isEasy, agreement, logarithms.count, input))
    }
    return HardSubsetReport(
      input: best.view.name, folds: input.options.folds, seeds: input.options.seeds, splits: reports,
      subsets: subsets)
  }

  private func splitReport(
    _ split: LabelledSplit, _ isEasy: [Bool], _ agreement: Agreement, _ seeds: Int, _ input: ProbeInput
  ) throws(GraftError) -> HardSubsetReport.Split {
    let easy = isEasy.count { $0 }
    func shares(_ wanted: Bool) -> [String: Double] {
      let labels = zip(split.labels, isEasy).filter { $0.1 == wanted }.map(\.0)
      guard !labels.isEmpty else { return [:] }
      var shares: [String: Double] = [:]
      for (index, name) in input.classes.enumerated() {
        shares[name] = Double(labels.count { $0 == index }) / Double(labels.count)
      }
      return shares
    }
    return HardSubsetReport.Split(
      split: split.name, isCrossFitted: input.isCrossFitted(split), easy: easy,
      hard: isEasy.count - easy, easyShare: .proportion(easy, of: isEasy.count),
      pairAgreement: seeds > 1 ? agreement.pairs : nil, kappa: agreement.kappa, easyLabels: shares(true),
      hardLabels: shares(false),
      scores: try SplitScores.scores(
        of: split, parts: [Self.easy: isEasy, Self.hard: isEasy.map { !$0 }], input))
  }

  /// Mean over seeds.
  static func meanAccuracy(_ logarithms: [[[Double]]], _ labels: [Int]) -> Double {
    guard !labels.isEmpty, !logarithms.isEmpty else { return 0 }
    let right = logarithms.reduce(0) { sum, seed in
      sum + zip(seed, labels).count { $0.greatestIndex == $1 }
    }
    return Double(right) / Double(labels.count * logarithms.count)
  }

  /// Whether the label has the greatest mean probability over seeds.
  static func isEasy(_ logarithms: [[[Double]]], _ labels: [Int]) -> [Bool] {
    labels.indices.map { index in
      var sums = [Double](repeating: 0, count: logarithms[0][index].count)
      for seed in logarithms {
        for (label, value) in seed[index].enumerated() { sums[label] += exp(value) }
      }
      return sums.greatestIndex == labels[index]
    }
  }

  struct Agreement: Sendable, Hashable {
    /// The mean share of examples that two seeds agree about.
    var pairs: Double
    /// Fleiss' kappa; nil where chance alone agrees always, and for a single seed.
    var kappa: Double?
  }

  /// Of the seeds about which examples are easy. Fleiss 1971: κ = (P̄ − P̄ₑ) / (1 − P̄ₑ) with P̄ the mean agreement of
  /// pairs and P̄ₑ = e² + (1 − e)² for the share e of easy judgements.
  static func agreement(_ logarithms: [[[Double]]], _ labels: [Int]) -> Agreement {
    let seeds = logarithms.count
    guard seeds > 1, !labels.isEmpty else { return Agreement(pairs: 1, kappa: nil) }
    var agreeing = 0
    var easy = 0
    for index in labels.indices {
      let right = logarithms.count { $0[index].greatestIndex == labels[index] }
      easy += right
      agreeing += right * (right - 1) + (seeds - right) * (seeds - right - 1)
    }
    let observed = Double(agreeing) / Double(labels.count * seeds * (seeds - 1))
    let share = Double(easy) / Double(labels.count * seeds)
    let chance = share * share + (1 - share) * (1 - share)
    return Agreement(pairs: observed, kappa: chance < 1 ? (observed - chance) / (1 - chance) : nil)
  }
}

/// What `HardSubsetProbe` found.
public struct HardSubsetReport: ProbeReport, Decodable {
  /// The easy and the hard examples of one split.
  public struct Split: Codable, Sendable {
    /// The split's name.
    public var split: String
    /// Whether each fold was judged by models of the split's other folds.
    public var isCrossFitted: Bool
    /// How many examples are easy.
    public var easy: Int
    /// How many examples are hard.
    public var hard: Int
    /// The share of easy examples.
    public var easyShare: Estimate?
    /// The mean share of examples that two seeds agree about; nil for one seed.
    public var pairAgreement: Double?
    /// Fleiss' kappa.
    public var kappa: Double?
    /// The share of each label among the easy examples, and among the hard.
    public var easyLabels: [String: Double]
    /// The same of the hard ones; empty where there are none.
    public var hardLabels: [String: Double]
    /// Of the model whose results were given.
    public var scores: [SplitScores]
  }

  /// `hypothesis-only` and the like.
  public var input: String
  /// Parts of the training split for cross-fitting.
  public var folds: Int
  /// Models that judge each example.
  public var seeds: Int
  /// The training split and those evaluated, empty ones left out.
  public var splits: [Split]
  public var subsets: [ExampleSubsets] = []

  private enum CodingKeys: String, CodingKey { case input, folds, seeds, splits }

  public var tables: [ProbeTable] {
    var table = ProbeTable(
      title: "Easy and hard for \(input) models",
      note:
        "Easy: the label has the greatest mean probability over \(seeds) models; agreement is of two seeds about what "
        + "is easy.",
      columns: [
        .text("split"), .text("judged by"), .number("easy"), .number("hard"), .number("easy share"),
        .number("agreement"), .number("kappa"), .text("labels of the hard"),
      ])
    for split in splits {
      table.append([
        .text(split.split), .text(split.isCrossFitted ? "\(folds) folds" : "models of the training split"),
        .count(split.easy), .count(split.hard), .estimatedShare(split.easyShare),
        split.pairAgreement.map { .share($0) } ?? .missing,
        split.kappa.map { .number($0, digits: 2) } ?? .missing,
        .text(
          split.hardLabels.sorted { $0.key < $1.key }
            .map { "\($0.key) \(Int(($0.value * 100).rounded()))" }.joined(separator: ", ")),
      ])
    }
    return [table]
      + SplitScores.tables(splits.flatMap(\.scores), title: "Score of the given results by easy and hard")
  }
}
