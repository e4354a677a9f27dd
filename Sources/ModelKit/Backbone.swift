import Autograd
import Examples
import Support

/// What a backbone hands to an objective: states, and how they become logits.
public struct BackboneOutput {
  /// [rows, width] in the operand type: the decoder's states.
  public var hidden: Tensor
  public var rows: SequenceRows
  /// [V, width]
  public var outputEmbedding: Parameter
  public var logitScale: Double

  public init(hidden: Tensor, rows: SequenceRows, outputEmbedding: Parameter, logitScale: Double) {
    self.hidden = hidden
    self.rows = rows
    self.outputEmbedding = outputEmbedding
    self.logitScale = logitScale
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
    _ batch: Batch, gradientScale: Double, losses: UnsafeMutableBufferPointer<Float>? = nil, on tape: Tape
  ) -> LossSum {
    let (rows, targets) = targets(of: batch)
    return tape.crossEntropy(
      hidden, outputEmbedding, rows: rows, targets: targets, logitScale: logitScale,
      gradientScale: gradientScale, losses: losses)
  }
}

/// A model family: one file in `Backbones`, one line in its table. A family writes only its forward pass.
public protocol Backbone: Sendable {
  /// Declares the parameters in `scope`.
  /// - Throws: `.badData` if the family cannot be built from these values.
  init(_ configuration: TransformerConfiguration, in scope: ParameterScope) throws(GraftError)

  var configuration: TransformerConfiguration { get }
  var layout: BatchLayout { get }
  /// [V, width]: the vectors that tokens enter with.
  var tokenEmbedding: Parameter { get }

  /// Encoder states that `decode` reads, any number of times; nil for a family without an encoder.
  func encode(_ sequences: TokenSequences, recomputing: Bool, on tape: Tape) -> TransformerBlock.Memory?

  /// - Parameter memory: what `encode` returned for the batch's encoder sequences.
  func decode(
    _ sequences: TokenSequences, memory: TransformerBlock.Memory?, recomputing: Bool, on tape: Tape
  ) -> BackboneOutput

  /// Floating-point operations of matrix products in one forward pass over `batch`, without padding or
  /// recomputation; a training step takes three times as many.
  func forwardOperations(_ batch: Batch) -> Double
}

extension Backbone {
  public func forward(_ batch: Batch, recomputing: Bool = false, on tape: Tape) -> BackboneOutput {
    let memory = encode(batch.encoder, recomputing: recomputing, on: tape)
    return decode(batch.decoder, memory: memory, recomputing: recomputing, on: tape)
  }
}
