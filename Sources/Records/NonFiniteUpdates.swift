/// What happened in a training run to updates whose loss, gradient or values were not finite.
public struct NonFiniteUpdates: Sendable, Codable, Hashable {
  /// Updates that were left out.
  public var skipped: Int
  /// How often the last checkpoint was gone back to.
  public var rolledBack: Int
  /// The run's seed, where several runs are told of together.
  public var seed: UInt64?

  /// What was counted in one run, of which `seed` is given where there are several.
  public init(skipped: Int, rolledBack: Int, seed: UInt64? = nil) {
    self.skipped = skipped
    self.rolledBack = rolledBack
    self.seed = seed
  }

  /// `not finite: 2 updates left out, 1 time gone back to a checkpoint`.
  public var summary: String {
    "not finite: \(skipped) \(skipped == 1 ? "update" : "updates") left out, \(rolledBack)"
      + " \(rolledBack == 1 ? "time" : "times") gone back to a checkpoint" + (seed.map { " (seed \($0))" } ?? "")
  }
}
