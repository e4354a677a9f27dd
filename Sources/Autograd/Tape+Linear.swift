import CKernels
import Compute

extension Tape {
  /// y = x Wᵀ (+ b), where W is the weight and what low-rank pairs add to it (`ParameterMemory.lowRankPairs`).
  /// x [N, I] in the operand type, W [O, I], b [O]; y [N, O] in the operand type.
  public func linear(_ x: Tensor, _ weight: Parameter, bias: Parameter? = nil) -> Tensor {
    precondition(
      x.columns == weight.columns && x.type == operand,
      "linear: input [\(x.rows), \(x.columns)] \(x.type), weight [\(weight.rows), \(weight.columns)]")
    let y = tensor(x.rows, weight.rows, operand)
    let change = LowRankChange(of: weight, reading: x, on: self)
    summed(y.data, operand, count: y.count, parts: change != nil) { sum, type in
      matrices.multiply(
        x.rows, weight.rows, x.columns, .rows(x.data, stride: x.columns),
        .transposed(operands(weight), stride: weight.columns), into: sum, resultStride: y.columns,
        operands: operand, result: type, accumulate: false)
      change?.add(to: sum, columns: y.columns)
    }
    if let bias { graft_add_bias(operand.rawValue, y.data, values(bias), Int64(y.rows), Int64(y.columns)) }
    record("linear") { [unowned self] in self.linearBackward(x, weight, bias, y, change) }
    return y
  }

  private func linearBackward(
    _ x: Tensor, _ weight: Parameter, _ bias: Parameter?, _ y: Tensor, _ change: LowRankChange?
  ) {
    guard y.hasGradient, let dy = y.gradient else { return }
    // dx = dy W
    let (dx, accumulate) = gradientTarget(x)
    summed(dx, x.gradientType, count: x.count, parts: change != nil) { sum, type in
      matrices.multiply(
        x.rows, x.columns, y.columns, .rows(dy, stride: y.columns),
        .rows(operands(weight), stride: weight.columns), into: sum, resultStride: x.columns, operands: operand,
        result: type, accumulate: accumulate)
      change?.addGradients(of: dy, columns: y.columns, toInput: sum)
    }
    // dW += dyᵀ x
    if let (gradient, accumulate) = gradientSum(weight) {
      matrices.multiply(
        weight.rows, weight.columns, x.rows, .transposed(dy, stride: y.columns),
        .rows(x.data, stride: x.columns), into: gradient, resultStride: weight.columns,
        operands: operand, result: .float32, accumulate: accumulate)
      clearFrozenParts(of: weight)
    }
    if let bias, let gradient = gradient(bias) {
      graft_add_column_sums(operand.rawValue, dy, gradient, Int64(y.rows), Int64(y.columns))
      clearFrozenParts(of: bias)
    }
  }

  /// Lets `body` write a result, which it may add several products to only in f32, as all accumulation is.
  private func summed(
    _ result: UnsafeMutableRawPointer, _ type: ElementType, count: Int, parts: Bool,
    _ body: (_ sum: UnsafeMutableRawPointer, _ type: ElementType) -> Void
  ) {
    guard parts, type != .float32 else {
      body(result, type)
      return
    }
    let mark = arena.mark
    let sum = arena.floats(count)
    body(sum, .float32)
    graft_convert(ElementType.float32.rawValue, sum, type.rawValue, result, Int64(count))
    arena.release(to: mark)
  }
}
