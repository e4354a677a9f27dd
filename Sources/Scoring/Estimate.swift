import Foundation
import Records
import Support

/// A figure with its 95 % interval.
public struct Estimate: Sendable, Hashable, Codable {
  /// The figure itself, of the whole collection.
  public var value: Double
  /// Bounds of the interval; nil where there is none, as for a single example.
  public var lower: Double?
  /// The upper bound, nil where `lower` is.
  public var upper: Double?

  /// A figure and, where there is one, its interval.
  public init(_ value: Double, _ interval: Interval? = nil) {
    self.value = value
    lower = interval?.lower
    upper = interval?.upper
  }

  /// Both bounds together; nil where there is no interval.
  public var interval: Interval? {
    guard let lower, let upper else { return nil }
    return Interval(lower: lower, upper: upper)
  }

  /// The figure and its bounds multiplied, for instance by 100.
  public func scaled(by factor: Double) -> Estimate {
    Estimate(factor * value, interval.map { Interval(lower: factor * $0.lower, upper: factor * $0.upper) })
  }

  /// A proportion with Wilson's score interval (Wilson 1927), which holds for small counts and for shares of 0 and 1:
  /// with z = 1.96, centre (k + z²/2) / (n + z²) and reach z / (n + z²) · √(k (n − k) / n + z²/4).
  ///
  /// Worked example: 1 of 10 is 0.1 [0.0179, 0.4042].
  /// - Returns: nil for a count of 0.
  public static func proportion(_ successes: Int, of count: Int) -> Estimate? {
    guard count > 0 else { return nil }
    let (k, n) = (Double(successes), Double(count))
    let z = 1.959963984540054
    let center = (k + z * z / 2) / (n + z * z)
    let reach = z / (n + z * z) * (k * (n - k) / n + z * z / 4).squareRoot()
    // Exactly 0 and 1 at the ends, which rounding would miss.
    let lower = successes == 0 ? 0 : max(0, center - reach)
    let upper = successes == count ? 1 : min(1, center + reach)
    return Estimate(k / n, Interval(lower: lower, upper: upper))
  }

  /// A mean with the t interval of its standard error.
  /// - Returns: nil for no values.
  public static func mean(_ values: [Double]) -> Estimate? {
    SeedSummary(values).map { Estimate($0.mean, $0.interval) }
  }

  /// Any statistic of a collection with the percentile interval of its bootstrap.
  ///
  /// - Parameter statistic: of a collection in which `values[i]` occurs `multiplicities[i]` times; NaN where it is
  ///   undefined.
  /// - Returns: nil if the statistic is undefined for the whole.
  public static func bootstrap<Value: Hashable & Sendable>(
    _ values: [Value], options: BootstrapOptions,
    statistic: (_ values: [Value], _ multiplicities: [Int]) -> Double
  ) -> Estimate? {
    var pool = Pool<Value>()
    for value in values { pool.append(value) }
    let whole = statistic(pool.values, pool.multiplicities)
    guard whole.isFinite else { return nil }
    var draws: [Double] = []
    // One example is like itself however often it is drawn, which says nothing about others.
    if values.count > 1 {
      var resampler = Resampler(
        pool, key: options.key.folded("bootstrap"), resamples: options.resamples)
      while let multiplicities = resampler.next() {
        let draw = statistic(pool.values, multiplicities)
        if draw.isFinite { draws.append(draw) }
      }
    }
    return Estimate(whole, Interval(percentilesOf: draws))
  }

  /// A mean with the percentile interval of its bootstrap.
  /// - Returns: nil for no values.
  public static func bootstrapMean(_ values: [Double], options: BootstrapOptions) -> Estimate? {
    bootstrap(values, options: options) { Scoring.mean($0, $1) }
  }
}

extension Metric {
  /// The mean over seeds of a score, with the bootstrap interval over examples: each resample is the same for all
  /// seeds.
  ///
  /// - Parameter seeds: answers by seed, one per reference.
  /// - Returns: nil if the score is undefined.
  /// - Throws: `.badData` if the lists differ in length.
  public func estimate(
    seeds: [[Prediction]], _ references: [Reference], bootstrap: BootstrapOptions
  ) throws(GraftError) -> Estimate? {
    for answers in seeds { try Self.checkCounts(answers.count, references.count) }
    var statistics: [[Statistic]] = []
    statistics.reserveCapacity(references.count)
    for (index, reference) in references.enumerated() {
      var bySeed: [Statistic] = []
      for answers in seeds { bySeed.append(try statistic(prediction: answers[index], reference: reference)) }
      statistics.append(bySeed)
    }
    return Estimate.bootstrap(statistics, options: bootstrap) { values, multiplicities in
      seeds.indices.reduce(0.0) { sum, seed in
        sum + score(values.map { $0[seed] }, multiplicities: multiplicities)
      } / Double(seeds.count)
    }
  }
}
