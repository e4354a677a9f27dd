import Compute
import Corpus
import Examples
import Foundation
import ModelKit
import Scoring
import Support
import TaskRegistry

/// Predictions and scores of one model on one split.
public struct Evaluation: Sendable {
  public var examples: [Example]
  public var predictions: [Prediction]
  public var report: ScoreReport
}

/// Evaluates a model on tasks and stress suites.
public struct Evaluator: Sendable {
  private let model: ShardedModel
  private let codec: TextCodec
  private let lengths: SequenceLengths
  private let strategy: DecodingOptions.Strategy
  private let labels: [String]?

  /// - Parameter strategy: how answers that are written are looked for.
  public init(
    model: ShardedModel, codec: TextCodec, lengths: SequenceLengths,
    strategy: DecodingOptions.Strategy = .greedy
  ) {
    self.strategy = strategy
    labels = nil
    self.model = model
    self.codec = codec
    self.lengths = lengths
  }

  /// Of a checkpoint, run directory or folder of transformers, with a shard per core.
  /// - Parameter labels: what the outputs of an encoder's one head stand for, in the task's words; nil for what the model
  ///   says.
  /// - Throws: as `ModelFolder.open`; `.usage` for lengths and heads that the model does not have.
  public init(
    opening path: String, lengths: SequenceLengths, precision: Precision,
    strategy: DecodingOptions.Strategy = .greedy, labels: [String]? = nil
  ) throws(GraftError) {
    let (saved, configuration, tokenizer) = try ModelFolder.open(path)
    try lengths.validate(for: configuration)
    guard labels == nil || configuration.answers != nil else {
      throw GraftError(
        .usage, "--labels is for an encoder with a head, which '\(path)' is not", hint: "leave it out.")
    }
    let model = try saved.opened(
      configuration, precision: precision, shardCount: ProcessInfo.processInfo.activeProcessorCount)
    (self.model, codec, self.lengths) = (model, TextCodec(tokenizer), lengths)
    (self.strategy, self.labels) = (strategy, labels)
  }

  /// What the model answers to any examples put as those of `task`.
  /// - Throws: `.usage` for a task that the model has no way to answer.
  public func predictions(
    _ examples: [Example], task: TaskDefinition, mode: AnswerMode = .rank
  ) throws(GraftError) -> [Prediction] {
    if task.output == .preference {
      return try TextScorer(model: model, codec: codec).preferences(examples)
    }
    if task.choicesVary, mode == .rank || task.isForRankingOnly {
      return try Predictor(model: model, codec: codec, lengths: lengths)
        .rank(candidates: examples.map { $0.candidates ?? [] })
    }
    let inputs = examples.map(\.inputs)
    if let reader = AnswerReader(model: model, codec: codec, lengths: lengths, labels: labels) {
      return try reader.predictions(inputs: inputs, task: task)
    }
    let predictor = try Predictor(model: model, codec: codec, lengths: lengths)
    guard let choices = task.choices, mode == .rank else {
      let decoding = DecodingOptions(strategy, maximumTokens: lengths.targets)
      try decoding.validate()
      return predictor.generate(inputs: inputs, decoding: decoding)
    }
    return predictor.rank(inputs: inputs, choices: choices)
  }

  /// - Parameter mode: how answers are found for a task with choices; other tasks always generate.
  /// - Throws: what reading the split throws; `.badData` for unlabelled rows.
  public func evaluate(
    _ task: TaskDefinition, split: String, data: DataRoot, limit: Int? = nil, mode: AnswerMode = .rank
  ) throws(GraftError) -> Evaluation {
    let examples = try task.examples(split: split, data: data, limit: limit)
    if let error = task.absenceOfRows(examples, split: split) { throw error }
    let predictions = try predictions(examples, task: task, mode: mode)
    return Evaluation(
      examples: examples, predictions: predictions, report: try task.score(predictions, examples))
  }

  /// A suite is put to the model as the task it was trained on would put it.
  public func evaluate(
    _ suite: SuiteDefinition, through task: TaskDefinition, data: DataRoot, limit: Int? = nil,
    mode: AnswerMode = .rank
  ) throws(GraftError) -> Evaluation {
    let examples = try suite.examples(through: task, data: data, limit: limit)
    if let error = suite.absenceOfRows(examples, split: suite.defaultSplit) { throw error }
    let predictions = try predictions(examples, task: task, mode: mode)
    return Evaluation(
      examples: examples, predictions: predictions,
      report: try suite.score(predictions, examples, through: task))
  }
}
