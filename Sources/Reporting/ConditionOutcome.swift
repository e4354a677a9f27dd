import Support

/// Whether a score meets a condition that was set for it.
public struct ConditionOutcome: Sendable, Hashable, Codable {
  /// As written, `hans.accuracy>=0.5`.
  public var condition: String
  /// The task or suite whose score was asked about.
  public var task: String
  /// The split that the score is of.
  public var split: String
  /// The mean over the seeds.
  public var score: Double
  /// How many seeds the score is the mean of.
  public var seeds: Int
  /// Whether the score is as the condition wants it.
  public var isMet: Bool
  /// Why it was asked.
  public var reason: String?

  /// - Parameters:
  ///   - condition: as written.
  ///   - score: the mean over `seeds` models.
  public init(
    condition: String, task: String, split: String, score: Double, seeds: Int, isMet: Bool,
    reason: String? = nil
  ) {
    self.condition = condition
    self.task = task
    self.split = split
    self.score = score
    self.seeds = seeds
    self.isMet = isMet
    self.reason = reason
  }

  /// A row per condition: what was asked, what was found, and whether it is enough.
  public static func table(_ outcomes: [ConditionOutcome]) -> Table {
    let hasReasons = outcomes.contains { $0.reason != nil }
    var table = Table(
      [.init("condition"), .init("split"), .init("found", .right), .init("")]
        + (hasReasons ? [.init("because")] : []))
    for outcome in outcomes {
      let found = NumberText.fixed(outcome.score, digits: 4)
      table.append(
        [
          outcome.condition, outcome.split,
          outcome.seeds > 1 ? "\(found) (mean of \(outcome.seeds))" : found,
          outcome.isMet ? "met" : "NOT MET",
        ] + (hasReasons ? [outcome.reason ?? ""] : []))
    }
    return table
  }
}
