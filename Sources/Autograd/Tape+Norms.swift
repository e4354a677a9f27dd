import CKernels
import Compute

extension Tape {
  /// RMSNorm (Zhang & Sennrich 2019): y = x / rms(x) · w. x [N, C] f32; y [N, C] in the operand type.
  /// - Parameter shared: several operations read the result, so its gradient is kept in f32.
  public func rmsNorm(_ x: Tensor, _ weight: Parameter, epsilon: Double, shared: Bool = false) -> Tensor {
    precondition(x.type == .float32 && weight.count == x.columns, "rmsNorm: input [\(x.rows), \(x.columns)]")
    let y = tensor(x.rows, x.columns, operand, gradient: shared ? .float32 : operand)
    let inverse = arena.floats(x.rows)
    graft_rms_norm(
      operand.rawValue, x.data.assumingMemoryBound(to: Float.self), values(weight), Float(epsilon), y.data,
      inverse, Int64(x.rows), Int64(x.columns))
    record("norm", touching: [x, y]) { [unowned self] in
      guard y.hasGradient, let dy = y.gradient else { return }
      let (dx, accumulate) = self.gradientTarget(x)
      graft_rms_norm_backward(
        y.gradientType.rawValue, x.data.assumingMemoryBound(to: Float.self), self.values(weight), inverse, dy,
        dx.assumingMemoryBound(to: Float.self), accumulate, self.gradient(weight), Int64(x.rows),
        Int64(x.columns))
    }
    return y
  }

  /// LayerNorm (Ba, Kiros & Hinton 2016). x [N, C] f32; y [N, C] in the operand type, or in `type`.
  public func layerNorm(
    _ x: Tensor, _ weight: Parameter, _ bias: Parameter, epsilon: Double, shared: Bool = false,
    type: ElementType? = nil
  ) -> Tensor {
    let type = type ?? operand
    precondition(
      x.type == .float32 && weight.count == x.columns, "layerNorm: input [\(x.rows), \(x.columns)]")
    let y = tensor(x.rows, x.columns, type, gradient: shared ? .float32 : type)
    let mean = arena.floats(x.rows)
    let inverse = arena.floats(x.rows)
    graft_layer_norm(
      type.rawValue, x.data.assumingMemoryBound(to: Float.self), values(weight), values(bias),
      Float(epsilon), y.data, mean, inverse, Int64(x.rows), Int64(x.columns))
    record("norm", touching: [x, y]) { [unowned self] in
      guard y.hasGradient, let dy = y.gradient else { return }
      let (dx, accumulate) = self.gradientTarget(x)
      graft_layer_norm_backward(
        y.gradientType.rawValue, x.data.assumingMemoryBound(to: Float.self), self.values(weight), mean,
        inverse, dy, dx.assumingMemoryBound(to: Float.self), accumulate, self.gradient(weight),
        self.gradient(bias), Int64(x.rows), Int64(x.columns))
    }
    return y
  }
}
