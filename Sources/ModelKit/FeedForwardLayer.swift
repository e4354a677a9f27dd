import Autograd

/// A feed-forward layer: activation(x Wᵢᵀ + b) Wₒᵀ, or the gated unit activation(x W_gᵀ) · (x Wᵢᵀ) Wₒᵀ.
public struct FeedForwardLayer: Sendable {
  /// The sizes and choices of a layer.
  public struct Style: Sendable {
    /// Columns of what enters and leaves.
    public var width: Int
    /// Columns between the two linear layers, after the gate where there is one.
    public var inner: Int
    /// What is done to those.
    public var activation: Activation
    /// Whether the activation of one linear layer multiplies the result of another (Shazeer 2020).
    public var gated: Bool
    /// Whether the linear layers have biases; not with a gate.
    public var hasBias: Bool
    /// The probability with which a value between the layers is left out while training, 0 ..< 1.
    public var dropout: Double
    /// Of the layers to the inner columns, [inner, width].
    public var inputInitializer: Initializer
    /// Of the layer back, [width, inner].
    public var outputInitializer: Initializer

    /// What all layers of a stack have alike.
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

  /// Declares `gate`, if there is one, then `input` and `output`.
  /// - Precondition: no gate, or no biases: a gated unit reads none.
  public init(_ style: Style, in scope: ParameterScope) {
    precondition(!(style.gated && style.hasBias), "a gated feed-forward layer has no biases")
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

  /// Operations of matrix products for so many tokens.
  func operations(tokens: Double) -> Double { 2 * tokens * Double((gate?.count ?? 0) + input.count + output.count) }

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
