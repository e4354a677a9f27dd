import Inference
import Records
import Reporting
import Scoring
import Support
import TaskRegistry

/// Scores one model on tasks and suites, keeps its predictions and makes result entries.
public struct ModelScoring {
  var evaluator: Evaluator
  var data: DataRoot
  /// How the model is called in tables.
  var system: String
  var seed: UInt64?
  /// Where predictions go, if anywhere.
  var predictionFolder: String?
  /// Examples of a split at most.
  var limit: Int?
  /// Whether splits whose data is not here are passed over.
  public var skipsAbsent = false
  /// What of its input the model is shown, if not all.
  public var partialInput: PromptRestriction?
  /// What of the training examples the model was trained on, if not all.
  public var trainedOn: String?
  /// Parts of splits that are scored by themselves.
  public var subsets: SubsetScoring?
  /// Whether the buckets of `LengthScoring` are scored by themselves, too.
  public var scoresLengths = false
  /// Takes what was answered to each split of a task.
  public var observe: (_ task: TaskDefinition, _ evaluation: Evaluation) -> Void = { _, _ in }
  /// Takes a line for people.
  var note: (String) -> Void

  /// - Parameters:
  ///   - system: how the model is called in tables.
  ///   - predictionFolder: where predictions go, if anywhere.
  ///   - limit: examples of a split at most.
  ///   - note: takes a line for people.
  public init(
    evaluator: Evaluator, data: DataRoot, system: String, seed: UInt64?, predictionFolder: String?,
    limit: Int? = nil, note: @escaping (String) -> Void
  ) {
    (self.evaluator, self.data, self.system, self.seed) = (evaluator, data, system, seed)
    (self.predictionFolder, self.limit, self.note) = (predictionFolder, limit, note)
  }

  /// The name of a system that sees part of its input: `model:hypothesis`.
  public static func system(_ name: String, _ partial: PromptRestriction?) -> String {
    partial.map { "\(name):\($0.suffix)" } ?? name
  }

  /// - Parameter splits: nil for every split with labels but `train`.
  /// - Throws: as `Evaluator.evaluate`; `.usage` for a split that a task does not have.
  public func score(
    tasks: [TaskDefinition], splits: [String]? = nil, suites: [RoutedSuite]
  ) throws(GraftError) -> [ResultEntry] {
    var entries: [ResultEntry] = []
    for task in tasks {
      for split in try evaluationSplits(of: task, splits, data, skippingAbsent: skipsAbsent) {
        let evaluation = try evaluator.evaluate(task, split: split, data: data, limit: limit)
        try keep(evaluation, "\(task.name)-\(split)")
        noteCut(evaluation, task, "\(task.name) \(split)")
        if let text = OneAnswer.note(evaluation.report, "\(task.name) \(split)") { note(text) }
        observe(task, evaluation)
        var report = evaluation.report
        report.groups +=
          try subsets?.groups(
            report, task: task, split: split, identifiers: evaluation.examples.map(\.identifier)) ?? []
        if scoresLengths { report.groups += try LengthScoring.groups(report, task: task, evaluation.examples) }
        entries += self.entries(report, split: split, cut: evaluation.cutExamples)
      }
    }
    for suite in suites {
      let evaluation = try evaluator.evaluate(suite.definition, through: suite.task, data: data, limit: limit)
      try keep(evaluation, suite.name)
      noteCut(evaluation, suite.task, suite.name)
      entries += self.entries(
        evaluation.report, split: suite.definition.defaultSplit, cut: evaluation.cutExamples)
    }
    return entries
  }

  private func noteCut(_ evaluation: Evaluation, _ task: TaskDefinition, _ name: String) {
    guard evaluation.cutExamples > 0 else { return }
    let room = evaluator.room(for: task)
    note(
      "note: \(name): \(evaluation.cutExamples) of \(evaluation.examples.count) inputs were cut to"
        + " \(room.tokens) tokens"
        + (room.canGrow ? "; `input-length:` gives more room" : ", which is all that the model has positions for"))
  }

  private func entries(_ report: ScoreReport, split: String, cut: Int) -> [ResultEntry] {
    resultEntries(report, split: split, system: Self.system(system, partialInput), seed: seed, limit: limit)
      .map { entry in
        var entry = entry
        entry.partialInput = partialInput?.description
        entry.trainedOn = trainedOn
        // Of parts of the split it is not counted.
        if cut > 0, entry.group.isEmpty { entry.cutExamples = cut }
        return entry
      }
  }

  private func keep(_ evaluation: Evaluation, _ name: String) throws(GraftError) {
    guard let predictionFolder else { return }
    let report = evaluation.report
    try PredictionsFile.write(
      zip(evaluation.examples, zip(report.answers, report.references)).map { example, scored in
        AnsweredExample(
          identifier: example.identifier, target: example.targets, answer: scored.0, reference: scored.1)
      }, to: "\(predictionFolder)/\(name).jsonl")
  }
}

/// The splits of a task that are scored.
/// - Parameter splits: nil for all that have labels, but for `train`.
public func evaluationSplits(
  of task: TaskDefinition, _ splits: [String]?, _ data: DataRoot, skippingAbsent: Bool
) throws(GraftError) -> [String] {
  guard let splits else {
    return task.scoredSplits.filter { !skippingAbsent || task.absence(split: $0, data: data) == nil }
  }
  for split in splits where !task.splitNames.contains(split) {
    throw .unknownName("split of task '\(task.name)'", split, known: task.splitNames)
  }
  return splits
}

/// The entries of a report: every metric of the whole, and every group.
/// - Parameter limit: how many examples were asked for at most; as many are taken for a part of the split.
func resultEntries(
  _ report: ScoreReport, split: String, system: String, seed: UInt64? = nil, limit: Int? = nil
) -> [ResultEntry] {
  func entry(_ score: MetricScore, count: Int, invalid: Int, group: [String: String]) -> ResultEntry? {
    guard let value = score.value else { return nil }
    var entry = ResultEntry(
      task: report.name, split: split, system: system, metric: score.name, score: value,
      interval: score.interval.map { $0.lower...$0.upper }, examples: count, seed: seed, invalid: invalid,
      taskVersion: report.version, taskHash: report.definitionHash, signature: score.signature, group: group)
    if let limit, report.count >= limit { entry.limit = limit }
    entry.through = report.through
    return entry
  }
  var entries = report.metrics.compactMap {
    entry($0, count: $0.details["sets"].map { Int($0) } ?? report.count, invalid: report.invalid, group: [:])
  }
  for group in report.groups {
    var name = [group.group: group.value]
    if let label = group.label { name["label"] = label }
    if let made = entry(group.score, count: group.count, invalid: group.invalid, group: name) {
      entries.append(made)
    }
  }
  return entries
}
