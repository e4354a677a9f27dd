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
  /// The share of the run until the peak is reached, in place of `warmupSteps`; nil for those.
  public var warmupFraction: Double?
  /// The share of the run that `warmupSteps` take at most; nil for no limit.
  public var warmupLimit: Double?
  /// Updates of the whole run; nil where a wall-clock budget ends it.
  public var totalSteps: Int?
  /// The rate at the end, as a fraction of the peak.
  public var finalFraction: Double
  /// What the rate does until then.
  public var warmup: Warmup
  /// For `constant` and `inverse-square-root`: the share of the run at its end over which the rate falls linearly to
  /// `finalFraction`; 0 for none.
  public var cooldownFraction: Double
  /// For `stepped`: where and by how much the rate drops; nil for `RateDrops.zaremba`.
  public var drops: RateDrops?

  /// Values as they are given; `validate` says whether they make sense.
  public init(
    peak: Double, warmupSteps: Int = 0, totalSteps: Int? = nil, finalFraction: Double = 0,
    warmup: Warmup = .linear, cooldownFraction: Double = 0, warmupFraction: Double? = nil,
    warmupLimit: Double? = nil, drops: RateDrops? = nil
  ) {
    self.peak = peak
    self.warmupSteps = warmupSteps
    self.warmupFraction = warmupFraction
    self.warmupLimit = warmupLimit
    self.totalSteps = totalSteps
    self.finalFraction = finalFraction
    self.warmup = warmup
    self.cooldownFraction = cooldownFraction
    self.drops = drops
  }

  /// Updates until the peak is reached; nil where that is a share of a run whose updates are not known.
  var warmupUpdates: Int? {
    guard let warmupFraction else {
      guard let warmupLimit, let totalSteps else { return warmupSteps }
      return min(warmupSteps, Int((warmupLimit * Double(totalSteps)).rounded()))
    }
    return totalSteps.map { Int((warmupFraction * Double($0)).rounded()) }
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
    let warmupFraction = warmupFraction ?? 0
    try require(
      warmupFraction >= 0 && warmupFraction < 1, "the warm-up fraction cannot be \(warmupFraction)",
      "it is a fraction of the run: give 0 or more and less than 1.")
    try require(
      warmupFraction + cooldownFraction <= 1 + 1e-9,
      "a warm-up of \(warmupFraction) and a cooldown of \(cooldownFraction) of the run overlap",
      "together they are at most 1.")
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

  /// The fraction of the peak once warm-up is over, and before the cooldown if there is one.
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
    let warmupSteps = options.warmupUpdates ?? 0
    let decaying = total - warmupSteps
    let progress = decaying <= 0 ? 1 : Double(step - warmupSteps) / Double(decaying)
    return rate(
      step: step, warmup: Self.share(of: warmupSteps, step),
      decaying: step < warmupSteps ? 0 : progress, progress: Double(step) / Double(total))
  }

  /// The rate under a wall-clock budget: decay by the fraction of the budget that is used (0…1); warm-up, too, where it
  /// is a share of the run, else by `step` (counted from 1).
  public func learningRate(step: Int, progress: Double) -> Double {
    guard let share = options.warmupFraction else {
      let limited = options.warmupLimit.map { progress / $0 } ?? 0
      return rate(
        step: step, warmup: max(Self.share(of: options.warmupSteps, step), limited), decaying: progress,
        progress: progress)
    }
    return rate(
      step: step, warmup: share > 0 ? progress / share : 1, decaying: (progress - share) / (1 - share),
      progress: progress)
  }

  private static func share(of warmupSteps: Int, _ step: Int) -> Double {
    step < warmupSteps ? Double(step) / Double(warmupSteps) : 1
  }

  /// - Parameters:
  ///   - warmup: the share of the warm-up that is over; above 1 behind it.
  ///   - decaying: the share of what follows.
  ///   - progress: the share of the whole run.
  private func rate(step: Int, warmup: Double, decaying: Double, progress: Double) -> Double {
    let warmed = options.warmup == .linear && warmup < 1 ? max(warmup, 0) : 1
    let base = decay(step: max(step, 1), progress: min(max(decaying, 0), 1))
    return options.peak * warmed * withCooldown(base, progress: min(max(progress, 0), 1))
  }

  /// `base`, and over the cooldown a straight line from its value to the final fraction.
  private func withCooldown(_ base: Double, progress: Double) -> Double {
    let length = options.cooldownFraction
    guard length > 0, progress > 1 - length else { return base }
    let remaining = (1 - progress) / length
    return options.finalFraction + (base - options.finalFraction) * remaining
  }

  func rejectCooldown() throws(GraftError) {
    guard options.cooldownFraction == 0 else {
      throw GraftError(
        .usage, "the schedule '\(Self.identifier)' has no cooldown, since it decays throughout",
        hint: "leave out `cooldown:`, or take 'constant' or 'inverse-square-root'.")
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
      (SteppedSchedule.identifier, SteppedSchedule.summary, SteppedSchedule.self),
    ])

  /// - Throws: `.usage` for an unknown name or options that make no sense.
  public static func make(
    _ name: String, _ options: ScheduleOptions
  ) throws(GraftError) -> any LearningRateSchedule {
    try registry(name).init(options)
  }
}
