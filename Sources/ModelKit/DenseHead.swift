import Autograd

/// What the heads that read states have in common: a linear layer, its activation, dropout and a linear output.
struct DenseHead: Sendable {
  let output, outputBias: Parameter
  private let weight, bias: Parameter
  private let activation: Activation
  private let dropout: Double

  init(
    outputs: Int, width: Int, activation: Activation, dropout: Double, initializer: Initializer,
    in scope: ParameterScope
  ) {
    self.activation = activation
    self.dropout = dropout
    let (dense, last) = (scope("dense"), scope("output"))
    weight = dense.matrix("weight", rows: width, columns: width, role: .head, initializer)
    bias = dense.vector("bias", count: width, .constant(0))
    output = last.matrix("weight", rows: outputs, columns: width, role: .head, initializer)
    outputBias = last.vector("bias", count: outputs, .constant(0))
  }

  /// [n, width], what the output reads.
  func hidden(_ states: Tensor, on tape: Tape) -> Tensor {
    tape.activate(tape.linear(states, weight), activation, bias: bias, dropout: dropout)
  }

  /// Floating-point operations per state.
  var operations: Double { 2 * Double(weight.count + output.count) }
}
