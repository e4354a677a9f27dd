import Foundation

extension Twin {
  /// x [N, C], of which the first `heads` · `headDimension` columns are turned: components j and j + d / 2 of a head
  /// are a complex number, multiplied with e^(i · position · frequency j); d is `turned` where only the first
  /// components of a head are.
  static func rotary(
    positions: [Int], heads: Int, headDimension: Int, frequencies: [Double], turned components: Int? = nil
  ) -> Twin {
    let half = (components ?? headDimension) / 2
    func turned(_ x: DoubleMatrix, by sign: Double) -> DoubleMatrix {
      var result = x
      for (row, position) in positions.enumerated() {
        for first in stride(from: 0, to: heads * headDimension, by: headDimension) {
          for (j, frequency) in frequencies.enumerated() {
            let angle = sign * Double(position) * frequency
            let (a, b) = (x[row, first + j], x[row, first + j + half])
            result[row, first + j] = a * cos(angle) - b * sin(angle)
            result[row, first + j + half] = a * sin(angle) + b * cos(angle)
          }
        }
      }
      return result
    }
    return Twin(forward: { turned($0[0], by: 1) }, backward: { _, d in [turned(d, by: -1)] })
  }
}

extension Twin {
  /// Matrices of the same rows side by side.
  static var joined: Twin {
    Twin(
      forward: { inputs in
        var out = DoubleMatrix(inputs[0].rows, inputs.reduce(0) { $0 + $1.columns })
        for row in 0..<out.rows {
          for (c, value) in inputs.flatMap({ $0.rows([row]).values }).enumerated() { out[row, c] = value }
        }
        return out
      },
      backward: { inputs, d in
        var first = 0
        return inputs.map { input in
          defer { first += input.columns }
          var gradient = input
          for row in 0..<input.rows {
            for c in 0..<input.columns { gradient[row, c] = d[row, first + c] }
          }
          return gradient
        }
      })
  }
}
