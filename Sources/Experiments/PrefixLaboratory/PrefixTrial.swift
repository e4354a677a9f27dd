import Support
import Training

/// What one model of the laboratory came to.
struct PrefixTrial: Codable, Sendable, Hashable {
  /// A task's examples under the prefix of a task: its own or another's.
  struct Reading: Codable, Sendable, Hashable {
    var task: String
    /// The task whose prefix stood before the examples.
    var prefixOf: String
    /// The primary metric with the task's own choices ranked.
    var score: Double
    /// Of the answers that the model wrote freely, the shares that are choices of the task, of the task whose prefix it
    /// was and of neither. What both have counts as the task's own.
    var ownWords, wordsOfPrefix, neither: Double
    var examples: Int
  }

  var steps: Int
  /// Held-out losses on all tasks together, plain, while training.
  var heldOut: [HeldOutReport]
  var readings: [Reading]
}

extension PrefixTrial: StudyRecord {
  static let kind = FileKind.trial

  func describe(in event: inout StudyEvent) {
    (event.steps, event.heldOut) = (steps, heldOut.last?.lossPerToken)
    event.scores = Dictionary(
      readings.filter { $0.task == $0.prefixOf && $0.score.isFinite }.map { ($0.task, $0.score) }
    ) { $1 }
  }
}
