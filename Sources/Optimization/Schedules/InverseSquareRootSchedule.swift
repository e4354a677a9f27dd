import Support

/// peak · √(warmupSteps / max(step, warmupSteps)). With flat warm-up and a peak of 1/√warmupSteps this is
/// T5's 1/√max(step, warmupSteps), see `ScheduleOptions.t5`.
public struct InverseSquareRootSchedule: LearningRateSchedule {
  public static let identifier = "inverse-square-root"
  public static let summary = "falls with the root of the step after warm-up (T5), with an optional cooldown"
  public let options: ScheduleOptions

  public init(_ options: ScheduleOptions) throws(GraftError) {
    try options.validate()
    guard options.warmupUpdates != nil else {
      throw GraftError(
        .usage, "'\(Self.identifier)' falls from the last update of the warm-up, which a share of a time does not tell",
        hint: "give the warm-up in updates: `warmup:` 100.")
    }
    self.options = options
  }

  public func decay(step: Int, progress: Double) -> Double {
    let warmup = max(options.warmupUpdates ?? 0, 1)
    return (Double(warmup) / Double(max(step, warmup))).squareRoot()
  }
}
