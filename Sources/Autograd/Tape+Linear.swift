import CKernels
import Compute

extension Tape {
  /// y = x Wᵀ (+ b). x [N, I] in the operand type, W [O, I], b [O]; y [N, O] in the operand type.
  public func linear(_ x: Tensor, _ weight: Parameter, bias: Parameter? = nil) -> Tensor {
    precondition(
      x.columns == weight.columns && x.type == operand,
      "linear: input [\(x.rows), \(x.columns)] \(x.type), weight [\(weight.rows), \(weight.columns)]")
    let y = tensor(x.rows, weight.rows, operand)
    matrices.multiply(
      x.rows, weight.rows, x.columns, .rows(x.data, stride: x.columns),
      .transposed(operands(weight), stride: weight.columns), into: y.data, resultStride: y.columns,
      operands: operand, result: operand, accumulate: false)
    if let bias { graft_add_bias(operand.rawValue, y.data, values(bias), Int64(y.rows), Int64(y.columns)) }
    record("linear") { [unowned self] in self.linearBackward(x, weight, bias, y) }
    return y
  }

  private func linearBackward(_ x: Tensor, _ weight: Parameter, _ bias: Parameter?, _ y: Tensor) {
    guard y.hasGradient, let dy = y.gradient else { return }
    // dx = dy W
    let (dx, accumulate) = gradientTarget(x)
    matrices.multiply(
      x.rows, x.columns, y.columns, .rows(dy, stride: y.columns),
      .rows(operands(weight), stride: weight.columns), into: dx, resultStride: x.columns, operands: operand,
      result: x.gradientType, accumulate: accumulate)
    if parameters.isFrozen(weight), bias.map(parameters.isFrozen) ?? true { return }
    // dW += dyᵀ x
    matrices.multiply(
      weight.rows, weight.columns, x.rows, .transposed(dy, stride: y.columns),
      .rows(x.data, stride: x.columns), into: gradient(weight), resultStride: weight.columns,
      operands: operand, result: .float32, accumulate: true)
    if let bias {
      graft_add_column_sums(operand.rawValue, dy, gradient(bias), Int64(y.rows), Int64(y.columns))
    }
  }
}
