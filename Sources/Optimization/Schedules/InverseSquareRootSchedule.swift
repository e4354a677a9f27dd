import Support

/// peak · √(warmupSteps / max(step, warmupSteps)). With flat warm-up and a peak of 1/√warmupSteps this is
/// T5's 1/√max(step, warmupSteps), see `ScheduleOptions.t5`.
public struct InverseSquareRootSchedule: LearningRateSchedule {
  public static let identifier = "inverse-square-root"
  public static let summary = "falls with the root of the step after warm-up (T5), with an optional cooldown"
  public let options: ScheduleOptions

  public init(_ options: ScheduleOptions) throws(GraftError) {
    try options.validate()
    self.options = options
  }

  public func decay(step: Int, progress: Double) -> Double {
    let warmup = max(options.warmupSteps, 1)
    return withCooldown((Double(warmup) / Double(max(step, warmup))).squareRoot(), progress: progress)
  }
}
