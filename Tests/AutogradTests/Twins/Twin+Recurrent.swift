import Autograd
import Foundation

extension Twin {
  /// x [N, I], weights [G · H, I] and [G · H, H], biases [1, G · H] each, and the states that sequences begin with, a
  /// part of [S, H] each. The output is the states of all rows and the parts of the last states, one below the other.
  /// - Parameter sequences: the rows of each, in order.
  static func recurrent(_ cell: RecurrentCell, _ sequences: [[Int]]) -> Twin {
    Twin(
      forward: { inputs in
        let (rows, width) = (inputs[0].rows, inputs[2].columns)
        var out = DoubleMatrix(rows + (inputs.count - 5) * sequences.count, width)
        for (index, sequence) in sequences.enumerated() {
          var state = CellTwin(cell, inputs, sequence: index)
          for row in sequence {
            state.advance(inputs, row: row)
            for c in 0..<width { out[row, c] = state.hidden[c] }
          }
          for (part, values) in state.parts.enumerated() {
            for c in 0..<width { out[rows + part * sequences.count + index, c] = values[c] }
          }
        }
        return out
      },
      backward: { inputs, d in
        var gradients = inputs.map { DoubleMatrix($0.rows, $0.columns) }
        let (rows, width) = (inputs[0].rows, inputs[2].columns)
        for (index, sequence) in sequences.enumerated() {
          var states = [CellTwin(cell, inputs, sequence: index)]
          for row in sequence {
            var next = states[states.count - 1]
            next.advance(inputs, row: row)
            states.append(next)
          }
          var slopes = states[0].parts.indices.map { part in
            (0..<width).map { d[rows + part * sequences.count + index, $0] }
          }
          for (step, row) in sequence.enumerated().reversed() {
            for c in 0..<width { slopes[0][c] += d[row, c] }
            let (da, dq) = states[step + 1].backward(&slopes, before: states[step])
            for k in da.indices {
              for c in 0..<inputs[0].columns {
                gradients[0][row, c] += da[k] * inputs[1][k, c]
                gradients[1][k, c] += da[k] * inputs[0][row, c]
              }
              for c in 0..<width {
                slopes[0][c] += dq[k] * inputs[2][k, c]
                gradients[2][k, c] += dq[k] * states[step].hidden[c]
              }
              gradients[3][0, k] += da[k]
              gradients[4][0, k] += dq[k]
            }
          }
          for (part, slope) in slopes.enumerated() {
            for c in 0..<width { gradients[5 + part][index, c] += slope[c] }
          }
        }
        return gradients
      })
  }
}

/// A cell after some of a sequence's tokens.
private struct CellTwin {
  let cell: RecurrentCell
  /// The parts of the state, the first of which is h.
  var parts: [[Double]]
  /// Of the last token: the activated gates, and U h + b'.
  var gates: [Double] = []
  var q: [Double] = []

  var hidden: [Double] { parts[0] }

  init(_ cell: RecurrentCell, _ inputs: [DoubleMatrix], sequence: Int) {
    self.cell = cell
    parts = inputs.dropFirst(5).map { $0.rows([sequence]).values }
  }

  mutating func advance(_ inputs: [DoubleMatrix], row: Int) {
    let width = hidden.count
    func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    let a = (0..<cell.gates * width).map { k in
      (0..<inputs[0].columns).reduce(inputs[3][0, k]) { $0 + inputs[1][k, $1] * inputs[0][row, $1] }
    }
    q = (0..<cell.gates * width).map { k in
      (0..<width).reduce(inputs[4][0, k]) { $0 + inputs[2][k, $1] * hidden[$1] }
    }
    switch cell {
    case .elman:
      gates = zip(a, q).map { tanh($0 + $1) }
      parts[0] = gates
    case .gru:
      gates = (0..<2 * width).map { sigmoid(a[$0] + q[$0]) }
      for c in 0..<width { gates.append(tanh(a[2 * width + c] + gates[c] * q[2 * width + c])) }
      for c in 0..<width {
        let z = gates[width + c]
        parts[0][c] = (1 - z) * gates[2 * width + c] + z * parts[0][c]
      }
    case .lstm:
      gates = (0..<4 * width).map { $0 / width == 2 ? tanh(a[$0] + q[$0]) : sigmoid(a[$0] + q[$0]) }
      for c in 0..<width {
        parts[1][c] = gates[width + c] * parts[1][c] + gates[c] * gates[2 * width + c]
        parts[0][c] = gates[3 * width + c] * tanh(parts[1][c])
      }
    }
  }

  /// The gradients of W x + b and of U h + b' from those of the state, which become those of the state before, but for
  /// what h has through U.
  func backward(_ d: inout [[Double]], before: CellTwin) -> (input: [Double], recurrent: [Double]) {
    let width = hidden.count
    var (da, dq) = ([Double](repeating: 0, count: gates.count), [Double](repeating: 0, count: gates.count))
    for c in 0..<width {
      switch cell {
      case .elman:
        da[c] = d[0][c] * (1 - hidden[c] * hidden[c])
        d[0][c] = 0
      case .gru:
        let (r, z, n) = (gates[c], gates[width + c], gates[2 * width + c])
        da[2 * width + c] = d[0][c] * (1 - z) * (1 - n * n)
        dq[2 * width + c] = da[2 * width + c] * r
        da[c] = da[2 * width + c] * q[2 * width + c] * r * (1 - r)
        da[width + c] = d[0][c] * (before.hidden[c] - n) * z * (1 - z)
        d[0][c] *= z
      case .lstm:
        let (i, f, g, o) = (gates[c], gates[width + c], gates[2 * width + c], gates[3 * width + c])
        let t = tanh(parts[1][c])
        d[1][c] += d[0][c] * o * (1 - t * t)
        da[c] = d[1][c] * g * i * (1 - i)
        da[width + c] = d[1][c] * before.parts[1][c] * f * (1 - f)
        da[2 * width + c] = d[1][c] * i * (1 - g * g)
        da[3 * width + c] = d[0][c] * t * o * (1 - o)
        d[0][c] = 0
        d[1][c] *= f
      }
    }
    let shared = cell == .gru ? 2 * width : gates.count
    dq.replaceSubrange(..<shared, with: da[..<shared])
    return (da, dq)
  }
}
