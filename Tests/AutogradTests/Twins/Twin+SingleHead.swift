import Foundation

extension Twin {
  /// x [N, C] behind remembered rows: [K, C] of every sequence's last `past` rows of memory and then its own.
  /// - Parameters:
  ///   - sequences: the rows of each, in order.
  ///   - memory: [S, M · C], of which nothing has a gradient.
  ///   - offsets: where each sequence begins in the output, of so many rows.
  static func remembering(
    _ sequences: [[Int]], _ memory: DoubleMatrix, past: [Int], offsets: [Int], rows: Int
  ) -> Twin {
    Twin(
      forward: { inputs in
        let columns = inputs[0].columns
        var out = DoubleMatrix(rows, columns)
        for (index, sequence) in sequences.enumerated() {
          let first = memory.columns / columns - past[index]
          for r in 0..<past[index] {
            for c in 0..<columns { out[offsets[index] + r, c] = memory[index, (first + r) * columns + c] }
          }
          for (r, row) in sequence.enumerated() {
            for c in 0..<columns { out[offsets[index] + past[index] + r, c] = inputs[0][row, c] }
          }
        }
        return out
      },
      backward: { inputs, d in
        var gradient = DoubleMatrix(inputs[0].rows, inputs[0].columns)
        for (index, sequence) in sequences.enumerated() {
          for (r, row) in sequence.enumerated() {
            for c in 0..<gradient.columns { gradient[row, c] = d[offsets[index] + past[index] + r, c] }
          }
        }
        return [gradient]
      })
  }

  /// x [N, C] and gate [1, C]: σ(gate) · x.
  static var gatedColumns: Twin {
    func gain(_ inputs: [DoubleMatrix], _ c: Int) -> Double { 1 / (1 + exp(-inputs[1][0, c])) }
    return Twin(
      forward: { inputs in
        var out = inputs[0]
        for r in 0..<out.rows { for c in 0..<out.columns { out[r, c] *= gain(inputs, c) } }
        return out
      },
      backward: { inputs, d in
        var gradients = inputs.map { DoubleMatrix($0.rows, $0.columns) }
        for r in 0..<d.rows {
          for c in 0..<d.columns {
            let s = gain(inputs, c)
            gradients[0][r, c] = s * d[r, c]
            gradients[1][0, c] += d[r, c] * inputs[0][r, c] * s * (1 - s)
          }
        }
        return gradients
      })
  }

  /// x [N, K · C]: the sum of its chunks of C columns.
  static func summedChunks(columns: Int) -> Twin {
    Twin(
      forward: { inputs in
        var out = DoubleMatrix(inputs[0].rows, columns)
        for r in 0..<out.rows { for c in 0..<inputs[0].columns { out[r, c % columns] += inputs[0][r, c] } }
        return out
      },
      backward: { inputs, d in
        var gradient = DoubleMatrix(inputs[0].rows, inputs[0].columns)
        for r in 0..<d.rows { for c in 0..<gradient.columns { gradient[r, c] = d[r, c % columns] } }
        return [gradient]
      })
  }
}
