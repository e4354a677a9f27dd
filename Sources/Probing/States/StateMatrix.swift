import CKernels
import Foundation

/// Vectors that a model made of texts or tokens, one a row.
public struct StateMatrix: Sendable {
  /// How many vectors there are.
  public let rows: Int
  /// Numbers of a vector.
  public let width: Int
  /// Numbers from row to row; those behind a vector are 0, for kernels that take sixteen at once.
  let stride: Int
  /// rows · stride.
  private(set) var values: [Float]

  /// - Parameter values: row after row.
  /// - Precondition: whole rows.
  public init(_ values: [Float], width: Int) {
    precondition(width > 0 && values.count % width == 0, "\(values.count) values in rows of \(width)")
    (rows, self.width) = (values.count / width, width)
    stride = (width + 15) / 16 * 16
    guard stride > width else {
      self.values = values
      return
    }
    self.values = [Float](repeating: 0, count: rows * stride)
    for row in 0..<rows {
      self.values.replaceSubrange(
        row * stride..<row * stride + width, with: values[row * width..<(row + 1) * width])
    }
  }

  private init(values: [Float], rows: Int, width: Int, stride: Int) {
    (self.values, self.rows, self.width, self.stride) = (values, rows, width, stride)
  }

  /// One number of one vector.
  public subscript(row: Int, column: Int) -> Float { values[row * stride + column] }

  /// One number of every vector.
  public func column(_ index: Int) -> [Double] { (0..<rows).map { Double(values[$0 * stride + index]) } }

  /// Some of the vectors, in the order they are named.
  func selecting(_ chosen: [Int]) -> StateMatrix {
    var picked: [Float] = []
    picked.reserveCapacity(chosen.count * stride)
    for row in chosen { picked += values[row * stride..<(row + 1) * stride] }
    return StateMatrix(values: picked, rows: chosen.count, width: width, stride: stride)
  }

  /// Every column less its mean, over its standard deviation.
  func standardized(by scale: StateScale) -> StateMatrix {
    precondition(scale.means.count == width, "a scale of \(scale.means.count) columns for vectors of \(width)")
    var result = self
    result.values.withUnsafeMutableBufferPointer { values in
      scale.means.withUnsafeBufferPointer { means in
        scale.factors.withUnsafeBufferPointer { factors in
          for row in 0..<rows {
            for column in 0..<width {
              let place = row * stride + column
              values[place] = (values[place] - means[column]) * factors[column]
            }
          }
        }
      }
    }
    return result
  }
}

/// The mean of every column and one over its standard deviation; 0 for a column that is constant, which says nothing.
struct StateScale: Sendable {
  let means, factors: [Float]

  init(of matrix: StateMatrix) {
    var sums = [Double](repeating: 0, count: matrix.width)
    var squares = sums
    matrix.values.withUnsafeBufferPointer { values in
      for pass in 0..<2 {
        for row in 0..<matrix.rows {
          for column in 0..<matrix.width {
            let value = Double(values[row * matrix.stride + column])
            if pass == 0 {
              sums[column] += value
            } else {
              let distance = value - sums[column]
              squares[column] += distance * distance
            }
          }
        }
        if pass == 0 { for column in sums.indices { sums[column] /= Double(max(1, matrix.rows)) } }
      }
    }
    means = sums.map { Float($0) }
    let count = Double(max(1, matrix.rows))
    factors = zip(squares, sums).map { square, mean in
      let deviation = (square / count).squareRoot()
      // What rounding leaves of a constant is no deviation.
      return deviation > 1e-6 * max(abs(mean), 1e-6) ? Float(1 / deviation) : 0
    }
  }
}
