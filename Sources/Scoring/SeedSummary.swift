import Foundation

/// One figure over several seeds.
public struct SeedSummary: Sendable, Hashable, Codable {
  /// One figure per seed, in the order given.
  public var values: [Double]
  /// The mean over seeds.
  public var mean: Double
  /// The middle value, of an even number the mean of the middle two.
  public var median: Double
  /// The least value.
  public var minimum: Double
  /// The greatest value.
  public var maximum: Double
  /// Sample standard deviation; nil for a single seed.
  public var standardDeviation: Double?
  /// 95 % Student t interval of the mean; nil for a single seed.
  public var interval: Interval?

  /// - Returns: nil for no values.
  public init?(_ values: [Double]) {
    let sorted = values.sorted()
    guard let least = sorted.first, let greatest = sorted.last else { return nil }
    self.values = values
    minimum = least
    maximum = greatest
    let middle = sorted.count / 2
    median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    mean = values.reduce(0, +) / Double(values.count)
    if values.count > 1 {
      let center = mean
      let squares = values.reduce(0) { $0 + ($1 - center) * ($1 - center) }
      let deviation = (squares / Double(values.count - 1)).squareRoot()
      let reach =
        studentQuantile(0.975, degreesOfFreedom: values.count - 1) * deviation
        / Double(values.count).squareRoot()
      standardDeviation = deviation
      interval = Interval(lower: mean - reach, upper: mean + reach)
    }
  }
}

/// The quantile of Student's t distribution, for probabilities above one half, by bisection of its
/// distribution function.
func studentQuantile(_ probability: Double, degreesOfFreedom: Int) -> Double {
  precondition(
    probability > 0.5 && probability < 1 && degreesOfFreedom > 0,
    "studentQuantile: probability \(probability), \(degreesOfFreedom) degrees of freedom")
  let freedom = Double(degreesOfFreedom)
  func distribution(_ t: Double) -> Double {
    1 - 0.5 * regularizedBeta(freedom / (freedom + t * t), freedom / 2, 0.5)
  }
  var lower = 0.0
  var upper = 1.0
  while distribution(upper) < probability, upper < 1e12 { upper *= 2 }
  for _ in 0..<200 {
    let middle = (lower + upper) / 2
    if distribution(middle) < probability { lower = middle } else { upper = middle }
  }
  return (lower + upper) / 2
}

/// The regularised incomplete beta function I_x(a, b) by its continued fraction (Abramowitz and Stegun
/// 26.5.8, evaluated by Lentz's method).
private func regularizedBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
  if x <= 0 { return 0 }
  if x >= 1 { return 1 }
  // The fraction converges fast below the mean; above it, the symmetric one does.
  if x > (a + 1) / (a + b + 2) { return 1 - regularizedBeta(1 - x, b, a) }
  let front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
  let tiny = 1e-300
  var value = 1.0
  var numerator = 1.0
  var denominator = 0.0
  for step in 0...400 {
    let m = Double(step / 2)
    let coefficient: Double
    if step == 0 {
      coefficient = 1
    } else if step % 2 == 0 {
      coefficient = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
    } else {
      coefficient = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
    }
    denominator = 1 + coefficient * denominator
    if abs(denominator) < tiny { denominator = tiny }
    denominator = 1 / denominator
    numerator = 1 + coefficient / numerator
    if abs(numerator) < tiny { numerator = tiny }
    value *= numerator * denominator
    if abs(1 - numerator * denominator) < 1e-15 { break }
  }
  return front * (value - 1)
}
