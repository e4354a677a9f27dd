import Foundation
import Inference
import ModelKit
import Probing
import Randomness
import Scoring
import Support
import TaskRegistry

/// Looks for one unit of a model's states that tells the classes of a task, as Radford et al. 2017 found one for the
/// sentiment of reviews: by the greatest weight of an L1 probe on the states of the last token.
public struct UnitProbing: Sendable {
  /// What is probed.
  public var source: StateSource
  /// The places whose units are searched; empty for the parts of a recurrent model's last layer, or for the topmost
  /// place of any other.
  public var places: [String] = []
  /// How many units of most weight are reported.
  public var top = 10
  /// Resamples of intervals.
  public var resamples = 1000

  /// Of the topmost states.
  public init(_ source: StateSource) { self.source = source }

  /// The states of all units that are searched.
  private struct Units {
    /// What each column is.
    var names: [(place: String, unit: Int)]
    /// Of each split, the training split first.
    var states: [StateMatrix]
  }

  /// What was found in one model, before it is scored.
  private struct Search {
    var units: Units
    var probe: StateClassifier
    /// By column.
    var importances: [Double]
    /// Of most weight, that one first.
    var heaviest: [UnitThreshold]
    var best: UnitThreshold
  }

  /// - Parameters:
  ///   - limit: as in `TaskDefinition.examples`.
  ///   - note: is told what a person wants to know before the result.
  /// - Throws: as `LayerProbing.report`; `.usage` for a place that the model does not have.
  public func report(
    _ input: ProbeInput, data: DataRoot, limit: Int?, note: (String) -> Void
  ) throws(GraftError) -> UnitProbeReport {
    try StateSource.require(input)
    let texts = ([input.training] + input.evaluation).map { split in
      split.examples.map { source.text($0, of: input.task) }
    }
    let readers = try source.readers()
    let cut = readers.trained.cutCount(Array(texts.joined()))
    if cut > 0 { note("\(cut) texts are longer than \(readers.trained.length) tokens and lose their ends") }
    let trained = search(try units(readers.trained, texts), input)
    let drawn = search(try units(readers.drawn, texts), input)
    let bootstrap = BootstrapOptions(resamples: resamples, key: RandomKey(seed: source.seed))
    let baselines = try StateBaseline.all(input, data: data, limit: limit, bootstrap: bootstrap)
    let splits = input.evaluation.indices.map { index in
      scored(index, trained, drawn, input, baselines[index], bootstrap)
    }
    var places: [String] = []
    for name in trained.units.names where !places.contains(name.place) { places.append(name.place) }
    return UnitProbeReport(
      arguments: source.arguments, checkpoint: source.checkpoint, family: readers.trained.configuration.family,
      task: input.task.name, places: places, classes: input.classes, trainingSplit: input.training.name,
      trainingCount: input.training.examples.count, seed: source.seed, splits: splits)
  }

  private func units(_ reader: LayerStateReader, _ texts: [[String]]) throws(GraftError) -> Units {
    let states = try reader.pooled(Array(texts.joined()), [.last])[.last] ?? []
    let known = states.map(\.place)
    for place in places where !known.contains(place) { throw .unknownName("place of the model", place, known: known) }
    let wanted = places.isEmpty ? Self.topmost(known) : places
    let chosen = states.filter { wanted.contains($0.place) }
    let names = chosen.flatMap { place in (0..<place.width).map { (place: place.place, unit: $0) } }
    var first = 0
    var matrices: [StateMatrix] = []
    for split in texts {
      var values: [Float] = []
      values.reserveCapacity(split.count * names.count)
      for row in first..<first + split.count {
        for place in chosen { values += place.values[row * place.width..<(row + 1) * place.width] }
      }
      matrices.append(StateMatrix(values, width: names.count))
      first += split.count
    }
    return Units(names: names, states: matrices)
  }

