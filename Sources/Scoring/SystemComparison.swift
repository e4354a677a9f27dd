import Examples
import Foundation
import Randomness
import Support

/// Two systems on the same examples.
public struct SystemComparison: Sendable, Hashable, Codable {
  public var metric: String
  public var first: Double?
  public var second: Double?
  /// second − first.
  public var difference: Double?
  /// 95 % percentile interval of the difference, both systems resampled together (Koehn 2004).
  public var interval: Interval?
  /// Share of resamples in which the system that is better overall is not better.
  public var bootstrapP: Double?
  /// Two-sided p of approximate randomisation: answers exchanged at random between the systems.
  public var permutationP: Double?
  public var count: Int
}

extension Metric {
  /// - Throws: `.badData` if the three lists differ in length.
  public func compare(
    _ first: [Prediction], _ second: [Prediction], _ references: [Reference], bootstrap: BootstrapOptions
  ) throws(GraftError) -> SystemComparison {
    try Self.checkCounts(first.count, references.count)
    try Self.checkCounts(second.count, references.count)
    var pool = Pool<StatisticPair<Statistic>>()
    for index in references.indices {
      pool.append(
        StatisticPair(
          first: try statistic(prediction: first[index], reference: references[index]),
          second: try statistic(prediction: second[index], reference: references[index])))
    }
    let firstStatistics = pool.values.map(\.first)
    let secondStatistics = pool.values.map(\.second)
    let firstScore = score(firstStatistics, multiplicities: pool.multiplicities)
    let secondScore = score(secondStatistics, multiplicities: pool.multiplicities)
    let difference = secondScore - firstScore
    var result = SystemComparison(
      metric: name, first: firstScore.isFinite ? firstScore : nil,
      second: secondScore.isFinite ? secondScore : nil, count: references.count)
    guard difference.isFinite, bootstrap.resamples > 0 else { return result }
    result.difference = difference

    var resampler = Resampler(
      pool, key: bootstrap.key.folded("paired-bootstrap").folded(name), resamples: bootstrap.resamples)
    var differences: [Double] = []
    var notBetter = 0
    while let multiplicities = resampler.next() {
      let resampled =
        score(secondStatistics, multiplicities: multiplicities)
        - score(firstStatistics, multiplicities: multiplicities)
      guard resampled.isFinite else { continue }
      differences.append(resampled)
      if difference >= 0 ? resampled <= 0 : resampled >= 0 { notBetter += 1 }
    }
    if !differences.isEmpty { result.bootstrapP = Double(notBetter) / Double(differences.count) }
    result.interval = Interval(percentilesOf: &differences)

    // A collection with exchanged answers is both lists of statistics with some weight moved across.
    let both = firstStatistics + secondStatistics
    let key = bootstrap.key.folded("permutation").folded(name)
    var asExtreme = 0
    var drawn = 0
    for index in 0..<bootstrap.resamples {
      var generator = key.folded(index).generator()
      var kept = pool.multiplicities
      var moved = kept
      for place in kept.indices {
        let exchanged = exchangedCount(kept[place], &generator)
        kept[place] -= exchanged
        moved[place] = exchanged
      }
      let exchangedDifference =
        score(both, multiplicities: moved + kept) - score(both, multiplicities: kept + moved)
      guard exchangedDifference.isFinite else { continue }
      drawn += 1
      // Equal up to rounding counts as equal.
      if abs(exchangedDifference) >= abs(difference) - 1e-12 { asExtreme += 1 }
    }
    result.permutationP = Double(asExtreme + 1) / Double(drawn + 1)
    return result
  }
}

private struct StatisticPair<Statistic: Hashable & Sendable>: Hashable, Sendable {
  var first: Statistic
  var second: Statistic
}

private func exchangedCount(_ count: Int, _ generator: inout KeyedGenerator) -> Int {
  count == 1 ? Int(generator.next() & 1) : binomial(count, 0.5, &generator)
}
