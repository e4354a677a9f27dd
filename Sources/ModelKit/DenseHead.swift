import Autograd

/// What the heads that read states have in common: a linear layer, its activation, in ModernBERT a norm, dropout and a
/// linear output.
struct DenseHead: Sendable {
  let output, outputBias: Parameter
  private let weight: Parameter
  private let bias: Parameter?
  private let norm: Normalization?
  private let activation: Activation
  private let dropout: Double

  /// - Parameters:
  ///   - inputs: values of a state; nil for `width`.
  ///   - norm: ε of a LayerNorm behind the activation, which has no bias and leaves the first layer none; nil
  ///     for no norm and a bias.
  init(
    outputs: Int, inputs: Int? = nil, width: Int, activation: Activation, norm: Double? = nil, dropout: Double,
    initializer: Initializer, in scope: ParameterScope
  ) {
    self.activation = activation
    self.dropout = dropout
    let (dense, last) = (scope("dense"), scope("output"))
    weight = dense.matrix("weight", rows: width, columns: inputs ?? width, role: .head, initializer)
    bias = norm == nil ? dense.vector("bias", count: width, .constant(0)) : nil
    self.norm = norm.map { Normalization(.layer, width: width, epsilon: $0, hasBias: false, in: scope("norm")) }
    output = last.matrix("weight", rows: outputs, columns: width, role: .head, initializer)
    outputBias = last.vector("bias", count: outputs, .constant(0))
  }

  /// [n, width], what the output reads.
  func hidden(_ states: Tensor, on tape: Tape) -> Tensor {
    let z = tape.linear(states, weight)
    guard let norm else { return tape.activate(z, activation, bias: bias, dropout: dropout) }
    let activated = tape.widened(tape.activate(z, activation, bias: bias, dropout: 0))
    return tape.narrowed(tape.dropout(norm.stream(activated, on: tape), dropout))
  }

  /// Floating-point operations per state.
  var operations: Double { 2 * Double(weight.count + output.count) }
}
