import Compute
import Corpus
import Counting
import Foundation
import ModelKit
import Records
import Scoring
import Support
import TaskRegistry

/// Predictions and scores of one model on one split.
public struct Evaluation: Sendable {
  public var examples: [Example]
  public var predictions: [Prediction]
  public var report: ScoreReport
  /// How many examples were longer than the lengths allow, so that the model saw a part.
  public var cutExamples = 0
}

/// Evaluates a model on tasks and stress suites.
public struct Evaluator: Sendable {
  private enum Way: Sendable {
    case answers(TaskAnswerer)
    case counts(NGramAnswerer, AnswerOptions)
    case similarity(TextEmbedder)
    /// Answers that were given elsewhere.
    case recorded(@Sendable (_ examples: [Example], _ task: TaskDefinition) throws(GraftError) -> [Prediction])
  }

  private var way: Way

  /// - Parameter options: how answers are found.
  public init(
    model: ShardedModel, codec: TextCodec, lengths: SequenceLengths, options: AnswerOptions = AnswerOptions()
  ) {
    way = .answers(TaskAnswerer(model: model, codec: codec, lengths: lengths, options: options))
  }

  /// Of answers that were given elsewhere.
  /// - Parameter answers: those to a task's examples.
  public init(
    answers: @escaping @Sendable (_ examples: [Example], _ task: TaskDefinition) throws(GraftError) -> [Prediction]
  ) { way = .recorded(answers) }

  /// Of a checkpoint, run directory or folder of transformers, with a shard per core, or of a model of n-grams.
  /// - Parameters:
  ///   - base: where the model of an adapter is; nil for where the adapter says.
  ///   - readers: the processes that open it together; each then evaluates the same, and has a share of the work.
  /// - Throws: as `ModelFolder.open`; `.usage` for lengths, layouts, heads and ways of answering that the model does
  ///   not have.
  public init(
    opening path: String, base: String? = nil, _ method: EvaluationMethod = .answers(), precision: Precision,
    readers: any World = Alone()
  ) throws(GraftError) {
    let shardCount = ProcessInfo.processInfo.activeProcessorCount
    way =
      switch method {
      case .answers(let options, _, let targetLength) where NGramModel.isOne(path):
        .counts(try NGramAnswerer(opening: path, options, targetLength: targetLength), options)
      case .answers(let options, let inputLength, let targetLength):
        .answers(
          try TaskAnswerer(
            opening: path, base: base, options, inputLength: inputLength, targetLength: targetLength,
            precision: precision, shardCount: shardCount, readers: readers))
      case .harness:
        .answers(
          try TaskAnswerer(
            openingForHarness: path, base: base, precision: precision, shardCount: shardCount, readers: readers))
      case .similarity(let length):
        .similarity(
          try TextEmbedder(
            opening: path, base: base, length: length, precision: precision, shardCount: shardCount,
            readers: readers))
      }
  }

  /// The same where answers to tasks with choices are found in another way.
  public func answering(_ mode: AnswerMode) -> Evaluator {
    var result = self
    switch way {
    case .answers(var answerer):
      answerer.options.mode = mode
      result.way = .answers(answerer)
    case .counts(let answerer, var options):
      options.mode = mode
      result.way = .counts(answerer, options)
    case .similarity, .recorded: break
    }
    return result
  }

  /// What the model answers to any examples put as those of `task`.
  /// - Throws: `.usage` for a task that the model has no way to answer; `.internalError` naming an example whose answer
  ///   or score is not finite.
  public func predictions(_ examples: [Example], task: TaskDefinition) throws(GraftError) -> [Prediction] {
    switch way {
    case .answers(let answerer): try answerer.predictions(examples, task: task)
    case .counts(let answerer, let options): try answerer.predictions(examples, task: task, options)
    case .similarity(let embedder): try embedder.similarities(examples, task: task)
    case .recorded(let answers): try answers(examples, task)
    }
  }

  /// How many examples have an input, or a candidate that is scored, of which the model sees a part.
  public func cutCount(_ examples: [Example], task: TaskDefinition) -> Int {
    switch way {
    case .answers(let answerer): answerer.cutCount(examples, task: task)
    case .counts: 0
    case .similarity(let embedder): examples.count { embedder.cutCount(task.texts(of: $0)) > 0 }
    case .recorded: 0
    }
  }

  /// How many tokens an input of the task may have, for people, and whether there can be room for more.
  public func room(for task: TaskDefinition) -> (tokens: Int, canGrow: Bool) {
    switch way {
    case .answers(let answerer): answerer.room(for: task)
    case .counts: (.max, false)
    case .similarity(let embedder): (embedder.length, true)
    case .recorded: (.max, true)
    }
  }

  /// - Throws: what reading the split throws; `.badData` for unlabelled rows.
  public func evaluate(
    _ task: TaskDefinition, split: String, data: DataRoot, limit: Int? = nil
  ) throws(GraftError) -> Evaluation {
    let examples = try task.examples(split: split, data: data, limit: limit)
    if let error = task.absenceOfRows(examples, split: split, data: data) { throw error }
    return try evaluation(of: examples, task: task)
  }

  /// - Parameter examples: of the task, with their answers.
  public func evaluation(of examples: [Example], task: TaskDefinition) throws(GraftError) -> Evaluation {
    let predictions = try predictions(examples, task: task)
    return Evaluation(
      examples: examples, predictions: predictions, report: try task.score(predictions, examples),
      cutExamples: cutCount(examples, task: task))
  }

  /// A suite is put to the model as the task it was trained on would put it.
  public func evaluate(
    _ suite: SuiteDefinition, through task: TaskDefinition, data: DataRoot, limit: Int? = nil
  ) throws(GraftError) -> Evaluation {
    let examples = try suite.examples(through: task, data: data, limit: limit)
    if let error = suite.absenceOfRows(examples, split: suite.defaultSplit, data: data) { throw error }
    let predictions = try predictions(examples, task: task)
    return Evaluation(
      examples: examples, predictions: predictions,
      report: try suite.score(predictions, examples, through: task),
      cutExamples: cutCount(examples, task: task))
  }
}

extension TextEmbedder {
  /// The cosine between the two texts of each example.
  /// - Throws: `.usage` for a task that wants something else.
  fileprivate func similarities(
    _ examples: [Example], task: TaskDefinition
  ) throws(GraftError) -> [Prediction] {
    let pairs = examples.map { task.texts(of: $0) }
    guard task.output == .number, pairs.allSatisfy({ $0.count == 2 }) else {
      throw GraftError(
        .usage, "`answers:` similarity is for tasks that want a number about two texts, which '\(task.name)' is not",
        hint: "stsb is one.")
    }
    let vectors = try embeddings(pairs.flatMap(\.self))
    return pairs.indices.map {
      Prediction(text: "\(Self.cosine(vectors[2 * $0], vectors[2 * $0 + 1]))")
    }
  }
}
