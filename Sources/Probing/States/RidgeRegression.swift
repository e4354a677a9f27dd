import CKernels
import Foundation

/// Ridge regression of a number on dense vectors (Hoerl & Kennard 1970): the least mean squared error and λ |w|² of
/// standardised columns, solved by Cholesky's decomposition. λ is the best of some for the vectors held out of the
/// others; then all are used.
public struct RidgeRegression: Sendable {
  static let strengths = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1]

  /// In standard deviations of the training vectors.
  let weights: [Double]
  private let mean: Double
  private let scale: StateScale
  /// λ.
  public let strength: Double

  /// - Parameter isHeld: which rows choose λ; some of them, not all.
  /// - Precondition: a target for each row.
  public init(_ states: StateMatrix, targets: [Double], isHeld: [Bool]) {
    precondition(states.rows == targets.count && states.rows == isHeld.count, "a target for each vector")
    let scale = StateScale(of: states)
    let mean = targets.reduce(0, +) / Double(max(1, targets.count))
    let standard = states.standardized(by: scale)
    func moments(_ held: Bool) -> Moments {
      let rows = targets.indices.filter { isHeld[$0] == held }
      return Moments(standard.selecting(rows), targets: rows.map { targets[$0] - mean })
    }
    let (kept, held) = (moments(false), moments(true))
    var best = (strength: Self.strengths[Self.strengths.count - 1], error: Double.infinity)
    for strength in Self.strengths where kept.count > 0 && held.count > 0 {
      let error = held.squaredError(kept.solution(strength))
      if error < best.error { best = (strength, error) }
    }
    (self.scale, self.mean, strength) = (scale, mean, best.strength)
    weights = kept.adding(held).solution(best.strength)
  }

  /// The numbers that vectors have.
  public func values(_ states: StateMatrix) -> [Double] {
    let standard = states.standardized(by: scale)
    return (0..<states.rows).map { row in
      weights.indices.reduce(mean) { $0 + weights[$1] * Double(standard.values[row * standard.stride + $1]) }
    }
  }
}

/// Sums over vectors and their targets: XᵀX, Xᵀy and yᵀy.
private struct Moments {
  let width: Int
  var count: Int
  /// [width, width]; those at and above the diagonal.
  var products: [Double]
  var targets: [Double]
  var square: Double

  init(_ states: StateMatrix, targets y: [Double]) {
    (width, count) = (states.width, states.rows)
    products = [Double](repeating: 0, count: states.width * states.width)
    targets = [Double](repeating: 0, count: states.width)
    square = y.reduce(0) { $0 + $1 * $1 }
    let stride = states.stride
    var part = [Float](repeating: 0, count: stride * stride)
    // Few rows at a time are added in single precision.
    let block = 256
    for start in Swift.stride(from: 0, to: states.rows, by: block) {
      let rows = min(block, states.rows - start)
      part.withUnsafeMutableBufferPointer { part in
        part.update(repeating: 0)
        states.values.withUnsafeBufferPointer {
          graft_add_products($0.baseAddress! + start * stride, Int64(rows), Int64(stride), part.baseAddress!)
        }
        for i in 0..<width { for j in i..<width { products[i * width + j] += Double(part[i * stride + j]) } }
      }
      for row in start..<start + rows {
        for column in 0..<width { targets[column] += Double(states.values[row * stride + column]) * y[row] }
      }
    }
  }

  func adding(_ other: Moments) -> Moments {
    var sum = self
    sum.count += other.count
    sum.square += other.square
    for index in products.indices { sum.products[index] += other.products[index] }
    for index in targets.indices { sum.targets[index] += other.targets[index] }
    return sum
  }

  /// (XᵀX / n + λ) w = Xᵀy / n.
  func solution(_ strength: Double) -> [Double] {
    let n = Double(max(1, count))
    // The upper triangle R of A = RᵀR, row by row.
    var root = products.map { $0 / n }
    for i in 0..<width { root[i * width + i] += strength }
    root.withUnsafeMutableBufferPointer { root in
      for i in 0..<width {
        let pivot = max(root[i * width + i], 1e-12).squareRoot()
        for j in i..<width { root[i * width + j] /= pivot }
        root[i * width + i] = pivot
        for k in i + 1..<max(i + 1, width) {
          let factor = root[i * width + k]
          guard factor != 0 else { continue }
          for j in k..<width { root[k * width + j] -= factor * root[i * width + j] }
        }
      }
    }
    var solution = targets.map { $0 / n }
    for i in 0..<width {
      solution[i] /= root[i * width + i]
      for j in i + 1..<max(i + 1, width) { solution[j] -= root[i * width + j] * solution[i] }
    }
    for i in (0..<width).reversed() {
      for j in i + 1..<max(i + 1, width) { solution[i] -= root[i * width + j] * solution[j] }
      solution[i] /= root[i * width + i]
    }
    return solution
  }

  /// Σ (y − x·w)².
  func squaredError(_ weights: [Double]) -> Double {
    var sum = square
    for i in 0..<width {
      sum -= 2 * weights[i] * targets[i]
      sum += weights[i] * weights[i] * products[i * width + i]
      for j in i + 1..<max(i + 1, width) { sum += 2 * weights[i] * weights[j] * products[i * width + j] }
    }
    return sum
  }
}
