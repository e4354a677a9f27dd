import Objectives
import Probing
import Scoring
import StressTesting
import Support

/// What a program of one's own adds to Graft: objectives, metrics, stress transforms and probes. Everything that names
/// one on the command line, in a task or in a configuration then knows them.
///
///     import Commands
///
///     GraftCommand.runAndExit(Plugins.builtin.adding(objectives: [ReversedText.self]))
public struct Plugins: Sendable {
  private var objectives: [any PretrainingObjective.Type] = []
  private var metrics: [(metric: any Metric, summary: String)] = []
  private var transforms: [(name: String, summary: String, plugin: any StressTransform)] = []
  private var probes: [(probe: any Probe.Type, summary: String)] = []

  /// Nothing beyond what Graft comes with.
  public static let builtin = Plugins()

  /// - Parameters:
  ///   - metrics: each with what `graft list metrics` says of it.
  ///   - transforms: each with its name and what `graft list transforms` says of it.
  ///   - probes: each with what `graft list probes` says of it.
  public func adding(
    objectives: [any PretrainingObjective.Type] = [], metrics: [(metric: any Metric, summary: String)] = [],
    transforms: [(name: String, summary: String, transform: any StressTransform)] = [],
    probes: [(probe: any Probe.Type, summary: String)] = []
  ) -> Plugins {
    var result = self
    result.objectives += objectives
    result.metrics += metrics
    result.transforms += transforms.map { ($0.name, $0.summary, $0.transform) }
    result.probes += probes
    return result
  }

  /// - Throws: `.usage` for a name that is taken.
  func install() throws(GraftError) {
    try Objectives.add(objectives)
    try Metrics.add(metrics)
    try StressTransforms.add(transforms)
    try Probes.add(probes)
  }
}
