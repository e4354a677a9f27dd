import Support

/// The peak throughout, after warm-up and before an optional cooldown: with one it is the trapezoid that is called
/// warmup–stable–decay (Hu et al. 2024, §4; Hägele et al. 2024).
public struct ConstantSchedule: LearningRateSchedule {
  public static let identifier = "constant"
  public static let summary = "one rate after warm-up; with `cooldown:` linear to the end (warmup-stable-decay)"
  public let options: ScheduleOptions

  public init(_ options: ScheduleOptions) throws(GraftError) {
    try options.validate()
    self.options = options
  }

  public func decay(step: Int, progress: Double) -> Double { 1 }
}
