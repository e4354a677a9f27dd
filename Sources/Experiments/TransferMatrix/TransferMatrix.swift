import Checkpointing
import Foundation
import ModelKit
import Probing
import Records
import Reporting
import Scoring
import Support
import TaskRegistry
import Tokenization
import Training

/// Fine-tunes a model on each of several tasks and evaluates it on all of them, put as the task it was trained on,
/// going on where an earlier process stopped.
public struct TransferMatrix {
  /// A set of examples that models are evaluated on.
  public struct Column: Sendable {
    /// Whose examples they are.
    public var task: TaskDefinition
    /// The split that they are.
    public var split: String

    /// - Parameter split: of the task.
    public init(task: TaskDefinition, split: String) { (self.task, self.split) = (task, split) }

    /// `task-split`.
    public var name: String { "\(task.name)-\(split)" }
  }

  /// What one model came to; its answers are in `predictions`.
  struct Trial: Codable, Sendable {
    var steps: Int
    var seconds: Double
  }

  /// The tasks that models are trained on.
  var tasks: [TaskDefinition]
  var columns: [Column]
  var seeds: [UInt64]
  /// Of every model, but for its task and seed.
  var plan: FineTuningPlan
  var tokenizer: Tokenizer
  var data: DataRoot
  /// From labels to coarser ones, for tasks whose labels differ.
  var collapse: [ByteString: String]
  /// Examples of a column, at most.
  var evaluationLimit: Int?
  var output: String
  var surroundings: Surroundings

  /// - Parameters:
  ///   - tasks: that models are trained on.
  ///   - columns: what they are evaluated on.
  ///   - plan: of every model, but for its task and seed.
  ///   - collapse: from labels to coarser ones, for tasks whose labels differ.
  ///   - evaluationLimit: examples of a column, at most.
  ///   - output: the folder of the runs.
  public init(
    tasks: [TaskDefinition], columns: [Column], seeds: [UInt64], plan: FineTuningPlan, tokenizer: Tokenizer,
    data: DataRoot, collapse: [ByteString: String], evaluationLimit: Int?, output: String, surroundings: Surroundings
  ) {
    (self.tasks, self.columns, self.seeds, self.plan) = (tasks, columns, seeds, plan)
    (self.tokenizer, self.data, self.collapse) = (tokenizer, data, collapse)
    (self.evaluationLimit, self.output, self.surroundings) = (evaluationLimit, output, surroundings)
  }

  var study: Study<Trial> {
    Study(trained: tasks.map(\.name), in: output, seeds: seeds, surroundings: surroundings)
  }

  /// - Returns: the models that failed.
  /// - Throws: as `Study.run`; `.usage` if the folder is of another matrix.
  public func run() throws(GraftError) -> [StudyFailure] {
    try surroundings.world.onRoot { () throws(GraftError) in
      try definition().claim(
        output, as: .transfer, additions: "seeds and tasks", of: (tasks + columns.map(\.task)).map(\.dataSet.hash))
    }
    return try study.run { (unit, folder, surroundings) throws(GraftError) in
      guard let task = tasks.first(where: { $0.name == unit.arm }) else { preconditionFailure("no task '\(unit.arm)'") }
      return try train(task, unit.seed, folder, surroundings)
    }
  }

  /// How models trained on `task` are scored on a column.
  /// - Returns: nil with the reason if they cannot be.
  func correspondence(_ task: TaskDefinition, _ column: Column) -> (
    labels: LabelCorrespondence?, reason: String
  ) {
    guard let answers = task.choices, let labels = column.task.choices else {
      return (nil, "the choices differ from row to row")
    }
    if let missing = task.inputs.fields.first(where: { !column.task.fieldNames.contains($0) }) {
      return (nil, "there is no field '\(missing)', which the prompts of \(task.name) need")
    }
    guard let found = LabelCorrespondence(answers: answers, labels: labels, collapse: collapse) else {
      return (nil, "\(answers.joined(separator: ", ")) do not answer \(labels.joined(separator: ", "))")
    }
    return (found, "")
  }

  /// A column as a task puts it, and what is right.
  func examples(
    _ column: Column, through task: TaskDefinition, _ labels: LabelCorrespondence
  ) throws(GraftError) -> (examples: [Example], references: [Reference]) {
    let examples = try column.task.examples(
      split: column.split, through: task, data: data, limit: evaluationLimit)
    var references: [Reference] = []
    for example in examples {
      guard let choice = labels.index(of: example.targets) else {
        throw GraftError(.badData, "example '\(example.identifier)' has no label to score against")
      }
      references.append(Reference(text: example.targets, choice: choice))
    }
    return (examples, references)
  }

  /// Answers in the words of `task` as answers in the labels of a column.
  static func translated(
    _ predictions: [Prediction], of task: TaskDefinition, to labels: LabelCorrespondence
  ) -> [Prediction] {
    predictions.map { prediction in
      var answer = task.interpreted(prediction)
      answer.choice = answer.choice.flatMap { task.choices?[$0] }.flatMap(labels.index)
      answer.choiceScores = nil
      answer.choiceScoresPerToken = nil
      answer.choiceScoresPerByte = nil
      answer.tiedChoices = prediction.tiedChoices?.map { task.choices?[$0] }.map {
        $0.flatMap(labels.index) ?? -1
      }
      return answer
    }
  }

  private func train(
    _ task: TaskDefinition, _ seed: UInt64, _ folder: String, _ surroundings: Surroundings
  ) throws(GraftError) -> Trial {
    var plan = plan
    plan.tasks = [task.name]
    plan.settings.seed = seed
    var job = FineTuningJob(
      surroundings: surroundings, plan: plan, tasks: [task], splits: [], tokenizer: tokenizer, data: data,
      directory: folder,
      phase: "\(task.name) \(seed)")
    job.resuming = true
    let (_, state, evaluator) = try job.trained()
    for column in columns {
      guard let labels = correspondence(task, column).labels else { continue }
      let (examples, references) = try examples(column, through: task, labels)
      let answers = Self.translated(try evaluator.predictions(examples, task: task), of: task, to: labels)
      try PredictionsFile.write(
        zip(examples, zip(answers, references)).map { example, scored in
          AnsweredExample(
            identifier: example.identifier, target: example.targets, answer: scored.0, reference: scored.1)
        }, to: "\(folder)/predictions/\(column.name).jsonl")
    }
    return Trial(steps: state.step, seconds: state.elapsedSeconds)
  }

  private func definition() throws(GraftError) -> StudyDefinition {
    var plan = plan
    plan.tasks = []
    var definition = try StudyDefinition(plan: plan, tokenizer: tokenizer)
    definition.recipe["evaluation limit"] = evaluationLimit.map { "\($0)" } ?? "none"
    definition.recipe["collapse"] = collapse.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }
      .joined(separator: " ")
    definition.recipe["evaluated on"] = columns.map { "\($0.name) \($0.task.definitionHash)" }
      .joined(separator: ", ")
    for task in tasks { definition.parts["task \(task.name)"] = task.definitionHash }
    return definition
  }
}

extension TransferMatrix.Trial: StudyRecord {
  static let kind = FileKind.trial

  func describe(in event: inout StudyEvent) { (event.steps, event.seconds) = (steps, seconds) }
}
