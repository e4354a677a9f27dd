import Autograd

/// Which normalisation a family uses.
public enum NormalizationKind: String, Sendable, Codable, Hashable, CaseIterable {
  /// RMSNorm: x / √(mean(x²) + ε) · weight (Zhang and Sennrich 2019).
  case rms
  /// LayerNorm: (x − mean(x)) / √(var(x) + ε) · weight + bias (Ba et al. 2016).
  case layer
  /// RMSNorm whose weights begin as 0: x / √(mean(x²) + ε) · (1 + weight), as in Gemma.
  case offsetRMS = "offset-rms"
}

/// A normalisation layer: `weight` and, for most LayerNorms, `bias`.
public struct Normalization: Sendable {
  private let kind: NormalizationKind
  private let weight: Parameter
  private let bias: Parameter?
  private let epsilon: Double

  /// Declares `weight`, which begins such that gains are 1, and for LayerNorm `bias`, which begins as 0.
  /// - Parameter hasBias: whether a LayerNorm has one, too.
  public init(
    _ kind: NormalizationKind, width: Int, epsilon: Double, hasBias: Bool = true, in scope: ParameterScope
  ) {
    self.kind = kind
    weight = scope.vector("weight", count: width, role: .gain, .constant(kind == .offsetRMS ? 0 : 1))
    bias = kind == .layer && hasBias ? scope.vector("bias", count: width, .constant(0)) : nil
    self.epsilon = epsilon
  }

  /// x [N, width] f32 to [N, width] in the operand type.
  public func callAsFunction(_ x: Tensor, on tape: Tape, shared: Bool = false) -> Tensor {
    switch kind {
    case .layer: tape.layerNorm(x, weight, bias, epsilon: epsilon, shared: shared)
    case .rms: tape.rmsNorm(x, weight, epsilon: epsilon, shared: shared)
    case .offsetRMS: tape.rmsNorm(x, weight, epsilon: epsilon, offset: 1, shared: shared)
    }
  }

  /// x [N, width] f32 to [N, width] f32, which several operations may read.
  public func stream(_ x: Tensor, on tape: Tape) -> Tensor {
    switch kind {
    case .layer: tape.layerNorm(x, weight, bias, epsilon: epsilon, type: .float32)
    case .rms: tape.rmsNorm(x, weight, epsilon: epsilon, type: .float32)
    case .offsetRMS: tape.rmsNorm(x, weight, epsilon: epsilon, offset: 1, type: .float32)
    }
  }
}
