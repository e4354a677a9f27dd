import Foundation

extension Twin {
  /// x [N, I], the convolution [3H, 2I], its bias [1, 3H], and what sequences begin with: cells [S, H] and inputs
  /// [S, I]. The output is the states of all rows and the last cells, [_, H], and then the last inputs, side by side
  /// with zeros where they are narrower or the states are.
  /// - Parameter sequences: the rows of each, in order.
  static func qrnn(_ sequences: [[Int]]) -> Twin {
    /// One token: what it reads and what it makes of it.
    struct Step {
      var row: Int
      var inputs: [Double]
      var z, f, o, before, cell: [Double]
    }
    func steps(_ inputs: [DoubleMatrix], _ index: Int) -> [Step] {
      var (cell, last) = (inputs[3].rows([index]).values, inputs[4].rows([index]).values)
      let width = cell.count
      return sequences[index].map { row in
        let own = inputs[0].rows([row]).values
        let read = last + own
        let a = (0..<3 * width).map { k in read.indices.reduce(inputs[2][0, k]) { $0 + inputs[1][k, $1] * read[$1] } }
        let z = (0..<width).map { tanh(a[$0]) }
        let f = (0..<width).map { 1 / (1 + exp(-a[width + $0])) }
        let o = (0..<width).map { 1 / (1 + exp(-a[2 * width + $0])) }
        let before = cell
        cell = (0..<width).map { f[$0] * before[$0] + (1 - f[$0]) * z[$0] }
        last = own
        return Step(row: row, inputs: read, z: z, f: f, o: o, before: before, cell: cell)
      }
    }
    return Twin(
      forward: { inputs in
        let (rows, width, columns) = (inputs[0].rows, inputs[3].columns, inputs[4].columns)
        var out = DoubleMatrix(rows + 2 * sequences.count, max(width, columns))
        for index in sequences.indices {
          let steps = steps(inputs, index)
          for step in steps { for c in 0..<width { out[step.row, c] = step.o[c] * step.cell[c] } }
          let (cells, last) = (rows + index, rows + sequences.count + index)
          for c in 0..<width { out[cells, c] = steps.last?.cell[c] ?? inputs[3][index, c] }
          for c in 0..<columns { out[last, c] = steps.last.map { inputs[0][$0.row, c] } ?? inputs[4][index, c] }
        }
        return out
      },
      backward: { inputs, d in
        var gradients = inputs.map { DoubleMatrix($0.rows, $0.columns) }
        let (rows, width, columns) = (inputs[0].rows, inputs[3].columns, inputs[4].columns)
        for index in sequences.indices {
          var dCell = (0..<width).map { d[rows + index, $0] }
          var dLast = (0..<columns).map { d[rows + sequences.count + index, $0] }
          for step in steps(inputs, index).reversed() {
            for c in 0..<columns { gradients[0][step.row, c] += dLast[c] }
            dLast = [Double](repeating: 0, count: columns)
            var da = [Double](repeating: 0, count: 3 * width)
            for c in 0..<width {
              let (z, f, o) = (step.z[c], step.f[c], step.o[c])
              dCell[c] += d[step.row, c] * o
              da[c] = dCell[c] * (1 - f) * (1 - z * z)
              da[width + c] = dCell[c] * (step.before[c] - z) * f * (1 - f)
              da[2 * width + c] = d[step.row, c] * step.cell[c] * o * (1 - o)
              dCell[c] *= f
            }
            for (k, slope) in da.enumerated() {
              gradients[2][0, k] += slope
              for c in 0..<2 * columns { gradients[1][k, c] += slope * step.inputs[c] }
              for c in 0..<columns {
                dLast[c] += slope * inputs[1][k, c]
                gradients[0][step.row, c] += slope * inputs[1][k, columns + c]
              }
            }
          }
          for c in 0..<width { gradients[3][index, c] += dCell[c] }
          for c in 0..<columns { gradients[4][index, c] += dLast[c] }
        }
        return gradients
      })
  }
}
