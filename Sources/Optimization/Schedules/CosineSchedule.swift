import Foundation
import Support

/// Half a cosine from the peak to the final fraction (Loshchilov & Hutter 2017, eq. 5, without restarts).
public struct CosineSchedule: LearningRateSchedule {
  public static let identifier = "cosine"
  public static let summary = "half a cosine from the peak to the final fraction"
  public let options: ScheduleOptions

  public init(_ options: ScheduleOptions) throws(GraftError) {
    try options.validate()
    self.options = options
    try rejectCooldown()
  }

  public func decay(step: Int, progress: Double) -> Double {
    options.finalFraction + (1 - options.finalFraction) * 0.5 * (1 + cos(Double.pi * progress))
  }
}
