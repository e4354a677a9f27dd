import Autograd

/// A feed-forward layer: activation(x Wᵢᵀ + b) Wₒᵀ, or the gated unit activation(x W_gᵀ) · (x Wᵢᵀ) Wₒᵀ.
public struct FeedForwardLayer: Sendable {
  public struct Style: Sendable {
    public var width: Int
    public var inner: Int
    public var activation: Activation
    public var gated: Bool
    public var hasBias: Bool
    public var dropout: Double
    public var inputInitializer: Initializer
    public var outputInitializer: Initializer

    public init(
      width: Int, inner: Int, activation: Activation, gated: Bool, hasBias: Bool, dropout: Double,
      inputInitializer: Initializer, outputInitializer: Initializer
    ) {
      self.width = width
      self.inner = inner
      self.activation = activation
      self.gated = gated
      self.hasBias = hasBias
      self.dropout = dropout
      self.inputInitializer = inputInitializer
      self.outputInitializer = outputInitializer
    }
  }

  private let style: Style
  private let gate: Parameter?
  private let input, output: Parameter
  private let inputBias: Parameter?
  /// To be added where the result joins the residual stream.
  let outputBias: Parameter?

  public init(_ style: Style, in scope: ParameterScope) {
    self.style = style
    func weight(_ name: String) -> Parameter {
      scope(name).matrix("weight", rows: style.inner, columns: style.width, style.inputInitializer)
    }
    gate = style.gated ? weight("gate") : nil
    input = weight("input")
    inputBias = style.hasBias ? scope("input").vector("bias", count: style.inner, .constant(0)) : nil
    output = scope("output").matrix(
      "weight", rows: style.width, columns: style.inner, style.outputInitializer)
    outputBias = style.hasBias ? scope("output").vector("bias", count: style.width, .constant(0)) : nil
  }

  /// Normalised x [N, width] to [N, width] before the output bias.
  func callAsFunction(_ x: Tensor, on tape: Tape) -> Tensor {
    let hidden: Tensor
    if let gate {
      hidden = tape.gate(
        tape.linear(x, .stacked([gate, input])), style.activation, dropout: style.dropout)
    } else {
      hidden = tape.activate(
        tape.linear(x, input), style.activation, bias: inputBias, dropout: style.dropout)
    }
    return tape.linear(hidden, output)
  }
}
