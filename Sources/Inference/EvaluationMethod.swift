import Corpus
import ModelKit
import Records

/// How an evaluation has a model answer.
public enum EvaluationMethod: Sendable {
  /// The model answers tasks as it was trained to, or as they ask for.
  /// - Parameters:
  ///   - inputLength: the most tokens of an input; nil for 128, or all that a decoder has which goes on with texts.
  ///   - targetLength: the most tokens of a target.
  case answers(
    AnswerOptions = AnswerOptions(), inputLength: Int? = nil, targetLength: Int = SequenceLengths.standard.targets)
  /// Of a task that wants a number about two texts: the cosine of their vectors, as `TextEmbedder` makes them, without
  /// the model's heads.
  /// - Parameter inputLength: the most tokens of a text; nil for as many as `TextEmbedder` takes.
  case similarity(inputLength: Int?)
  /// A decoder is given texts as lm-evaluation-harness gives them, see `TextCodec.harnessPositions`.
  case harness
}

/// What there is to choose where a model answers tasks.
public struct AnswerOptions: Sendable {
  /// How answers are found for tasks with choices.
  public var mode = AnswerMode.rank
  /// How answers that are written are looked for.
  public var strategy = DecodingOptions.Strategy.greedy
  /// How a decoder or an encoder is shown every task; nil for what the model was trained on, and the task asks for.
  public var layout: TextLayout?
  /// What the outputs of an encoder's one head stand for, in the task's words; nil for what the model says.
  public var labels: [String]?
  /// How texts are scored, where there are two ways; nil for the model's own.
  public var scoring: TokenScoring?

  /// Answers to choices are ranked, written ones are the likeliest tokens; all else is the model's own.
  public init(
    mode: AnswerMode = .rank, strategy: DecodingOptions.Strategy = .greedy, layout: TextLayout? = nil,
    labels: [String]? = nil, scoring: TokenScoring? = nil
  ) {
    (self.mode, self.strategy, self.layout) = (mode, strategy, layout)
    (self.labels, self.scoring) = (labels, scoring)
  }
}
