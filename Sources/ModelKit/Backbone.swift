import Autograd
import Records
import Support

/// What a backbone hands to an objective: states, and how they become logits.
public struct BackboneOutput {
  /// [rows, width] in the operand type: the states of the decoder, or of an encoder that stands alone.
  public var hidden: Tensor
  /// Which rows are tokens, and of which sequences.
  public var rows: SequenceRows
  /// What makes logits of them.
  public var vocabularyHead: VocabularyHead

  /// States at the rows of sequences, and the head that reads them.
  public init(hidden: Tensor, rows: SequenceRows, vocabularyHead: VocabularyHead) {
    self.hidden = hidden
    self.rows = rows
    self.vocabularyHead = vocabularyHead
  }

  /// States · Eᵀ at `rows`, for reading the answers of a decoder: [rows.count, V] f32, without the head's scale and
  /// bias. The order of tokens is that of their logits, as decoders have no bias; probabilities need
  /// `vocabularyHead.scale`.
  public func logits(at rows: [Int32], on tape: Tape) -> Tensor {
    tape.logits(
      vocabularyHead.states(tape.gather(hidden, rows: rows), on: tape), vocabularyHead.embedding)
  }

  /// The row and id of every position of `batch` that has a target.
  public func targets(of batch: Batch) -> (rows: [Int32], targets: [TokenID]) {
    var found: (rows: [Int32], targets: [TokenID]) = ([], [])
    for (row, target) in zip(rows.tokenRows, batch.targets) where target != Batch.ignored {
      found.rows.append(row)
      found.targets.append(target)
    }
    return found
  }
}

extension BackboneOutput {
  /// Summed cross-entropy at every position of `batch` that has a target; see `Tape.crossEntropy`.
  public func crossEntropy(
    _ batch: Batch, gradientScale: Double, smoothing: Double = 0,
    losses: UnsafeMutableBufferPointer<Float>? = nil, samples: UnsafeMutableBufferPointer<TokenID>? = nil,
    on tape: Tape
  ) -> LossSum {
    let (rows, targets) = targets(of: batch)
    guard !rows.isEmpty else { return LossSum() }
    return tape.crossEntropy(
      vocabularyHead.states(tape.gather(hidden, rows: rows), on: tape), vocabularyHead.embedding,
      bias: vocabularyHead.bias, targets: targets, logitScale: vocabularyHead.scale,
      gradientScale: gradientScale, smoothing: smoothing, losses: losses, samples: samples)
  }
}

/// One over how many there are in the whole step, so that any split into shards and micro-batches gives the gradient of
/// the big batch.
public struct GradientScale: Sendable, Hashable {
  /// One over the targets, the positions that are read, and the answers about whole texts; 1 where there are none.
  public let perTarget, perPosition, perAnswer: Double

  /// That of a step which consists of `batches`.
  public init(_ batches: some Sequence<Batch>) {
    var (targets, positions, answers) = (0, 0, 0)
    for batch in batches {
      targets += batch.targetCount
      positions += batch.positionCount
      answers += batch.answers.count
    }
    perTarget = 1 / Double(max(1, targets))
    perPosition = 1 / Double(max(1, positions))
    perAnswer = 1 / Double(max(1, answers))
  }
}

/// A model family: one file in `Backbones`, one line in its table. A family writes only its forward pass.
public protocol Backbone: Sendable {
  /// Declares the parameters in `scope`.
  /// - Throws: `.badData` if the family cannot be built from these values.
  init(_ configuration: TransformerConfiguration, in scope: ParameterScope) throws(GraftError)

  /// What the model was made from.
  var configuration: TransformerConfiguration { get }
  /// What batches it reads.
  var layout: BatchLayout { get }
  /// [V, width]: the vectors that tokens enter with.
  var tokenEmbedding: Parameter { get }

  /// Floating-point operations of matrix products in one forward pass over `batch`, without padding or
  /// recomputation; a training step takes three times as many.
  func forwardOperations(_ batch: Batch) -> Double
}

/// A model that predicts tokens.
public protocol TokenPredictor: Backbone {
  /// States at every position that may have a target.
  func forward(_ batch: Batch, recomputing: Bool, on tape: Tape) -> BackboneOutput
}

extension TokenPredictor {
  public func forward(_ batch: Batch, on tape: Tape) -> BackboneOutput {
    forward(batch, recomputing: false, on: tape)
  }

  /// Summed cross-entropy of the batch's targets.
  /// - Parameter smoothing: ε of smoothed labels.
  public func loss(
    _ batch: Batch, scale: GradientScale, smoothing: Double = 0, recomputing: Bool, on tape: Tape
  ) -> LossSum {
    forward(batch, recomputing: recomputing, on: tape)
      .crossEntropy(batch, gradientScale: scale.perTarget, smoothing: smoothing, on: tape)
  }
}

/// A model that answers about whole texts by a head per task.
public protocol AnsweringBackbone: Backbone {
  /// States of every sequence with the heads that answer about it.
  func answer(_ batch: Batch, recomputing: Bool, on tape: Tape) -> AnswerOutput
}

/// A family that can write: it has a decoder.
public protocol GenerativeBackbone: TokenPredictor {
  /// Encoder states that `decode` reads, any number of times; nil for a family without an encoder.
  func encode(_ sequences: TokenSequences, recomputing: Bool, on tape: Tape) -> TransformerBlock.Memory?

  /// - Parameters:
  ///   - memory: what `encode` returned for the batch's encoder sequences.
  ///   - cache: nil to read whole sequences. Else what earlier calls read, which `sequences` continue, one token
  ///     each; the first call with it reads beginnings of any length.
  /// - Returns: states of the given tokens.
  func decode(
    _ sequences: TokenSequences, memory: TransformerBlock.Memory?, cache: DecodingCache?, recomputing: Bool,
    on tape: Tape
  ) -> BackboneOutput
}

extension GenerativeBackbone {
  /// Reads whole sequences.
  public func decode(
    _ sequences: TokenSequences, memory: TransformerBlock.Memory?, recomputing: Bool, on tape: Tape
  ) -> BackboneOutput {
    decode(sequences, memory: memory, cache: nil, recomputing: recomputing, on: tape)
  }

  public func forward(_ batch: Batch, recomputing: Bool, on tape: Tape) -> BackboneOutput {
    let memory = encode(batch.encoder, recomputing: recomputing, on: tape)
    return decode(batch.decoder, memory: memory, recomputing: recomputing, on: tape)
  }
}
