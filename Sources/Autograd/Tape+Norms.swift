import CKernels
import Compute

extension Tape {
  /// RMSNorm (Zhang & Sennrich 2019): y = x / rms(x) · w. x [N, C] f32; y [N, C] in the operand type, or in `type`.
  /// - Parameter shared: several operations read the result, so its gradient is kept in f32.
  public func rmsNorm(
    _ x: Tensor, _ weight: Parameter, epsilon: Double, shared: Bool = false, type: ElementType? = nil
  ) -> Tensor {
    let type = type ?? operand
    precondition(x.type == .float32 && weight.count == x.columns, "rmsNorm: input [\(x.rows), \(x.columns)]")
    let y = tensor(x.rows, x.columns, type, gradient: shared ? .float32 : type)
    let inverse = arena.floats(x.rows)
    graft_rms_norm(
      type.rawValue, x.data.assumingMemoryBound(to: Float.self), values(weight), Float(epsilon), y.data,
      inverse, Int64(x.rows), Int64(x.columns))
    record("norm", touching: [x, y]) { [unowned self] in
      guard y.hasGradient, let dy = y.gradient else { return }
      let (dx, accumulate) = self.gradientTarget(x)
      let mark = self.arena.mark
      defer { self.arena.release(to: mark) }
      graft_rms_norm_backward(
        y.gradientType.rawValue, x.data.assumingMemoryBound(to: Float.self), self.values(weight), inverse, dy,
        dx.assumingMemoryBound(to: Float.self), accumulate, self.gradientOrScratch(weight),
        Int64(x.rows), Int64(x.columns))
    }
    return y
  }

  /// Divides each of the heads in the first `heads` · `headDimension` columns of x [N, C] by its root mean square, in
  /// the operand type: the normalised queries and keys of Henry et al. 2020, without gains. It is done in place, and
  /// after `rotate`, which does not change the mean: the result takes the memory of `x`.
  /// - Precondition: no other operation reads `x`.
  public func normalizeHeads(_ x: Tensor, heads: Int, headDimension: Int, epsilon: Double) -> Tensor {
    precondition(
      x.type == operand && heads * headDimension <= x.columns,
      "normalizeHeads: \(heads) heads of \(headDimension) in [\(x.rows), \(x.columns)] \(x.type)")
    let inverse = arena.floats(x.rows * heads)
    let (stride, rows) = (Int64(x.columns), Int64(x.rows))
    graft_normalize_heads(
      operand.rawValue, x.data, stride, Float(epsilon), inverse, rows, Int64(heads), Int64(headDimension))
    return inPlace("norm of heads", x) { [operand] out, d in
      graft_normalize_heads_backward(
        operand.rawValue, out.data, inverse, d, stride, rows, Int64(heads), Int64(headDimension))
    }
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
      let mark = self.arena.mark
      defer { self.arena.release(to: mark) }
      graft_layer_norm_backward(
        y.gradientType.rawValue, x.data.assumingMemoryBound(to: Float.self), self.values(weight), mean,
        inverse, dy, dx.assumingMemoryBound(to: Float.self), accumulate,
        self.gradientOrScratch(weight), self.gradientOrScratch(bias), Int64(x.rows), Int64(x.columns))
    }
    return y
  }
}
