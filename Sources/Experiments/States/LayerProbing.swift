import Foundation
import Inference
import ModelKit
import Probing
import Randomness
import Records
import Scoring
import Support
import TaskRegistry

/// Trains linear probes on the hidden states of every layer of a model (Alain & Bengio 2017) and on those of the same
/// model as it is before training, for a probe without such a control may tell more of itself than of what it probes
/// (Hewitt & Liang 2019).
public struct LayerProbing: Sendable {
  /// What is probed.
  public var source: StateSource
  /// What is taken of a text's tokens, each by itself.
  public var poolings: [Pooling] = [.last, .mean]
  /// Of the probes' weights.
  public var penalty = StateClassifier.Penalty.l2
  /// Resamples of intervals.
  public var resamples = 1000

  /// With L2 penalties, on the last token and the mean of all.
  public init(_ source: StateSource) { self.source = source }

  /// A probe to train: of one place, pooled in one way, in one of the two models.
  private struct Fit: Sendable {
    var pooling: Pooling
    var place: PlaceStates
    /// Where the examples of each split begin.
    var starts: [Int]
  }

  /// What a probe answered to each scored split.
  private struct Fitted: Sendable {
    var answers: [[Int]]
    var strength: Double
    var units, width: Int
  }

  /// - Parameters:
  ///   - limit: as in `TaskDefinition.examples`.
  ///   - note: is told what a person wants to know before the result.
  /// - Throws: `.usage` for a task without a split to score beside the training split, and as `LayerStateReader`.
  public func report(
    _ input: ProbeInput, data: DataRoot, limit: Int?, note: (String) -> Void
  ) throws(GraftError) -> LayerProbeReport {
    try StateSource.require(input)
    let splits = [input.training] + input.evaluation
    let texts = splits.map { split in split.examples.map { source.text($0, of: input.task) } }
    let readers = try source.readers()
    let cut = readers.trained.cutCount(Array(texts.joined()))
    if cut > 0 { note("\(cut) texts are longer than \(readers.trained.length) tokens and lose their ends") }
    let starts = texts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    let trained = try fitted(readers.trained, Array(texts.joined()), starts, input)
    let drawn = try fitted(readers.drawn, Array(texts.joined()), starts, input)
    let bootstrap = BootstrapOptions(resamples: resamples, key: RandomKey(seed: source.seed))
    let baselines = try StateBaseline.all(input, data: data, limit: limit, bootstrap: bootstrap)
    func score(_ probe: Fitted, _ rights: [Double]) -> LayerProbeReport.Score {
      .init(
        accuracy: .bootstrapMean(rights, options: bootstrap), strength: probe.strength, units: probe.units,
        width: probe.width)
    }
    let scored = input.evaluation.indices.map { index in
      let split = input.evaluation[index]
      let probes = zip(trained, drawn).map { own, other in
        let rights = StateScores.rights(own.probe.answers[index], split.labels)
        let others = StateScores.rights(other.probe.answers[index], split.labels)
        return LayerProbeReport.Probe(
          place: own.place, pooling: own.pooling.rawValue, trained: score(own.probe, rights),
          drawn: score(other.probe, others),
          gain: .bootstrapMean(StateScores.differences(rights, others), options: bootstrap))
      }
      return LayerProbeReport.Split(
        split: split.name, examples: split.examples.count, baselines: baselines[index], probes: probes)
    }
    return LayerProbeReport(
      arguments: source.arguments, checkpoint: source.checkpoint,
      family: readers.trained.configuration.family, task: input.task.name, trainingSplit: input.training.name,
      trainingCount: input.training.examples.count, penalty: penalty, seed: source.seed, splits: scored)
  }

  /// A probe for every pooling and place of one model, in that order.
  private func fitted(
    _ reader: LayerStateReader, _ texts: [String], _ starts: [Int], _ input: ProbeInput
  ) throws(GraftError) -> [(place: String, pooling: Pooling, probe: Fitted)] {
    let states = try reader.pooled(texts, poolings)
    let fits = poolings.flatMap { pooling in
      (states[pooling] ?? []).map { Fit(pooling: pooling, place: $0, starts: starts) }
    }
    let results = OrderedResults<Fitted>(count: fits.count)
    deal(fits.count, to: source.shardCount) { next in
      while let index = next() { results[index] = fit(fits[index], input) }
    }
    return zip(fits, results.all).map { ($0.place.place, $0.pooling, $1) }
  }

  private func fit(_ fit: Fit, _ input: ProbeInput) -> Fitted {
    let width = fit.place.width
    func states(_ split: Int) -> StateMatrix {
      StateMatrix(Array(fit.place.values[fit.starts[split] * width..<fit.starts[split + 1] * width]), width: width)
    }
    let probe = StateClassifier(
      states(0), labels: input.training.labels, classCount: input.classes.count, penalty: penalty,
      key: RandomKey(seed: source.seed))
    return Fitted(
      answers: input.evaluation.indices.map { probe.answers(states($0 + 1)) }, strength: probe.strength,
      units: probe.unitCount, width: width)
  }
}

/// Results that several threads find, in a fixed order.
final class OrderedResults<Value: Sendable>: @unchecked Sendable {
  private let lock = NSLock()
  private var values: [Value?]

  init(count: Int) { values = [Value?](repeating: nil, count: count) }

  subscript(index: Int) -> Value? {
    get { lock.withLock { values[index] } }
    set { lock.withLock { values[index] = newValue } }
  }

  /// All that were found.
  var all: [Value] { lock.withLock { values.compactMap(\.self) } }
}
