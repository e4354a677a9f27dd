import Autograd
import Records

/// Says of a state how likely its token was replaced: a linear layer, its activation and one output (ELECTRA's
/// `discriminator_predictions`).
public struct DetectionHead: Sendable {
  private let dense: DenseHead

  /// Declares the head's parameters: a linear layer [width, width] with bias, and one output.
  public init(width: Int, activation: Activation, initializer: Initializer, in scope: ParameterScope) {
    dense = DenseHead(
      outputs: 1, width: width, activation: activation, dropout: 0, initializer: initializer, in: scope)
  }

  fileprivate func loss(_ states: Tensor, _ labels: [Float], gradientScale: Double, on tape: Tape) -> LossSum {
    tape.scalarLoss(
      .binaryCrossEntropy, dense.hidden(states, on: tape), dense.output, bias: dense.outputBias,
      targets: labels, gradientScale: gradientScale)
  }

  fileprivate func logits(_ states: Tensor, on tape: Tape) -> [Float] {
    tape.scalars(dense.hidden(states, on: tape), dense.output, bias: dense.outputBias)
  }

  /// Floating-point operations per token.
  public var operations: Double { dense.operations }
}

/// What a discriminator hands to its objective.
public struct DetectionOutput {
  var hidden: Tensor
  var rows: SequenceRows
  var head: DetectionHead

  /// - Parameter hidden: [rows, width] in the operand type.
  public init(hidden: Tensor, rows: SequenceRows, head: DetectionHead) {
    self.hidden = hidden
    self.rows = rows
    self.head = head
  }

  /// Summed binary cross-entropy of every token's label, 1 where it was replaced.
  public func loss(_ labels: [Float], gradientScale: Double, on tape: Tape) -> LossSum {
    head.loss(tape.gather(hidden, rows: rows.tokenRows), labels, gradientScale: gradientScale, on: tape)
  }

  /// The logit of every token that it was replaced.
  public func logits(on tape: Tape) -> [Float] {
    head.logits(tape.gather(hidden, rows: rows.tokenRows), on: tape)
  }
}

/// A model that tells replaced tokens from original ones.
public protocol ReplacedTokenDetector: Backbone {
  /// What replaces them; nil for a discriminator alone.
  var generator: (any TokenPredictor)? { get }
  /// States of every token with the head that judges them.
  func detect(_ batch: Batch, recomputing: Bool, on tape: Tape) -> DetectionOutput
}

extension ReplacedTokenDetector {
  public var detector: (any ReplacedTokenDetector)? { self }
}
