import Support

/// One of the settings that were tried for a run.
public struct TuningTrial: Sendable, Hashable, Codable {
  /// From 1.
  public var trial: Int
  /// Of the run that it was tried for.
  public var seed: UInt64
  /// What was tried.
  public var learningRate: Double
  /// On the examples that are kept from training; nil if training failed.
  public var score: Double?
  /// Whether the run's model is that of the trial.
  public var isKept: Bool

  /// A trial and what it came to.
  public init(trial: Int, seed: UInt64, learningRate: Double, score: Double? = nil, isKept: Bool = false) {
    (self.trial, self.seed, self.learningRate) = (trial, seed, learningRate)
    (self.score, self.isKept) = (score, isKept)
  }

  /// A row for each, under its titles.
  public static func table(_ trials: [TuningTrial]) -> Table {
    let hasSeeds = Set(trials.map(\.seed)).count > 1
    var table = Table(
      (hasSeeds ? [.init("seed", .right)] : []) + ["trial", "learning rate", "score"].map { .init($0, .right) }
        + [.init("")])
    for trial in trials {
      table.append(
        (hasSeeds ? ["\(trial.seed)"] : []) + [
          "\(trial.trial)", NumberText.scientific(trial.learningRate),
          trial.score.map { NumberText.fixed($0, digits: 2) } ?? "failed", trial.isKept ? "kept" : "",
        ])
    }
    return table
  }
}
