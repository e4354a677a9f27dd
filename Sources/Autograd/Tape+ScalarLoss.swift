import CKernels
import Compute
import Foundation

/// What a single number per row is compared with.
public enum ScalarLoss: Sendable {
  /// −log of the probability σ(z) gives the label, which is 0 or 1.
  case binaryCrossEntropy
  /// (z − y)².
  case squaredError

  func value(_ z: Double, _ y: Double) -> Double {
    switch self {
    case .binaryCrossEntropy: max(z, 0) + log1p(exp(-abs(z))) - y * z
    case .squaredError: (z - y) * (z - y)
    }
  }

  /// By z.
  func slope(_ z: Double, _ y: Double) -> Double {
    switch self {
    case .binaryCrossEntropy: 1 / (1 + exp(-z)) - y
    case .squaredError: 2 * (z - y)
    }
  }
}

extension Tape {
  /// z = x wᵀ + b for reading answers: one number per row of x [N, C]; w [1, C], b [1].
  public func scalars(_ x: Tensor, _ weight: Parameter, bias: Parameter) -> [Float] {
    precondition(
      x.columns == weight.columns && weight.rows == 1 && x.type == operand,
      "scalars: input [\(x.rows), \(x.columns)] \(x.type), weight [\(weight.rows), \(weight.columns)]")
    var z = [Float](repeating: 0, count: x.rows)
    graft_row_dots(
      operand.rawValue, x.data, Int64(x.columns), operands(weight), 0, &z, Int64(x.rows), Int64(x.columns))
    let shift = values(bias)[0]
    for row in z.indices { z[row] += shift }
    return z
  }

  /// The summed loss of z = x wᵀ + b against one target per row.
  /// - Parameters:
  ///   - x: [N, C] in the operand type.
  ///   - weight: [1, C].
  ///   - bias: [1].
  ///   - gradientScale: d(objective)/d(summed loss).
  public func scalarLoss(
    _ loss: ScalarLoss, _ x: Tensor, _ weight: Parameter, bias: Parameter, targets: [Float],
    gradientScale: Double
  ) -> LossSum {
    precondition(x.rows == targets.count, "scalarLoss: \(targets.count) targets for \(x.rows) rows")
    let z = scalars(x, weight, bias: bias)
    var total = 0.0
    for (z, y) in zip(z, targets) { total += loss.value(Double(z), Double(y)) }
    record("scalar loss", touching: [x]) { [unowned self] in
      let slopes = zip(z, targets).map { Float(loss.slope(Double($0), Double($1)) * gradientScale) }
      self.scalarBackward(x, weight, bias, slopes)
    }
    return LossSum(total: total, targetCount: targets.count)
  }

  private func scalarBackward(_ x: Tensor, _ weight: Parameter, _ bias: Parameter, _ slopes: [Float]) {
    let columns = x.columns
    let (pointer, accumulate) = gradientTarget(x)
    let (w, dw) = (values(weight), gradient(weight))
    let mark = arena.mark
    defer { arena.release(to: mark) }
    let (row, dx) = (arena.floats(columns), arena.floats(columns))
    for (index, slope) in slopes.enumerated() {
      graft_convert(
        operand.rawValue, x.data + index * columns * operand.size, ElementType.float32.rawValue, row,
        Int64(columns))
      if let dw { for column in 0..<columns { dw[column] += slope * row[column] } }
      for column in 0..<columns { dx[column] = slope * w[column] }
      let destination = pointer + index * columns * x.gradientType.size
      if accumulate {
        graft_add(destination.assumingMemoryBound(to: Float.self), dx, Int64(columns))
      } else {
        graft_convert(
          ElementType.float32.rawValue, dx, x.gradientType.rawValue, destination, Int64(columns))
      }
    }
    gradient(bias)?[0] += slopes.reduce(0, +)
  }
}
