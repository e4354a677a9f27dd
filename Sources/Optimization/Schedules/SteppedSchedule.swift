import Foundation
import Support

/// The peak over the first periods of the run, then divided once more by a factor in each following one
/// (Zaremba et al. 2014, §4.1). A period is a pass where the run's updates are a whole number of passes.
///
/// With 13 periods, 4 of them at the peak and a factor of 2: 1, 1, 1, 1, 1/2, 1/4 … 1/512. It does not fall below the
/// final fraction.
public struct SteppedSchedule: LearningRateSchedule {
  public static let identifier = "stepped"
  public static let summary = "the peak for some periods, then divided in each further one (Zaremba)"
  public let options: ScheduleOptions

  public init(_ options: ScheduleOptions) throws(GraftError) {
    try options.validate()
    self.options = options
    try rejectCooldown()
  }

  public func decay(step: Int, progress: Double) -> Double {
    let drops = options.drops ?? .zaremba
    // The last update of a period has its end as progress and belongs to it; the margin is for rounded shares.
    let period = max(0, Int((progress * Double(drops.periods) - 1e-9).rounded(.up)) - 1)
    let times = max(0, period + 1 - drops.held)
    return max(options.finalFraction, pow(drops.factor, -Double(times)))
  }
}

/// How `SteppedSchedule` divides a run, written `13,4,2`: periods, how many of them are at the peak, and the factor.
public struct RateDrops: Sendable, Hashable, Codable, CustomStringConvertible {
  /// Equal parts of the run after its warm-up; at least 1.
  public let periods: Int
  /// Periods at the peak; from 1 to `periods`.
  public let held: Int
  /// What the rate is divided by at the beginning of each later period; above 1.
  public let factor: Double

  /// The small LSTM of Zaremba et al. 2014.
  public static let zaremba = RateDrops(unchecked: 13, 4, 2)

  private init(unchecked periods: Int, _ held: Int, _ factor: Double) {
    (self.periods, self.held, self.factor) = (periods, held, factor)
  }

  /// - Throws: `.usage` for numbers out of their ranges.
  public init(periods: Int, held: Int, factor: Double) throws(GraftError) {
    guard periods >= 1, held >= 1, held <= periods, factor > 1, factor.isFinite else {
      throw GraftError(
        .usage, "the rate cannot be divided by \(factor) in each of \(periods) periods after the first \(held)",
        hint: "give periods, how many of them are at the peak, and a factor above 1: 13,4,2.")
    }
    self.init(unchecked: periods, held, factor)
  }

  /// Reads `13,4,2`.
  /// - Throws: `.usage` for other text, or numbers out of their ranges.
  public init(parsing text: String) throws(GraftError) {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count == 3, let periods = Int(parts[0]), let held = Int(parts[1]), let factor = Double(parts[2]) else {
      throw GraftError(
        .usage, "cannot read '\(text)' as drops of a rate",
        hint: "give periods, how many of them are at the peak, and a factor: 13,4,2.")
    }
    try self.init(periods: periods, held: held, factor: factor)
  }

  public var description: String {
    "\(periods),\(held),\(factor == factor.rounded() && factor < 1e15 ? "\(Int(factor))" : "\(factor)")"
  }
}
