import Compute
import Randomness

/// A row-major matrix of `Double`, for references written as plain loops.
struct DoubleMatrix: Equatable {
  var rows: Int
  var columns: Int
  var values: [Double]

  init(_ rows: Int, _ columns: Int) {
    self.init(rows, columns, [Double](repeating: 0, count: rows * columns))
  }

  init(_ rows: Int, _ columns: Int, _ values: [Double]) {
    precondition(values.count == rows * columns, "\(values.count) values for \(rows)×\(columns)")
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  init(_ rows: Int, _ columns: Int, floats values: [Float]) {
    self.init(rows, columns, values.map { Double($0) })
  }

  /// Uniform in (-1, 1), exact in `type`, so that a kernel and its twin start from the same numbers.
  static func random(
    _ rows: Int, _ columns: Int, seed: Int, type: ElementType = .float32, scale: Double = 1, shift: Double = 0
  ) -> DoubleMatrix {
    var source = RandomKey(seed: 2024).folded(seed).generator()
    return DoubleMatrix(
      rows, columns,
      (0..<rows * columns).map { _ in
        let value = Float(shift + scale * (2 * source.uniform() - 1))
        return Double(type == .float32 ? value : Float(bitPattern: value.bitPattern & 0xffff_0000))
      })
  }

  subscript(_ row: Int, _ column: Int) -> Double {
    get { values[row * columns + column] }
    set { values[row * columns + column] = newValue }
  }

  func rows(_ indices: [Int]) -> DoubleMatrix {
    DoubleMatrix(indices.count, columns, indices.flatMap { values[$0 * columns..<($0 + 1) * columns] })
  }

  var largest: Double { values.reduce(0) { max($0, abs($1)) } }
}

/// The largest difference as a share of the largest expected magnitude, which counts as at least `floor`.
func relativeDifference(_ got: DoubleMatrix, _ expected: DoubleMatrix, floor: Double = 1e-3) -> Double {
  guard got.rows == expected.rows && got.columns == expected.columns else { return .infinity }
  let magnitude = max(floor, expected.largest)
  return zip(got.values, expected.values).reduce(0) { worst, pair in
    let difference = abs(pair.0 - pair.1)
    return difference.isNaN ? .infinity : max(worst, difference / magnitude)
  }
}
