import Records
import Scoring
import Support
import TaskRegistry

extension ScoreReport {
  /// A score per metric of a part of what was scored.
  /// - Parameters:
  ///   - group: what results name the part by, and `value` which it is.
  ///   - indices: its examples, in the order of the report; at least one.
  func part(
    _ group: String, _ value: String, of indices: [Int], task: TaskDefinition
  ) throws(GraftError) -> [GroupScore] {
    let (answers, references) = (indices.map { self.answers[$0] }, indices.map { self.references[$0] })
    let invalid = answers.count { $0.choice == nil && task.output == .choices }
    return try task.metricNames.map { (metric) throws(GraftError) in
      GroupScore(
        group: group, value: value, count: indices.count, invalid: invalid,
        score: try Metrics.registry(metric).measure(answers, references, bootstrap: BootstrapOptions()))
    }
  }
}
