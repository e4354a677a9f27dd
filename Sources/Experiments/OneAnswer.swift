import Reporting
import Scoring
import Support

/// A model that gives one answer to everything has learned nothing of a task, however good its accuracy looks.
enum OneAnswer {
  /// Fewer answers can be the same by chance.
  static let fewest = 16

  /// The note for people; nil if answers differ, or are few.
  /// - Parameters:
  ///   - counts: how often each answer was given.
  ///   - task: what was answered, `the 872 rows`; nil where answers are not choices.
  static func note(_ counts: [String: Int], task: String?) -> String? {
    guard let task, counts.count == 1, let (answer, count) = counts.first, count >= fewest else { return nil }
    return
      "note: the model answers '\(answer)' to all of \(task), whatever they say: it does not tell them apart. Was it"
      + " trained long enough, at a rate that fits?"
  }

  /// The same of examples whose right answers are known and differ.
  static func note(_ report: ScoreReport, _ name: String) -> String? {
    let right = Set(report.references.compactMap(\.choice))
    let given = report.answers.compactMap(\.choice)
    guard right.count > 1, given.count == report.count, Set(given).count == 1, let text = report.answers.first?.text
    else { return nil }
    return note([text: given.count], task: "\(name)'s \(report.count) examples")
  }
}
