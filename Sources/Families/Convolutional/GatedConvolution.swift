import Autograd
import ModelKit

/// A causal convolution with a gated linear unit (Dauphin et al. 2017, eq. 1): (W ∗ x + b) ⊙ σ(V ∗ x + c).
struct GatedConvolution: Sendable {
  let window: CausalWindow
  /// V below which lies W, [2 · outputs, tokens · width], and c and b.
  private let weight, bias: Parameter

  /// - Parameter factor: on the drawn weights.
  init(_ window: CausalWindow, outputs: Int, factor: Double = 1, in scope: ParameterScope) {
    self.window = window
    // The deviation of the uniform numbers that PyTorch draws for a convolution. The larger ones that make up for
    // half-open gates (Gehring et al. 2017) drown the stream: it has norms, and learned more slowly from them.
    weight = scope.matrix(
      "weight", rows: 2 * outputs, columns: window.columns,
      .normal(standardDeviation: factor / Double(3 * window.columns).squareRoot()))
    bias = scope.vector("bias", count: 2 * outputs, .constant(0))
  }

  var multipliedWeights: Int { weight.count }

  /// [N, outputs] of x [N, width] in the operand type, and what each sequence ends with.
  func callAsFunction(
    _ x: Tensor, _ rows: SequenceRows, from start: [Tensor]?, on tape: Tape
  ) -> (states: Tensor, end: [Tensor]) {
    let (windows, end) = window(x, rows, from: start, on: tape)
    return (tape.gate(tape.linear(windows, weight, bias: bias), .sigmoid, dropout: 0), end)
  }
}

/// A residual block of a convolutional language model: x + dropout(convolution(norm(x))). With a bottleneck, gated
/// layers of single tokens lead to fewer columns before the convolution and back behind it.
struct ConvolutionBlock: FixedStateBlock {
  private let norm: Normalization
  private let layers: [GatedConvolution]
  private let dropout: Double

  /// - Parameter factor: on the drawn weights of the last layer.
  init(_ sizes: ConvLM, dropout: Double, factor: Double, in scope: ParameterScope) {
    self.dropout = dropout
    norm = Normalization(.layer, width: sizes.width, epsilon: sizes.epsilon, in: scope("norm"))
    func window(_ tokens: Int, _ width: Int) -> CausalWindow { CausalWindow(tokens: tokens, width: width) }
    guard let inner = sizes.bottleneck else {
      layers = [
        GatedConvolution(
          window(sizes.kernel, sizes.width), outputs: sizes.width, factor: factor, in: scope("convolution"))
      ]
      return
    }
    layers = [
      GatedConvolution(window(1, sizes.width), outputs: inner, in: scope("input")),
      GatedConvolution(window(sizes.kernel, inner), outputs: inner, in: scope("convolution")),
      GatedConvolution(window(1, inner), outputs: sizes.width, factor: factor, in: scope("output")),
    ]
  }

  /// That of its one convolution.
  var stateParts: [RecurrentStatePart] { layers.flatMap(\.window.stateParts) }
  var multipliedWeights: Int { layers.reduce(0) { $0 + $1.multipliedWeights } }

  func callAsFunction(
    _ x: Tensor, _ rows: SequenceRows, from start: [Tensor]?, on tape: Tape
  ) -> (states: Tensor, end: [Tensor]) {
    var (branch, end) = (norm(x, on: tape), [Tensor]())
    for layer in layers {
      let (states, last) = layer(branch, rows, from: start, on: tape)
      branch = states
      end += last
    }
    return (tape.residual(x, branch, dropout: dropout), end)
  }
}
