import Objectives
import Scoring
import Support

/// What a program of one's own adds to Graft: objectives and metrics. Everything that names one on the
/// command line, in a task or in a configuration then knows them.
///
///     import Commands
///
///     GraftCommand.runAndExit(Plugins.builtin.adding(objectives: [ReversedText.self]))
public struct Plugins: Sendable {
  private var objectives: [any PretrainingObjective.Type] = []
  private var metrics: [(metric: any Metric, summary: String)] = []

  /// Nothing beyond what Graft comes with.
  public static let builtin = Plugins()

  /// - Parameter metrics: each with what `graft list metrics` says of it.
  public func adding(
    objectives: [any PretrainingObjective.Type] = [], metrics: [(metric: any Metric, summary: String)] = []
  ) -> Plugins {
    var result = self
    result.objectives += objectives
    result.metrics += metrics
    return result
  }

  /// - Throws: `.usage` for a name that is taken.
  func install() throws(GraftError) {
    try Objectives.add(objectives)
    try Metrics.add(metrics)
  }
}
