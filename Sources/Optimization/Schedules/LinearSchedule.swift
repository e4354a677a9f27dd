import Support

/// A straight line from the peak to the final fraction, as in BERT.
public struct LinearSchedule: LearningRateSchedule {
  public static let identifier = "linear"
  public static let summary = "a straight line from the peak to the final fraction"
  public let options: ScheduleOptions

  public init(_ options: ScheduleOptions) throws(GraftError) {
    try options.validate()
    self.options = options
    try rejectCooldown()
  }

  public func decay(step: Int, progress: Double) -> Double {
    1 + (options.finalFraction - 1) * progress
  }
}
