import Support

/// The peak throughout, after warm-up and before an optional cooldown.
public struct ConstantSchedule: LearningRateSchedule {
  public static let identifier = "constant"
  public static let summary = "one rate after warm-up, with an optional linear cooldown"
  public let options: ScheduleOptions

  public init(_ options: ScheduleOptions) throws(GraftError) {
    try options.validate()
    self.options = options
  }

  public func decay(step: Int, progress: Double) -> Double { withCooldown(1, progress: progress) }
}
