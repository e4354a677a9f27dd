import Foundation
import Randomness
import Records
import Support

/// Two systems, each trained with the same seeds, on the same examples: the difference of their scores averaged over
/// seeds, and draws of it. Draws of several tasks can be averaged, draw by draw, into those of a mean over tasks.
public struct SeededComparison: Sendable, Hashable {
  /// The score of the first system, the mean over seeds.
  public var first: Double
  /// The same of the second system.
  public var second: Double
  /// The difference on resampled examples, the same resample for both systems and all seeds; NaN where it is undefined.
  public var resampled: [Double]
  /// The difference after exchanging the systems' answers, those of all seeds at once, on random examples.
  public var exchanged: [Double]

  /// Two scores with draws of second − first.
  public init(first: Double, second: Double, resampled: [Double], exchanged: [Double]) {
    self.first = first
    self.second = second
    self.resampled = resampled
    self.exchanged = exchanged
  }

  /// second − first.
  public var difference: Double { second - first }

  /// 95 % percentile interval of the difference, both systems resampled together (Koehn 2004).
  public var interval: Interval? { Interval(percentilesOf: resampled.filter(\.isFinite)) }

  /// Two-sided p of approximate randomisation (Noreen 1989; Riezler and Maxwell 2005): the share of draws with the
  /// answers exchanged at random whose difference is as large as the observed one, the observed one among them.
  public var p: Double { share(of: exchanged.filter(\.isFinite), around: 0) }

  /// Two-sided p of the paired bootstrap: the share of resamples whose difference is as far from the mean of all
  /// resamples as the observed one is from 0, the observed one among them.
  public var bootstrapP: Double {
    let finite = resampled.filter(\.isFinite)
    return share(of: finite, around: finite.reduce(0, +) / Double(max(1, finite.count)))
  }

  private func share(of draws: [Double], around center: Double) -> Double {
    // Equal up to rounding counts as equal.
    let asExtreme = draws.count { abs($0 - center) >= abs(difference) - 1e-12 }
    return Double(asExtreme + 1) / Double(draws.count + 1)
  }

  /// The comparison with every figure multiplied, for instance by 100.
  public func scaled(by factor: Double) -> SeededComparison {
    SeededComparison(
      first: factor * first, second: factor * second, resampled: resampled.map { factor * $0 },
      exchanged: exchanged.map { factor * $0 })
  }

  /// The mean over tasks, whose draws are independent of each other.
  /// - Precondition: all have as many draws.
  public static func mean(_ tasks: [SeededComparison]) -> SeededComparison? {
    guard let first = tasks.first else { return nil }
    precondition(
      tasks.allSatisfy {
        $0.resampled.count == first.resampled.count && $0.exchanged.count == first.exchanged.count
      }, "the mean of comparisons with different numbers of draws")
    let count = Double(tasks.count)
    func mean(_ draws: (SeededComparison) -> [Double]) -> [Double] {
      tasks.dropFirst().reduce(draws(first)) { sums, task in zip(sums, draws(task)).map { $0 + $1 } }
        .map { $0 / count }
    }
    return SeededComparison(
      first: tasks.reduce(0) { $0 + $1.first } / count, second: tasks.reduce(0) { $0 + $1.second } / count,
      resampled: mean { $0.resampled }, exchanged: mean { $0.exchanged })
  }
}

extension Metric {
  /// - Parameters:
  ///   - first: answers by seed, one per reference.
  ///   - second: answers with the same seeds in the same order.
  /// - Returns: nil if the score of either is undefined.
  /// - Throws: `.badData` if the lists differ in length.
  public func compare(
    seeds first: [[Prediction]], _ second: [[Prediction]], _ references: [Reference],
    bootstrap: BootstrapOptions
  ) throws(GraftError) -> SeededComparison? {
    precondition(
      first.count == second.count && !first.isEmpty, "compare: \(first.count) and \(second.count) seeds")
    for answers in first + second { try Self.checkCounts(answers.count, references.count) }
    var pool = Pool<StatisticsBySeed<Statistic>>()
    for index in references.indices {
      var statistics = StatisticsBySeed<Statistic>()
      for seed in first.indices {
        statistics.first.append(
          try statistic(prediction: first[seed][index], reference: references[index]))
        statistics.second.append(
          try statistic(prediction: second[seed][index], reference: references[index]))
      }
      pool.append(statistics)
    }
    let seeds = first.indices
    let ofFirst = seeds.map { seed in pool.values.map { $0.first[seed] } }
    let ofSecond = seeds.map { seed in pool.values.map { $0.second[seed] } }
    func difference(_ statistics: ([Statistic], [Statistic]), _ weights: ([Int], [Int])) -> Double {
      score(statistics.1, multiplicities: weights.1) - score(statistics.0, multiplicities: weights.0)
    }
    func mean(_ value: (Int) -> Double) -> Double {
      seeds.reduce(0) { $0 + value($1) } / Double(seeds.count)
    }
    let whole = pool.multiplicities
    let firstScore = mean { score(ofFirst[$0], multiplicities: whole) }
    let secondScore = mean { score(ofSecond[$0], multiplicities: whole) }
    guard (secondScore - firstScore).isFinite else { return nil }

    var resampled: [Double] = []
    var resampler = Resampler(
      pool, key: bootstrap.key.folded("paired-bootstrap").folded(name), resamples: bootstrap.resamples)
    while let weights = resampler.next() {
      resampled.append(mean { difference((ofFirst[$0], ofSecond[$0]), (weights, weights)) })
    }
    // A collection with exchanged answers is both lists of statistics with some weight moved across.
    let both = seeds.map { ofFirst[$0] + ofSecond[$0] }
    let key = bootstrap.key.folded("permutation").folded(name)
    var exchanged: [Double] = []
    for draw in 0..<bootstrap.resamples {
      var generator = key.folded(draw).generator()
      let moved = whole.map { $0 == 1 ? Int(generator.next() & 1) : binomial($0, 0.5, &generator) }
      let kept = zip(whole, moved).map { $0 - $1 }
      exchanged.append(mean { difference((both[$0], both[$0]), (kept + moved, moved + kept)) })
    }
    return SeededComparison(
      first: firstScore, second: secondScore, resampled: resampled, exchanged: exchanged)
  }
}

private struct StatisticsBySeed<Statistic: Hashable & Sendable>: Hashable, Sendable {
  var first: [Statistic] = []
  var second: [Statistic] = []
}

/// Holm's step-down adjustment for several tests at once (Holm 1979): the adjusted p of the k-th smallest of m is the
/// greatest of (m − j + 1) p_j over j ≤ k, at most 1.
///
/// Worked example: .01, .04, .03 become .03, .06, .06.
public func holmAdjusted(_ values: [Double]) -> [Double] {
  var adjusted = values
  var greatest = 0.0
  for (rank, index) in values.indices.sorted(by: { (values[$0], $0) < (values[$1], $1) }).enumerated() {
    greatest = max(greatest, min(1, Double(values.count - rank) * values[index]))
    adjusted[index] = greatest
  }
  return adjusted
}
