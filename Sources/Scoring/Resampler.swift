import Foundation
import Randomness

/// How intervals are drawn.
public struct BootstrapOptions: Sendable, Hashable {
  /// 0 for no interval.
  public var resamples: Int
  /// Decides every draw; metrics fold their name into it.
  public var key: RandomKey

  /// - Precondition: `resamples` is not negative.
  public init(resamples: Int = 1000, key: RandomKey = RandomKey(seed: 0)) {
    precondition(resamples >= 0, "BootstrapOptions: resamples must not be negative")
    self.resamples = resamples
    self.key = key
  }
}

/// Draws resamples, with replacement, of a pooled collection as multiplicities of its distinct values.
struct Resampler {
  private let pooled: [Int]
  private let elements: [Int32]
  private let key: RandomKey
  private let resamples: Int
  private var done = 0

  /// Up to this many distinct values the multinomial is drawn as a chain of binomials, whose cost does not
  /// depend on the number of elements.
  private static let fewValues = 64

  init<Value>(_ pool: Pool<Value>, key: RandomKey, resamples: Int) {
    pooled = pool.multiplicities
    elements = pool.elements
    self.key = key
    self.resamples = elements.isEmpty ? 0 : resamples
  }

  mutating func next() -> [Int]? {
    guard done < resamples else { return nil }
    let resampleKey = key.folded(done)
    done += 1
    return pooled.count <= Self.fewValues ? chain(resampleKey) : draws(resampleKey)
  }

  private func chain(_ key: RandomKey) -> [Int] {
    var generator = key.generator()
    var result = [Int](repeating: 0, count: pooled.count)
    var left = elements.count
    var mass = elements.count
    for index in pooled.indices where left > 0 {
      // The last value takes what is left, for its share of the remaining mass is 1.
      result[index] = binomial(left, Double(pooled[index]) / Double(mass), &generator)
      left -= result[index]
      mass -= pooled[index]
    }
    return result
  }

  private func draws(_ key: RandomKey) -> [Int] {
    var result = [Int](repeating: 0, count: pooled.count)
    let count = UInt64(elements.count)
    var drawn = 0
    var block: UInt64 = 0
    while drawn < elements.count {
      let bits = key.bits(block)
      block += 1
      for lane in 0..<4 where drawn < elements.count {
        // 32 bits scaled to the count: uneven by at most count / 2^32.
        let element = Int((UInt64(bits[lane]) &* count) >> 32)
        result[Int(elements[element])] += 1
        drawn += 1
      }
    }
    return result
  }
}

/// One draw from the binomial distribution by inversion, started at the mode and widened alternately to both
/// sides, hence about as many steps as the standard deviation.
func binomial(_ trials: Int, _ probability: Double, _ generator: inout KeyedGenerator) -> Int {
  if trials <= 0 || probability <= 0 { return 0 }
  if probability >= 1 { return trials }
  let n = Double(trials)
  let odds = probability / (1 - probability)
  let mode = min(trials, Int((n + 1) * probability))
  let logarithm =
    lgamma(n + 1) - lgamma(Double(mode) + 1) - lgamma(n - Double(mode) + 1)
    + Double(mode) * log(probability) + (n - Double(mode)) * log1p(-probability)
  var left = generator.uniform()
  var lower = mode
  var upper = mode
  var lowerMass = exp(logarithm)
  var upperMass = lowerMass
  left -= lowerMass
  if left < 0 { return mode }
  while lower > 0 || upper < trials {
    if upper < trials {
      upperMass *= odds * Double(trials - upper) / Double(upper + 1)
      upper += 1
      left -= upperMass
      if left < 0 { return upper }
    }
    if lower > 0 {
      lowerMass *= Double(lower) / (odds * Double(trials - lower + 1))
      lower -= 1
      left -= lowerMass
      if left < 0 { return lower }
    }
  }
  // Rounding left a sliver of mass beyond both ends.
  return mode
}
