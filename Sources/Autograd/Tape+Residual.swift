import CKernels
import Compute

extension Tape {
  /// out = x + dropout(y + b). x [N, C] f32, y [N, C] in the operand type; out f32.
  public func residual(_ x: Tensor, _ y: Tensor, bias: Parameter? = nil, dropout probability: Double)
    -> Tensor
  {
    precondition(
      x.type == .float32 && y.type == operand && x.count == y.count,
      "residual: [\(x.rows), \(x.columns)] + [\(y.rows), \(y.columns)]")
    var mask = nextDropout(probability)
    let out = tensor(x.rows, x.columns, .float32)
    graft_residual(
      operand.rawValue, x.data.assumingMemoryBound(to: Float.self), y.data, bias.map { values($0) }, &mask,
      out.data.assumingMemoryBound(to: Float.self), Int64(x.rows), Int64(x.columns))
    record("residual", touching: [x, y, out]) { [unowned self] in
      guard out.hasGradient, let d = out.gradient?.assumingMemoryBound(to: Float.self) else { return }
      let (dy, accumulateY) = self.gradientTarget(y)
      precondition(!accumulateY, "residual: the branch is read by this operation only")
      var mask = mask
      graft_residual_backward(operand.rawValue, d, &mask, dy, Int64(y.rows), Int64(y.columns))
      if let gradient = bias.flatMap(self.gradient) {
        graft_add_column_sums(operand.rawValue, dy, gradient, Int64(y.rows), Int64(y.columns))
      }
      // The stream's gradient passes through; nothing reads out's gradient after this point.
      self.passGradient(d, to: x)
    }
    return out
  }

  /// out = Σ weights[i] · inputs[i], the weights [1, inputs.count] being trained. All [N, C] f32.
  public func weightedSum(_ inputs: [Tensor], _ weights: Parameter) -> Tensor {
    guard let first = inputs.first else { preconditionFailure("a sum of nothing") }
    precondition(
      weights.count == inputs.count && inputs.allSatisfy { $0.type == .float32 && $0.count == first.count },
      "weightedSum: \(inputs.count) inputs, \(weights.count) weights")
    let out = tensor(first.rows, first.columns, .float32)
    let pointers = inputs.map { Optional(UnsafePointer($0.data.assumingMemoryBound(to: Float.self))) }
    graft_mix(
      Int64(inputs.count), pointers, values(weights), out.data.assumingMemoryBound(to: Float.self), Int64(out.count))
    record("weighted sum", touching: inputs + [out]) { [unowned self] in
      guard out.hasGradient, let d = out.gradient?.assumingMemoryBound(to: Float.self) else { return }
      for (index, x) in inputs.enumerated() {
        let (dx, accumulate) = self.gradientTarget(x)
        let slope = graft_mix_backward(
          x.data.assumingMemoryBound(to: Float.self), self.values(weights)[index], d,
          dx.assumingMemoryBound(to: Float.self), accumulate, Int64(x.count))
        self.gradient(weights)?[index] += Float(slope)
      }
    }
    return out
  }

  /// An f32 tensor in the operand type: itself under f32.
  public func narrowed(_ x: Tensor) -> Tensor {
    guard operand != .float32 else { return x }
    let y = tensor(x.rows, x.columns, operand, gradient: .float32)
    graft_convert(x.type.rawValue, x.data, operand.rawValue, y.data, Int64(x.count))
    record("conversion", touching: [x, y]) { [unowned self] in
      guard y.hasGradient, let d = y.gradient else { return }
      self.passGradient(d.assumingMemoryBound(to: Float.self), to: x)
    }
    return y
  }

  /// A tensor of the operand type in f32: itself under f32.
  public func widened(_ x: Tensor) -> Tensor {
    guard operand != .float32 else { return x }
    let y = tensor(x.rows, x.columns, .float32)
    graft_convert(x.type.rawValue, x.data, ElementType.float32.rawValue, y.data, Int64(x.count))
    record("conversion", touching: [x, y]) { [unowned self] in
      guard y.hasGradient, let d = y.gradient else { return }
      let (dx, accumulate) = self.gradientTarget(x)
      precondition(!accumulate, "widened: its input is read by this operation only")
      graft_convert(ElementType.float32.rawValue, d, x.gradientType.rawValue, dx, Int64(x.count))
    }
    return y
  }

  /// Adds an f32 gradient to that of `x`, which it becomes where there is none: whoever owns `d` must not read it
  /// any more.
  private func passGradient(_ d: UnsafeMutablePointer<Float>, to x: Tensor) {
    if x.gradient == nil {
      x.gradient = UnsafeMutableRawPointer(d)
      x.hasGradient = true
      return
    }
    let (dx, accumulate) = gradientTarget(x)
    if accumulate {
      graft_add(dx.assumingMemoryBound(to: Float.self), d, Int64(x.count))
    } else {
      dx.copyMemory(from: d, byteCount: x.count * 4)
    }
  }

  /// Dropout of an f32 tensor.
  public func dropout(_ x: Tensor, _ probability: Double) -> Tensor {
    var mask = nextDropout(probability)
    guard mask.threshold > 0 else { return x }
    let out = tensor(x.rows, x.columns, .float32)
    out.data.copyMemory(from: x.data, byteCount: x.count * 4)
    graft_dropout_apply(out.data.assumingMemoryBound(to: Float.self), &mask, Int64(x.count))
    record("dropout", touching: [x, out]) { [unowned self] in
      guard out.hasGradient, let d = out.gradient?.assumingMemoryBound(to: Float.self) else { return }
      var mask = mask
      graft_dropout_apply(d, &mask, Int64(x.count))
      self.passGradient(d, to: x)
    }
    return out
  }
}
