import Records
import Support

/// What a model answered to the zero-shot tasks of BabyLM, in the form of the challenge's evaluation pipeline of 2025:
/// by task and by set of the task, a list of identifiers and of the texts that were found likelier.
///
/// Worked example: of two pairs of the paradigm `wh_island`, the second answered wrongly,
/// `{"blimp": {"wh_island": {"predictions": [{"id": "wh_island_0", "pred": GOOD}, {"id": "wh_island_1", "pred":
/// BAD}]}}}`.
public struct BabyLMPredictions: Sendable, Encodable {
  /// One answer.
  public struct Answer: Sendable, Hashable, Encodable {
    /// The set and the place in it, from 0.
    public var id: String
    /// As the data has it; of several that tie, the first.
    public var pred: String
  }

  /// What the pipeline calls the tasks.
  public static let tasks = [
    "blimp-filtered": "blimp", "blimp-supplement": "blimp_supplement", "entity-tracking": "entity_tracking",
  ]
  /// The group of an example that names its set.
  public static let group = "set"

  private var answers: [String: [String: [String: [Answer]]]] = [:]

  /// No answers.
  public init() {}

  /// Whether there is nothing to write.
  public var isEmpty: Bool { answers.isEmpty }

  /// Adds the answers to a task, in the order of its examples; those of a task that BabyLM has not are left out.
  public mutating func add(task: String, _ examples: [Example], _ predictions: [Prediction]) {
    guard let name = Self.tasks[task] else { return }
    for (example, prediction) in zip(examples, predictions) {
      let set = example.groups[Self.group] ?? task
      let count = answers[name]?[set]?["predictions"]?.count ?? 0
      answers[name, default: [:]][set, default: [:]]["predictions", default: []]
        .append(Answer(id: "\(set)_\(count)", pred: prediction.text))
    }
  }

  public func encode(to encoder: any Encoder) throws { try answers.encode(to: encoder) }
}
