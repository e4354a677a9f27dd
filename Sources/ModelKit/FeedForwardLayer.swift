import Autograd

/// A feed-forward layer: activation(x Wᵢᵀ + b) Wₒᵀ, or the gated unit activation(x W_gᵀ + b_g) · (x Wᵢᵀ + b) Wₒᵀ.
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
    /// Whether the linear layers have biases.
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
  private let gateBias, inputBias: Parameter?
  /// To be added where the result joins the residual stream.
  let outputBias: Parameter?

  /// Declares the weights of `gate`, if there is one, and `input`, then their biases, and `output`.
  public init(_ style: Style, in scope: ParameterScope) {
    self.style = style
    func weight(_ name: String) -> Parameter {
      scope(name).matrix("weight", rows: style.inner, columns: style.width, style.inputInitializer)
    }
    func bias(_ name: String, _ count: Int) -> Parameter {
      scope(name).vector("bias", count: count, .constant(0))
    }
    gate = style.gated ? weight("gate") : nil
    input = weight("input")
    gateBias = style.gated && style.hasBias ? bias("gate", style.inner) : nil
    inputBias = style.hasBias ? bias("input", style.inner) : nil
    output = scope("output").matrix(
      "weight", rows: style.width, columns: style.inner, style.outputInitializer)
    outputBias = style.hasBias ? bias("output", style.width) : nil
  }

  /// Operations of matrix products for so many tokens.
  func operations(tokens: Double) -> Double { 2 * tokens * Double((gate?.count ?? 0) + input.count + output.count) }

  /// Normalised x [N, width] to [N, width] before the output bias.
  func callAsFunction(_ x: Tensor, on tape: Tape) -> Tensor {
    let hidden: Tensor
    if let gate {
      let biases = [gateBias, inputBias].compactMap { $0 }
      hidden = tape.gate(
        tape.linear(x, .stacked([gate, input]), bias: biases.isEmpty ? nil : .stacked(biases)), style.activation,
        dropout: style.dropout)
    } else {
      hidden = tape.activate(
        tape.linear(x, input), style.activation, bias: inputBias, dropout: style.dropout)
    }
    return tape.linear(hidden, output)
  }
}
