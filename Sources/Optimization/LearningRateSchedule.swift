import Support

/// What a learning-rate schedule is made from.
public struct ScheduleOptions: Sendable, Hashable, Codable {
  /// How the rate behaves during the warm-up steps.
  public enum Warmup: String, Sendable, Hashable, Codable, CaseIterable {
    /// From 0 up to the peak.
    case linear
    /// At the peak from the first step, as T5's "noam" schedule has it.
    case flat
  }

  /// The greatest rate.
  public var peak: Double
  /// Updates until the peak is reached; 0 for no warm-up.
  public var warmupSteps: Int
  /// Updates of the whole run; nil where a wall-clock budget ends it.
  public var totalSteps: Int?
  /// The rate at the end, as a fraction of the peak.
  public var finalFraction: Double
  /// What the rate does until then.
  public var warmup: Warmup
  /// For `constant` and `inverse-square-root`: the last part of the run over which the rate falls linearly to
  /// `finalFraction`; 0 for none.
  public var cooldownFraction: Double

  /// Values as they are given; `validate` says whether they make sense.
  public init(
    peak: Double, warmupSteps: Int = 0, totalSteps: Int? = nil, finalFraction: Double = 0,
    warmup: Warmup = .linear, cooldownFraction: Double = 0
  ) {
    self.peak = peak
    self.warmupSteps = warmupSteps
    self.totalSteps = totalSteps
    self.finalFraction = finalFraction
    self.warmup = warmup
    self.cooldownFraction = cooldownFraction
  }

  /// T5's pretraining rate, 1/√max(step, warmupSteps), for `inverse-square-root`.
  public static func t5(warmupSteps: Int = 10_000, totalSteps: Int? = nil) -> ScheduleOptions {
    ScheduleOptions(
      peak: 1 / Double(max(warmupSteps, 1)).squareRoot(), warmupSteps: warmupSteps, totalSteps: totalSteps,
      warmup: .flat)
  }

  /// - Throws: `.usage` naming the value that makes no sense.
  public func validate() throws(GraftError) {
    func require(_ holds: Bool, _ message: String, _ hint: String) throws(GraftError) {
      guard holds else { throw GraftError(.usage, message, hint: hint) }
    }
    try require(
      peak > 0 && peak.isFinite, "the peak learning rate cannot be \(peak)", "give a positive number.")
    try require(
      warmupSteps >= 0, "warm-up steps cannot be \(warmupSteps)", "give 0 for no warm-up.")
    try require(
      finalFraction >= 0 && finalFraction <= 1, "the final fraction cannot be \(finalFraction)",
      "it is a fraction of the peak: give a number from 0 to 1.")
    try require(
      cooldownFraction >= 0 && cooldownFraction <= 1, "the cooldown fraction cannot be \(cooldownFraction)",
      "it is a fraction of the run: give a number from 0 to 1.")
    if let totalSteps {
      try require(totalSteps >= 1, "total steps cannot be \(totalSteps)", "give at least 1.")
      try require(
        warmupSteps <= totalSteps, "\(warmupSteps) warm-up steps do not fit into \(totalSteps) steps",
        "a tenth of the run is usual: \(totalSteps / 10).")
    }
  }
}

/// The learning rate as a pure function of where the run stands, so that resuming needs no state.
public protocol LearningRateSchedule: Sendable {
  /// What a person types: "cosine".
  static var identifier: String { get }
  /// One line about it, for `graft list schedules`.
  static var summary: String { get }

  /// - Throws: `.usage` for options that make no sense.
  init(_ options: ScheduleOptions) throws(GraftError)
  /// What it was made from.
  var options: ScheduleOptions { get }

  /// The fraction of the peak once warm-up is over.
  /// - Parameters:
  ///   - step: number of the update, at least 1.
  ///   - progress: fraction of the decaying part of the run, from 0 to 1.
  func decay(step: Int, progress: Double) -> Double
}

extension LearningRateSchedule {
  /// The rate of update `step`, counted from 1: `peak` at the end of warm-up, the final fraction at
  /// `totalSteps` and after. Without `totalSteps` the run counts as just begun.
  public func learningRate(step: Int) -> Double {
    guard let total = options.totalSteps else { return learningRate(step: step, progress: 0) }
    let decaying = total - options.warmupSteps
    let progress = decaying <= 0 ? 1 : Double(step - options.warmupSteps) / Double(decaying)
    return rate(step: step, progress: step < options.warmupSteps ? 0 : progress)
  }

  /// The rate under a wall-clock budget: decay by the fraction of the budget that is used (0…1), warm-up by
  /// `step` (counted from 1).
  public func learningRate(step: Int, progress: Double) -> Double {
    rate(step: step, progress: progress)
  }

  private func rate(step: Int, progress: Double) -> Double {
    let clamped = min(max(progress, 0), 1)
    return options.peak * warmupFactor(step: step) * decay(step: max(step, 1), progress: clamped)
  }

  private func warmupFactor(step: Int) -> Double {
    guard options.warmup == .linear, step < options.warmupSteps else { return 1 }
    return Double(max(step, 0)) / Double(options.warmupSteps)
  }

  /// `base`, and over the cooldown a straight line from its value to the final fraction.
  func withCooldown(_ base: Double, progress: Double) -> Double {
    let length = options.cooldownFraction
    guard length > 0, progress > 1 - length else { return base }
    let remaining = (1 - progress) / length
    return options.finalFraction + (base - options.finalFraction) * remaining
  }

  func rejectCooldown() throws(GraftError) {
    guard options.cooldownFraction == 0 else {
      throw GraftError(
        .usage, "the schedule '\(Self.identifier)' has no cooldown, since it decays throughout",
        hint: "leave the cooldown fraction out, or take 'constant' or 'inverse-square-root'.")
    }
  }
}

/// The schedules Graft comes with.
public enum LearningRateSchedules {
  /// What can be chosen by name; a further schedule is one line here.
  public static let registry = Registry<any LearningRateSchedule.Type>(
    kind: "learning-rate schedule", listCommand: "graft list schedules",
    [
      (ConstantSchedule.identifier, ConstantSchedule.summary, ConstantSchedule.self),
      (CosineSchedule.identifier, CosineSchedule.summary, CosineSchedule.self),
      (
        InverseSquareRootSchedule.identifier, InverseSquareRootSchedule.summary,
        InverseSquareRootSchedule.self
      ),
      (LinearSchedule.identifier, LinearSchedule.summary, LinearSchedule.self),
    ])

  /// - Throws: `.usage` for an unknown name or options that make no sense.
  public static func make(
    _ name: String, _ options: ScheduleOptions
  ) throws(GraftError) -> any LearningRateSchedule {
    try registry(name).init(options)
  }
}
