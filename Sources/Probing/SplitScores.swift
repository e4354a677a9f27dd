import Records
import Scoring
import Support
import TaskRegistry

/// A model's score on parts of a split, such as its easy and its hard examples.
public struct SplitScores: Codable, Sendable {
  /// A part and the model's score on it.
  public struct Part: Codable, Sendable {
    /// The part's name, such as `easy`; `all` for the whole split.
    public var part: String
    /// Examples in it.
    public var examples: Int
    /// The mean over the seeds of the results.
    public var score: Estimate?
  }

  /// The split that was answered.
  public var split: String
  /// The task's primary metric.
  public var metric: String
  /// Models whose answers were given.
  public var seeds: Int
  /// The score on the whole split.
  public var all: Part
  /// The score on each part, in alphabetical order.
  public var parts: [Part]

  /// The scores of the answers given for a split, in parts; none if no answers were given.
  ///
  /// - Parameter parts: whether an example is in the part, by the part's name.
  /// - Throws: `.badData` if an example of the split has no answer.
  static func scores(
    of split: LabelledSplit, parts: [String: [Bool]], _ input: ProbeInput
  ) throws(GraftError) -> [SplitScores] {
    let answers = input.options.answers[split.name] ?? []
    guard !answers.isEmpty else { return [] }
    let metric = try Metrics.registry(input.task.primaryMetric)
    var seeds: [[Prediction]] = []
    for answer in answers {
      var predictions: [Prediction] = []
      for example in split.examples {
        guard let prediction = answer.predictions[example.identifier] else {
          throw GraftError(
            .badData, "the results '\(answer.name)' have no answer to '\(example.identifier)'",
            hint: "they were made with another `limit:` or another version of the task; evaluate again.")
        }
        predictions.append(input.task.interpreted(prediction))
      }
      seeds.append(predictions)
    }
    func part(_ name: String, _ members: [Int]) throws(GraftError) -> Part {
      Part(
        part: name, examples: members.count,
        score: members.isEmpty
          ? nil
          : try metric.estimate(
            seeds: seeds.map { seed in members.map { seed[$0] } }, members.map { split.references[$0] },
            bootstrap: input.options.bootstrap))
    }
    var scored: [Part] = []
    for (name, isIn) in parts.sorted(by: { $0.key < $1.key }) {
      scored.append(try part(name, split.labels.indices.filter { isIn[$0] }))
    }
    return [
      SplitScores(
        split: split.name, metric: metric.name, seeds: seeds.count,
        all: try part("all", Array(split.labels.indices)),
        parts: scored)
    ]
  }

  static func tables(_ scores: [SplitScores], title: String) -> [ProbeTable] {
    guard let first = scores.first else { return [] }
    var table = ProbeTable(
      title: title, note: "Mean of \(first.seeds) model\(first.seeds == 1 ? "" : "s").",
      columns: [.text("split"), .text("part"), .number("examples"), .number(first.metric)])
    for score in scores {
      for part in [score.all] + score.parts {
        table.append([
          .text(score.split), .text(part.part), .count(part.examples), .estimatedShare(part.score),
        ])
      }
    }
    return [table]
  }
}
