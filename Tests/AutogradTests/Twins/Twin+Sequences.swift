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

  /// x [N, I], weights [4H, I] and [4H, H], biases [1, 4H] each, and the states and cells that sequences begin with,
  /// [S, H] each. The output is the states of all rows, the last states and the last cells, one below the other.
  /// - Parameter sequences: the rows of each, in order.
  static func lstm(_ sequences: [[Int]]) -> Twin {
    Twin(
      forward: { inputs in
        let width = inputs[2].columns
        let rows = inputs[0].rows
        var out = DoubleMatrix(rows + 2 * sequences.count, width)
        for (index, sequence) in sequences.enumerated() {
          var state = LSTMStep(inputs, sequence: index)
          for row in sequence {
            state.advance(inputs, row: row)
            for c in 0..<width { out[row, c] = state.hidden[c] }
          }
          for c in 0..<width {
            out[rows + index, c] = state.hidden[c]
            out[rows + sequences.count + index, c] = state.cell[c]
          }
        }
        return out
      },
      backward: { inputs, d in
        var gradients = inputs.map { DoubleMatrix($0.rows, $0.columns) }
        let width = inputs[2].columns
        let rows = inputs[0].rows
        for (index, sequence) in sequences.enumerated() {
          var steps: [(before: LSTMStep, after: LSTMStep, row: Int)] = []
          var state = LSTMStep(inputs, sequence: index)
          for row in sequence {
            let before = state
            state.advance(inputs, row: row)
            steps.append((before, state, row))
          }
          var dHidden = (0..<width).map { d[rows + index, $0] }
          var dCell = (0..<width).map { d[rows + sequences.count + index, $0] }
          for (before, after, row) in steps.reversed() {
            var dz = [Double](repeating: 0, count: 4 * width)
            for c in 0..<width {
              dHidden[c] += d[row, c]
              let (i, f, g, o) = (
                after.gates[c], after.gates[width + c], after.gates[2 * width + c], after.gates[3 * width + c]
              )
              let t = tanh(after.cell[c])
              dCell[c] += dHidden[c] * o * (1 - t * t)
              dz[c] = dCell[c] * g * i * (1 - i)
              dz[width + c] = dCell[c] * before.cell[c] * f * (1 - f)
              dz[2 * width + c] = dCell[c] * i * (1 - g * g)
              dz[3 * width + c] = dHidden[c] * t * o * (1 - o)
              dCell[c] *= f
            }
            dHidden = [Double](repeating: 0, count: width)
            for (k, slope) in dz.enumerated() {
              for c in 0..<inputs[0].columns {
                gradients[0][row, c] += slope * inputs[1][k, c]
                gradients[1][k, c] += slope * inputs[0][row, c]
              }
              for c in 0..<width {
                dHidden[c] += slope * inputs[2][k, c]
                gradients[2][k, c] += slope * before.hidden[c]
              }
              gradients[3][0, k] += slope
              gradients[4][0, k] += slope
            }
          }
          for c in 0..<width {
            gradients[5][index, c] += dHidden[c]
            gradients[6][index, c] += dCell[c]
          }
        }
        return gradients
      })
  }
}

/// An LSTM after some of a sequence's tokens.
private struct LSTMStep {
  var hidden, cell: [Double]
  /// i, f, g and o of the last token, activated.
  var gates: [Double] = []

  init(_ inputs: [DoubleMatrix], sequence: Int) {
    hidden = inputs[5].rows([sequence]).values
    cell = inputs[6].rows([sequence]).values
  }

  mutating func advance(_ inputs: [DoubleMatrix], row: Int) {
    let width = hidden.count
    gates = (0..<4 * width).map { k in
      var z = inputs[3][0, k] + inputs[4][0, k]
      for c in 0..<inputs[0].columns { z += inputs[1][k, c] * inputs[0][row, c] }
      for c in 0..<width { z += inputs[2][k, c] * hidden[c] }
      return k / width == 2 ? tanh(z) : 1 / (1 + exp(-z))
    }
    for c in 0..<width {
      cell[c] = gates[width + c] * cell[c] + gates[c] * gates[2 * width + c]
      hidden[c] = gates[3 * width + c] * tanh(cell[c])
    }
  }
}
