import Foundation
import Support

/// How often the tasks of a mixture are seen, from how many examples they have: min(n · scale, cap)^(1/T), in this
/// order (seqio; Raffel et al. 2020, section 3.5.2).
///
/// Worked example: 100 and 10,000 examples with a cap of 1,000 are seen as 100 to 1,000; at a temperature of 2 as
/// 10 to 31.6; equally at an infinite temperature.
public struct MixtureRates: Sendable, Codable, Hashable {
  /// No task counts for more examples than this.
  public var cap: Double?
  /// 1 is proportional.
  public var temperature: Double
  /// An infinite temperature, which JSON cannot write.
  public var isEqual: Bool

  /// Proportional rates without a cap by default; `validate` says whether values make sense.
  public init(cap: Double? = nil, temperature: Double = 1, isEqual: Bool = false) {
    self.cap = cap
    self.temperature = temperature
    self.isEqual = isEqual
  }

  /// - Throws: `.usage` naming the flag that makes no sense.
  public func validate() throws(GraftError) {
    guard temperature > 0, temperature.isFinite else {
      throw GraftError(.usage, "`temperature:` must be positive", hint: "1 is proportional to the examples.")
    }
    guard cap ?? 1 > 0 else { throw GraftError(.usage, "`cap:` must be positive") }
  }

  /// One weight per task; only their proportions matter. A task without examples has none.
  /// - Parameter scales: 1 for each task by default.
  public func weights(counts: [Int], scales: [Double]? = nil) -> [Double] {
    counts.indices.map { index in
      guard counts[index] > 0 else { return 0 }
      if isEqual { return 1 }
      let scaled = Double(counts[index]) * (scales?[index] ?? 1)
      return pow(min(scaled, cap ?? .infinity), 1 / temperature)
    }
  }
}
