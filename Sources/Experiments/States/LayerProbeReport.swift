import Inference
import ModelKit
import Probing
import Scoring
import Support

/// What linear probes find in the states of every layer.
public struct LayerProbeReport: Codable, Sendable, KindedFile {
  public static let kind = FileKind.stateProbes

  /// A probe of one place.
  public struct Probe: Codable, Sendable {
    /// Where in the model; see `LayerStates`.
    public var place: String
    /// What is taken of a text's tokens: `last`, `mean`, `first`.
    public var pooling: String
    /// Of the model and of the same with drawn weights.
    public var trained, drawn: Score
    /// How much better the trained model's states are, over the same resamples.
    public var gain: Estimate?
  }

  /// How a probe of one model scored.
  public struct Score: Codable, Sendable {
    /// On the split.
    public var accuracy: Estimate?
    /// The λ that was chosen on a part of the training split.
    public var strength: Double
    /// How many units of the width have a weight.
    public var units, width: Int
  }

  /// The probes on one split.
  public struct Split: Codable, Sendable {
    /// Its name, and how many examples it has.
    public var split: String
    public var examples: Int
    /// What words alone tell.
    public var baselines: [StateBaseline]
    /// By pooling, and of each from the embedding upwards.
    public var probes: [Probe]
  }

  /// Of the form of the file.
  public var format = "graft-state-probes-1"
  /// As typed, the command first.
  public var arguments: [String]
  /// What was probed.
  public var checkpoint, family, task: String
  /// What probes were trained on.
  public var trainingSplit: String
  public var trainingCount: Int
  /// `l1` or `l2`.
  public var penalty: StateClassifier.Penalty
  /// Of everything that was drawn.
  public var seed: UInt64
  /// In the order of the task, or as they were named.
  public var splits: [Split]

  /// For people.
  public var tables: [ProbeTable] {
    splits.map { split in
      let baselines = split.baselines.map { baseline in
        let accuracy = baseline.accuracy.map { NumberText.fixed($0.value * 100, digits: 1) } ?? "–"
        return "\(baseline.name) \(accuracy)"
      }
      var table = ProbeTable(
        title: "\(task) · Linear probes of \(split.split) (\(split.examples) examples), \(family)",
        note: """
          Accuracy in per cent. Drawn: the same model with untrained weights; what it has, training did not bring. \
          Beside them \(baselines.joined(separator: ", ")).
          """,
        columns: [
          .text("place"), .text("tokens"), .number("trained"), .number("drawn"), .number("gain"), .number("units"),
          .number("λ"),
        ])
      for probe in split.probes {
        table.append([
          .text(probe.place), .text(probe.pooling), .estimatedShare(probe.trained.accuracy),
          .estimatedShare(probe.drawn.accuracy), .estimatedShare(probe.gain), .count(probe.trained.units),
          .number(probe.trained.strength, digits: 5),
        ])
      }
      return table
    }
  }

  /// Accuracy over the depth of the model, a picture for each split.
  public var plots: [ProbePlot] {
    splits.map { split in
      var series: [ProbePlot.Series] = []
      var depth = 0
      for pooling in split.probes.map(\.pooling).distinct {
        let probes = split.probes.filter { $0.pooling == pooling }
        depth = max(depth, probes.count - 1)
        for (name, score) in [("trained", \Probe.trained), ("drawn", \Probe.drawn)] {
          series.append(
            .init(
              name: "\(name), \(pooling)",
              points: probes.enumerated().compactMap { index, probe in
                probe[keyPath: score].accuracy.map { .init(x: Double(index), y: $0.value * 100) }
              }, isLine: true))
        }
      }
      for baseline in split.baselines {
        guard let value = baseline.accuracy?.value else { continue }
        let ends: [Double] = [0, Double(max(1, depth))]
        let points = ends.map { ProbePlot.Point(x: $0, y: value * 100) }
        series.append(.init(name: baseline.name, points: points, isLine: true))
      }
      return ProbePlot(
        name: "layers-\(split.split)", title: "\(task): linear probes by layer", xLabel: "place, from the embedding",
        yLabel: "accuracy, %", hasLogarithmicX: false, series: series)
    }
  }
}

extension [String] {
  /// Each once, in the order of the first.
  fileprivate var distinct: [String] { reduce(into: []) { if !$0.contains($1) { $0.append($1) } } }
}