  /// Of places from the embedding upwards: all parts of the last layer.
  static func topmost(_ places: [String]) -> [String] {
    guard let last = places.last else { return [] }
    guard let dot = last.firstIndex(of: ".") else { return [last] }
    let layer = last[...dot]
    return places.filter { $0.hasPrefix(layer) }
  }

  private func search(_ units: Units, _ input: ProbeInput) -> Search {
    let (states, labels, count) = (units.states[0], input.training.labels, input.classes.count)
    let probe = StateClassifier(
      states, labels: labels, classCount: count, penalty: .l1, key: RandomKey(seed: source.seed))
    let results = OrderedResults<UnitThreshold>(count: states.width)
    deal(states.width, to: source.shardCount) { next in
      while let unit = next() { results[unit] = UnitThreshold(unit, of: states, labels: labels, classCount: count) }
    }
    let thresholds = results.all
    let importances = probe.importances
    let order = importances.indices.sorted { (importances[$0], $1) > (importances[$1], $0) }
    return Search(
      units: units, probe: probe, importances: importances,
      // One at least, also of a probe that uses none.
      heaviest: order.prefix(max(1, min(top, probe.unitCount))).map { thresholds[$0] },
      best: thresholds.dropFirst().reduce(thresholds[0], UnitThreshold.better))
  }

  private func scored(
    _ index: Int, _ trained: Search, _ drawn: Search, _ input: ProbeInput, _ baselines: [StateBaseline],
    _ bootstrap: BootstrapOptions
  ) -> UnitProbeReport.Split {
    let split = input.evaluation[index]
    func rights(_ unit: UnitThreshold, _ search: Search) -> [Double] {
      StateScores.rights(unit.answers(search.units.states[index + 1]), split.labels)
    }
    func unit(_ unit: UnitThreshold, _ search: Search) -> UnitProbeReport.Unit {
      let name = search.units.names[unit.unit]
      return .init(
        place: name.place, unit: name.unit, weight: search.importances[unit.unit], threshold: unit.threshold,
        below: input.classes[unit.below], above: input.classes[unit.above],
        accuracy: .bootstrapMean(rights(unit, search), options: bootstrap))
    }
    func model(_ search: Search) -> UnitProbeReport.Model {
      let answers = search.probe.answers(search.units.states[index + 1])
      return .init(
        probe: .init(
          accuracy: .bootstrapMean(StateScores.rights(answers, split.labels), options: bootstrap),
          strength: search.probe.strength, units: search.probe.unitCount, width: search.units.names.count),
        units: search.heaviest.map { unit($0, search) }, best: unit(search.best, search))
    }
    let first = trained.heaviest[0]
    let (own, other) = (model(trained), model(drawn))
    let gain = Estimate.bootstrapMean(
      StateScores.differences(rights(first, trained), rights(drawn.best, drawn)), options: bootstrap)
    let majority = baselines.first { $0.name == "majority" }?.accuracy?.value ?? 0
    let above = (own.probe.accuracy?.value ?? 0) - majority
    let share = above > 0 ? ((own.units[0].accuracy?.value ?? 0) - majority) / above : nil
    return .init(
      split: split.name, examples: split.examples.count, baselines: baselines, trained: own, drawn: other, gain: gain,
      share: share, isFound: (gain?.interval?.lower ?? 0) > 0 && (share ?? 0) >= 0.5,
      distribution: distribution(trained.units.states[index + 1].column(first.unit), split.labels, input.classes.count))
  }

  private func distribution(
    _ values: [Double], _ labels: [Int], _ classCount: Int
  ) -> UnitProbeReport.Distribution {
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(1, values.count)) }
    let all = mean(values)
    return .init(
      means: (0..<classCount).map { label in mean(zip(values, labels).filter { $0.1 == label }.map(\.0)) },
      deviation: mean(values.map { ($0 - all) * ($0 - all) }).squareRoot(),
      histogram: UnitHistogram(values, labels: labels, classCount: classCount))
  }
}
