import CKernels
import Compute

extension Tape {
  /// RMSNorm (Zhang & Sennrich 2019): y = x / rms(x) · (offset + w). x [N, C] f32; y [N, C] in the operand type, or in
  /// `type`.
  /// - Parameters:
  ///   - offset: 1 in Gemma, whose weights say how far gains are from 1.
  ///   - shared: several operations read the result, so its gradient is kept in f32.
  public func rmsNorm(
    _ x: Tensor, _ weight: Parameter, epsilon: Double, offset: Float = 0, shared: Bool = false, type: ElementType? = nil
  ) -> Tensor {
    let type = type ?? operand
    precondition(x.type == .float32 && weight.count == x.columns, "rmsNorm: input [\(x.rows), \(x.columns)]")
    let y = tensor(x.rows, x.columns, type, gradient: shared ? .float32 : type)
    let inverse = arena.floats(x.rows)
    // A weight and its gain have one gradient.
    let gains = gains(weight, offset)
    graft_rms_norm(
      type.rawValue, x.data.assumingMemoryBound(to: Float.self), gains, Float(epsilon), y.data,
      inverse, Int64(x.rows), Int64(x.columns))
    record("norm", touching: [x, y]) { [unowned self] in
      guard y.hasGradient, let dy = y.gradient else { return }
      let (dx, accumulate) = self.gradientTarget(x)
      let mark = self.arena.mark
      defer { self.arena.release(to: mark) }
      graft_rms_norm_backward(
        y.gradientType.rawValue, x.data.assumingMemoryBound(to: Float.self), gains, inverse, dy,
        dx.assumingMemoryBound(to: Float.self), accumulate, self.gradientOrScratch(weight),
        Int64(x.rows), Int64(x.columns))
    }
    return y
  }

  private func gains(_ weight: Parameter, _ offset: Float) -> UnsafePointer<Float> {
    guard offset != 0 else { return UnsafePointer(values(weight)) }
    let gains = arena.floats(weight.count)
    for index in 0..<weight.count { gains[index] = offset + values(weight)[index] }
    return UnsafePointer(gains)
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

  /// x [N, C] in the operand type with its heads multiplied by gains of their components, as Qwen 3 does after
  /// `normalizeHeads`: the first heads by the first gain, those that follow by the next; columns behind them are as
  /// they were. `x` keeps its memory, which the operations before it read again.
  /// - Parameter gains: [headDimension] each, and how many heads it is for.
  /// - Precondition: no other operation reads `x`.
  public func scaleHeads(_ x: Tensor, _ gains: [(gain: Parameter, heads: Int)]) -> Tensor {
    precondition(
      x.type == operand && gains.reduce(0) { $0 + $1.heads * $1.gain.count } <= x.columns,
      "scaleHeads: \(gains.map(\.heads)) heads in [\(x.rows), \(x.columns)] \(x.type)")
    let (stride, rows, size) = (Int64(x.columns), Int64(x.rows), operand.size)
    let out = tensor(x.rows, x.columns, operand)
    out.data.copyMemory(from: x.data, byteCount: x.count * size)
    func forEach(_ body: (_ gain: Parameter, _ heads: Int64, _ offset: Int) -> Void) {
      var column = 0
      for (gain, heads) in gains {
        body(gain, Int64(heads), column * size)
        column += heads * gain.count
      }
    }
    forEach { gain, heads, offset in
      graft_scale_heads(operand.rawValue, out.data + offset, stride, values(gain), rows, heads, Int64(gain.count))
    }
    record("gain of heads", touching: [x, out]) { [unowned self] in
      guard out.hasGradient, let d = out.gradient else { return }
      precondition(!x.hasGradient, "scaleHeads: its input is read by this operation only")
      forEach { gain, heads, offset in
        graft_scale_heads_backward(
          self.operand.rawValue, x.data + offset, self.values(gain), d + offset, self.gradientOrScratch(gain), stride,
          rows,
          heads, Int64(gain.count))
      }
      (x.gradient, x.hasGradient) = (d, true)
    }
    return out
  }

  /// LayerNorm (Ba, Kiros & Hinton 2016). x [N, C] f32; y [N, C] in the operand type, or in `type`.
  /// - Parameter bias: [C]; nil for none.
  public func layerNorm(
    _ x: Tensor, _ weight: Parameter, _ bias: Parameter?, epsilon: Double, shared: Bool = false,
    type: ElementType? = nil
  ) -> Tensor {
    let type = type ?? operand
    precondition(
      x.type == .float32 && weight.count == x.columns, "layerNorm: input [\(x.rows), \(x.columns)]")
    let y = tensor(x.rows, x.columns, type, gradient: shared ? .float32 : type)
    let mean = arena.floats(x.rows)
    let inverse = arena.floats(x.rows)
    // In place of a bias there are zeros, and what would be their gradient is not looked at.
    let noBias = arena.zeros(.float32, count: bias == nil ? x.columns : 0).assumingMemoryBound(to: Float.self)
    graft_layer_norm(
      type.rawValue, x.data.assumingMemoryBound(to: Float.self), values(weight),
      bias.map { values($0) } ?? UnsafePointer(noBias),
      Float(epsilon), y.data, mean, inverse, Int64(x.rows), Int64(x.columns))
    record("norm", touching: [x, y]) { [unowned self] in
      guard y.hasGradient, let dy = y.gradient else { return }
      let (dx, accumulate) = self.gradientTarget(x)
      let mark = self.arena.mark
      defer { self.arena.release(to: mark) }
      graft_layer_norm_backward(
        y.gradientType.rawValue, x.data.assumingMemoryBound(to: Float.self), self.values(weight), mean,
        inverse, dy, dx.assumingMemoryBound(to: Float.self), accumulate, self.gradientOrScratch(weight),
        bias.map { self.gradientOrScratch($0) } ?? noBias, Int64(x.rows), Int64(x.columns))
    }
    return y
  }
}
