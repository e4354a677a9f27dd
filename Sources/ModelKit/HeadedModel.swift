import Autograd
import Records

/// A model as it is fine-tuned to answer about whole texts: a head for each task stands on the part that reads, in
/// place of what pretraining predicts with.
public struct HeadedModel: Backbone {
  public let configuration: ModelConfiguration
  public let traits: ModelTraits
  public var tokenEmbedding: Parameter { reader.tokenEmbedding }
  public var answerer: HeadedModel? { self }
  private let reader: any StateReader
  private let heads: [AnswerHead]
  private let style: HeadStyle

  /// How a family's heads are made.
  public struct HeadStyle: Sendable {
    /// Off what heads read.
    public var pooling: Pooling
    /// Of the states.
    public var width: Int
    /// Of the head's first layer.
    public var activation: Activation
    /// ε of a norm behind it; see `AnswerHead.init`.
    public var norm: Double?
    /// Draws the weights.
    public var initializer: Initializer

    /// All of a style.
    public init(
      _ pooling: Pooling, width: Int, activation: Activation, norm: Double? = nil, initializer: Initializer
    ) {
      (self.pooling, self.width) = (pooling, width)
      (self.activation, self.norm, self.initializer) = (activation, norm, initializer)
    }
  }

  /// - Parameters:
  ///   - configuration: with the tasks that it answers.
  ///   - traits: of the model without heads.
  public init(
    _ configuration: ModelConfiguration, _ traits: ModelTraits, _ reader: any StateReader, _ style: HeadStyle,
    in scope: ParameterScope
  ) {
    self.configuration = configuration
    self.traits = traits.answering
    self.reader = reader
    self.style = style
    heads = (configuration.answers ?? []).map { format in
      AnswerHead(
        format, width: style.width, activation: style.activation, norm: style.norm, dropout: configuration.dropout,
        initializer: style.initializer, in: scope.head(Self.scope)(format.task))
    }
  }

  /// Off what answers are read.
  public var pooling: Pooling { style.pooling }

  private static let scope = "answers"

  /// The names of the parameters of a task's last layer: weights, which have a row for each choice, and biases.
  public static func outputNames(of task: String) -> [String] {
    ["weight", "bias"].map { "\(scope).\(task).output.\($0)" }
  }

  /// States of every sequence with the heads that answer about it.
  public func answer(_ batch: Batch, recomputing: Bool, on tape: Tape) -> AnswerOutput {
    let (hidden, rows) = reader.read(batch, recomputing: recomputing, on: tape)
    return AnswerOutput(hidden: hidden, rows: rows, heads: heads, pooling: style.pooling)
  }

  /// One vector of `width` values for every sequence of `batch`, read off its states without any head.
  public func vectors(_ batch: Batch, _ pooling: Pooling, on tape: Tape) -> [[Float]] {
    let (hidden, rows) = reader.read(batch, recomputing: false, on: tape)
    let output = AnswerOutput(hidden: hidden, rows: rows, heads: heads, pooling: pooling)
    let pooled = tape.widened(output.pooled(Array(rows.offsets.indices), on: tape))
    let values = pooled.data.assumingMemoryBound(to: Float.self)
    return (0..<rows.offsets.count).map { row in
      Array(UnsafeBufferPointer(start: values + row * pooled.columns, count: pooled.columns))
    }
  }

  /// Values of a state.
  public var width: Int { style.width }

  public func forwardOperations(_ batch: Batch) -> Double {
    reader.forwardOperations(batch) + batch.answers.reduce(0) { $0 + heads[$1.head].operations }
  }
}

extension ModelTraits {
  /// Of the same model with heads.
  public var answering: ModelTraits {
    var result = self
    result.writes = false
    result.companion = nil
    return result
  }
}
