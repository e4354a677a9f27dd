import Foundation

/// The exact one-sided binomial test.
public enum BinomialTest {
  /// The probability of at least `successes` in `trials` independent trials that each succeed with `probability`.
  ///
  /// Worked example: at least 2 of 3 at 1/3 is 3 · 1/9 · 2/3 + 1/27 = 7/27.
  public static func upperTail(_ successes: Int, of trials: Int, probability: Double) -> Double {
    if successes <= 0 { return 1 }
    if successes > trials || probability <= 0 { return 0 }
    if probability >= 1 { return 1 }
    let (n, k) = (Double(trials), Double(successes))
    let odds = probability / (1 - probability)
    let arrangements: Double = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
    let logarithm: Double = arrangements + k * log(probability) + (n - k) * log1p(-probability)
    var mass: Double = exp(logarithm)
    var sum: Double = mass
    var count = successes
    // Beyond the mode terms fall at least geometrically, so that what follows a vanishing one vanishes, too.
    while count < trials {
      let ratio: Double = odds * Double(trials - count) / Double(count + 1)
      mass *= ratio
      count += 1
      sum += mass
      if Double(count) > n * probability, mass < sum * 1e-17 { break }
    }
    return min(1, sum)
  }
}
