import Reporting
import Scoring
import Support

extension [ResultEntry] {
  /// The mean of the scores over seeds with bounds: those of a single score, or the mean of the seeds' bounds, as the
  /// examples are the same for all seeds. In points of the tables.
  func estimate() -> Estimate? {
    guard let first else { return nil }
    let factor = Metrics.displayFactor(first.metric, signature: first.signature)
    func mean(_ value: (ResultEntry) -> Double?) -> Double? {
      let values = compactMap(value)
      return values.count == count ? factor * values.reduce(0, +) / Double(count) : nil
    }
    guard let value = mean(\.score) else { return nil }
    let bounds = mean { $0.interval?.lowerBound }.flatMap { lower in
      mean { $0.interval?.upperBound }.map { Interval(lower: lower, upper: $0) }
    }
    return Estimate(value, bounds)
  }
}

extension Estimate {
  /// This minus another figure, measured independently: the interval takes its reach on either side from those of the
  /// two (Newcombe 1998, "Interval estimation for the difference between independent proportions", method 10; Zou and
  /// Donner 2008).
  ///
  /// Worked example: 80 [77, 83] minus 60 [56, 64] is 20 [15, 25].
  func minus(_ other: Estimate) -> Estimate {
    let difference = value - other.value
    guard let own = interval, let its = other.interval else { return Estimate(difference) }
    func reach(_ first: Double, _ second: Double) -> Double { (first * first + second * second).squareRoot() }
    return Estimate(
      difference,
      Interval(
        lower: difference - reach(value - own.lower, its.upper - other.value),
        upper: difference + reach(own.upper - value, other.value - its.lower)))
  }

  /// With its sign: `+1.2 [-0.3, 2.7]`.
  var signedText: String {
    let text = (value > 0 ? "+" : "") + NumberText.fixed(value, digits: 1)
    guard let interval else { return text }
    return "\(text) [\(NumberText.fixed(interval.lower, digits: 1)),"
      + " \(NumberText.fixed(interval.upper, digits: 1))]"
  }

  /// `81.7 [79.0, 84.9]`.
  public var scoreText: String {
    NumberText.score(value, interval: interval.flatMap { $0.lower <= $0.upper ? $0.lower...$0.upper : nil })
  }
}
