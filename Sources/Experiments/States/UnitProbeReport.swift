import Inference
import Probing
import Scoring
import Support

/// Whether one unit of a model's states tells the classes of a task.
public struct UnitProbeReport: Codable, Sendable, KindedFile {
  public static let kind = FileKind.unitProbe

  /// A unit of a place, with its threshold.
  public struct Unit: Codable, Sendable {
    /// `0.cell`, as `graft generate --clamp` takes it.
    public var place: String
    /// Counted from 0.
    public var unit: Int
    /// The greatest absolute weight that the probe gives it, per standard deviation of its values; 0 for none.
    public var weight: Double
    /// Below and at it `below` is answered, else `above`; chosen on the training split.
    public var threshold: Double
    public var below, above: String
    /// With that threshold.
    public var accuracy: Estimate?
  }

  /// What is found in one model.
  public struct Model: Codable, Sendable {
    /// The L1 probe on all units.
    public var probe: LayerProbeReport.Score
    /// The units of greatest weight, that one first.
    public var units: [Unit]
    /// The unit whose threshold is right most often on the training split.
    public var best: Unit
  }

  /// How the values of the unit of most weight are distributed.
  public struct Distribution: Codable, Sendable {
    /// Of every class, in the order of the choices.
    public var means: [Double]
    /// Of all values.
    public var deviation: Double
    /// On the split.
    public var histogram: UnitHistogram
  }

  /// The probes on one split.
  public struct Split: Codable, Sendable {
    /// Its name, and how many examples it has.
    public var split: String
    public var examples: Int
    /// What words alone tell.
    public var baselines: [StateBaseline]
    /// The model, and the same with drawn weights.
    public var trained, drawn: Model
    /// How much more often the unit of most weight is right than the best unit of the untrained model, over the same
    /// resamples.
    public var gain: Estimate?
    /// What of the probe's gain over the most frequent label that one unit has; nil where the probe has none.
    public var share: Double?
    /// Whether `gain` is above 0 with its whole interval, and `share` at least one half.
    public var isFound: Bool
    /// Of that unit.
    public var distribution: Distribution
  }

  /// Of the form of the file.
  public var format = "graft-unit-probe-1"
  /// As typed, the command first.
  public var arguments: [String]
  /// What was probed.
  public var checkpoint, family, task: String
  /// The places whose units are searched.
  public var places: [String]
  /// The task's choices.
  public var classes: [String]
  /// What probes were trained on.
  public var trainingSplit: String
  public var trainingCount: Int
  /// Of everything that was drawn.
  public var seed: UInt64
  /// In the order of the task, or as they were named.
  public var splits: [Split]

  /// For people.
  public var tables: [ProbeTable] { splits.flatMap { [table($0), unitTable($0), histogramTable($0)] } }

  private func table(_ split: Split) -> ProbeTable {
    let (unit, found) = (split.trained.units[0], split.isFound)
    let share = split.share.map { "\(NumberText.fixed($0 * 100, digits: 0)) % of" } ?? "none of"
    var table = ProbeTable(
      title: "\(task) · One unit, on \(split.split) (\(split.examples) examples), \(family)",
      note: """
        \(found ? "Found" : "Not found"): unit \(unit.unit) of \(unit.place) alone has \(share) what the probe has \
        above the most frequent label. Found means at least half, and more than the best unit of drawn weights beyond \
        chance.
        """,
      columns: [.text("what is read"), .text("unit"), .number("units"), .number("accuracy")])
    func name(_ unit: Unit) -> String { "\(unit.place):\(unit.unit)" }
    for baseline in split.baselines {
      table.append([.text(baseline.name), .text(""), .missing, .estimatedShare(baseline.accuracy)])
    }
    for (what, model) in [("trained", split.trained), ("drawn", split.drawn)] {
      table.append([
        .text("\(what): all units, L1"), .text(""), .count(model.probe.units), .estimatedShare(model.probe.accuracy),
      ])
      table.append([
        .text("\(what): unit of most weight"), .text(name(model.units[0])), .count(1),
        .estimatedShare(model.units[0].accuracy),
      ])
      table.append([
        .text("\(what): best unit in training"), .text(name(model.best)), .count(1),
        .estimatedShare(model.best.accuracy),
      ])
    }
    table.append([
      .text("gain of the unit over drawn weights"), .text(""), .missing, .estimatedShare(split.gain),
    ])
    return table
  }

  private func unitTable(_ split: Split) -> ProbeTable {
    var table = ProbeTable(
      title: "\(task) · Units of most weight, \(split.split)",
      note: "Thresholds are those that are right most often in \(trainingSplit).",
      columns: [
        .text("unit"), .number("weight"), .number("threshold"), .text("up to it"), .text("above it"),
        .number("accuracy"),
      ])
    for unit in split.trained.units {
      table.append([
        .text("\(unit.place):\(unit.unit)"), .number(unit.weight, digits: 3), .number(unit.threshold, digits: 4),
        .text(unit.below), .text(unit.above), .estimatedShare(unit.accuracy),
      ])
    }
    return table
  }

  private func histogramTable(_ split: Split) -> ProbeTable {
    let (unit, found) = (split.trained.units[0], split.distribution)
    let means = zip(classes, found.means).map { "\($0) \(NumberText.fixed($1, digits: 4))" }.joined(separator: ", ")
    var table = ProbeTable(
      title: "\(task) · Values of \(unit.place):\(unit.unit), \(split.split)",
      note: "Means: \(means); standard deviation of all \(NumberText.fixed(found.deviation, digits: 4)).",
      columns: [.number("from"), .number("to")] + classes.flatMap { [.number($0), .text("")] })
    let histogram = found.histogram
    let most = max(1, histogram.counts.joined().max() ?? 1)
    for bin in 0..<histogram.edges.count - 1 {
      var cells: [ProbeTable.Cell] = [
        .number(histogram.edges[bin], digits: 3), .number(histogram.edges[bin + 1], digits: 3),
      ]
      for counts in histogram.counts {
        cells.append(.count(counts[bin]))
        cells.append(.text(String(repeating: "▪", count: (24 * counts[bin] + most - 1) / most)))
      }
      table.append(cells)
    }
    return table
  }

  /// The distribution of the unit's values by class, a picture for each split.
  public var plots: [ProbePlot] {
    splits.map { split in
      let unit = split.trained.units[0]
      let histogram = split.distribution.histogram
      let series = zip(classes, histogram.counts).map { name, counts in
        let total = Double(max(1, counts.reduce(0, +)))
        let points = counts.enumerated().flatMap { bin, count in
          [histogram.edges[bin], histogram.edges[bin + 1]].map {
            ProbePlot.Point(x: $0, y: 100 * Double(count) / total)
          }
        }
        return ProbePlot.Series(name: name, points: points, isLine: true)
      }
      return ProbePlot(
        name: "unit-\(split.split)", title: "\(task): values of \(unit.place):\(unit.unit)", xLabel: "value",
        yLabel: "% of the class", series: series)
    }
  }
}
