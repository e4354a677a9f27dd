import CKernels
import Compute

/// The pointwise functions of feed-forward layers. `gelu` is the tanh form of GPT-2 and T5 v1.1, `exactGELU` that of
/// BERT, by the normal distribution function; `tanh` that of BERT's pooler; `silu` that of later gated units;
/// `squaredReLU` that of Primer (So et al. 2021); `sigmoid` the gate of gated linear units.
public enum Activation: String, Sendable, Codable, Hashable, CaseIterable {
  /// max(0, x).
  case relu
  /// ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))), the tanh form (Hendrycks and Gimpel 2016).
  case gelu
  /// x Φ(x), Φ the distribution function of the standard normal distribution.
  case exactGELU = "exact-gelu"
  /// The hyperbolic tangent.
  case tanh
  /// x / (1 + e⁻ˣ) (Elfwing et al. 2018).
  case silu
  /// max(0, x)² (So et al. 2021).
  case squaredReLU = "relu-squared"
  /// 1 / (1 + e⁻ˣ), the gate of gated linear units (Dauphin et al. 2017).
  case sigmoid

  var code: Int32 {
    let activation =
      switch self {
      case .relu: GRAFT_RELU
      case .gelu: GRAFT_GELU
      case .exactGELU: GRAFT_EXACT_GELU
      case .tanh: GRAFT_TANH
      case .silu: GRAFT_SILU
      case .squaredReLU: GRAFT_SQUARED_RELU
      case .sigmoid: GRAFT_SIGMOID
      }
    return Int32(bitPattern: activation.rawValue)
  }
}

extension Tape {
  /// out = dropout(activation(z + b)). z [N, C] in the operand type.
  public func activate(
    _ z: Tensor, _ activation: Activation, bias: Parameter? = nil, dropout probability: Double
  ) -> Tensor {
    precondition(z.type == operand, "activate: input is \(z.type)")
    var mask = nextDropout(probability)
    let out = tensor(z.rows, z.columns, operand)
    graft_activate(
      operand.rawValue, activation.code, z.data, bias.map { values($0) }, &mask, out.data, Int64(z.rows),
      Int64(z.columns))
    record("activation", touching: [z, out]) { [unowned self] in
      guard out.hasGradient, let d = out.gradient else { return }
      let (dz, accumulate) = self.gradientTarget(z)
      precondition(!accumulate, "activate: its input is read by this operation only")
      var mask = mask
      graft_activate_backward(
        operand.rawValue, activation.code, z.data, bias.map { self.values($0) }, &mask, d, dz, Int64(z.rows),
        Int64(z.columns))
      if let gradient = bias.flatMap(self.gradient) {
        graft_add_column_sums(operand.rawValue, dz, gradient, Int64(z.rows), Int64(z.columns))
      }
    }
    return out
  }

  /// Gated unit (Shazeer 2020): z = [gate | up], out = dropout(activation(gate) · up). z [N, 2C]; out [N, C].
  public func gate(_ z: Tensor, _ activation: Activation, dropout probability: Double) -> Tensor {
    precondition(z.type == operand && z.columns % 2 == 0, "gate: input [\(z.rows), \(z.columns)] \(z.type)")
    var mask = nextDropout(probability)
    let out = tensor(z.rows, z.columns / 2, operand)
    graft_gate(
      operand.rawValue, activation.code, z.data, &mask, out.data, Int64(out.rows), Int64(out.columns))
    record("gated activation", touching: [z, out]) { [unowned self] in
      guard out.hasGradient, let d = out.gradient else { return }
      let (dz, accumulate) = self.gradientTarget(z)
      precondition(!accumulate, "gate: its input is read by this operation only")
      var mask = mask
      graft_gate_backward(
        operand.rawValue, activation.code, z.data, &mask, d, dz, Int64(out.rows), Int64(out.columns))
    }
    return out
  }
}
