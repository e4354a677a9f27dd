import Autograd
import Foundation

extension Twin {
  /// What a recurrent layer has beside its weights.
  struct RecurrentExtras: Hashable, Sendable {
    var hasPeepholes = false
    var isMultiplicative = false
  }

  /// x [N, I], weights [G · H, I] and [G · H, H], biases [1, G · H] each, the states that sequences begin with, a
  /// part of [S, H] each, and as far as there are any peepholes [3, H] and factors [H, I] and [H, H]. The output is the
  /// states of all rows and the parts of the last states, one below the other.
  /// - Parameter sequences: the rows of each, in order.
  static func recurrent(
    _ cell: RecurrentCell, _ sequences: [[Int]], _ extras: RecurrentExtras = RecurrentExtras()
  ) -> Twin {
    let parts = cell.stateParts(width: 1).count
    // Where the factors lie among the inputs.
    let factors = extras.isMultiplicative ? 5 + parts + (extras.hasPeepholes ? 1 : 0) : nil
    func start(_ inputs: [DoubleMatrix], _ index: Int) -> CellTwin {
      CellTwin(
        cell, inputs, sequence: index, peepholes: extras.hasPeepholes ? inputs[5 + parts].values : nil,
        factors: factors)
    }
    return Twin(
      forward: { inputs in
        let (rows, width) = (inputs[0].rows, inputs[2].columns)
        var out = DoubleMatrix(rows + parts * sequences.count, width)
        for (index, sequence) in sequences.enumerated() {
          var state = start(inputs, index)
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
          var states = [start(inputs, index)]
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
            let (da, dq, dPeepholes) = states[step + 1].backward(&slopes, before: states[step])
            if extras.hasPeepholes {
              for (k, slope) in dPeepholes.enumerated() { gradients[5 + parts].values[k] += slope }
            }
            var dRead = [Double](repeating: 0, count: width)
            for k in da.indices {
              for c in 0..<inputs[0].columns {
                gradients[0][row, c] += da[k] * inputs[1][k, c]
                gradients[1][k, c] += da[k] * inputs[0][row, c]
              }
              for c in 0..<width {
                dRead[c] += dq[k] * inputs[2][k, c]
                gradients[2][k, c] += dq[k] * states[step + 1].read[c]
              }
              gradients[3][0, k] += da[k]
              gradients[4][0, k] += dq[k]
            }
            guard let factors else {
              for c in 0..<width { slopes[0][c] += dRead[c] }
              continue
            }
            let (ofInput, ofState) = states[step + 1].factors
            for k in 0..<width {
              for c in 0..<inputs[0].columns {
                gradients[0][row, c] += dRead[k] * ofState[k] * inputs[factors][k, c]
                gradients[factors][k, c] += dRead[k] * ofState[k] * inputs[0][row, c]
              }
              for c in 0..<width {
                slopes[0][c] += dRead[k] * ofInput[k] * inputs[factors + 1][k, c]
                gradients[factors + 1][k, c] += dRead[k] * ofInput[k] * states[step].hidden[c]
              }
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
  /// What U was multiplied with: h before, or the product of what W and U make of the input and of h.
  var read: [Double] = []
  var factors: (ofInput: [Double], ofState: [Double]) = ([], [])
  /// Zeros for none.
  private let peepholes: [Double]
  /// Where among the inputs the factors' weights are.
  private let factorIndex: Int?

  var hidden: [Double] { parts[0] }

  init(_ cell: RecurrentCell, _ inputs: [DoubleMatrix], sequence: Int, peepholes: [Double]?, factors: Int?) {
    self.cell = cell
    let width = inputs[2].columns
    parts = cell.stateParts(width: width).indices.map { inputs[5 + $0].rows([sequence]).values }
    self.peepholes = peepholes ?? [Double](repeating: 0, count: 3 * width)
    factorIndex = factors
  }

  private func product(_ matrix: DoubleMatrix, _ vector: [Double]) -> [Double] {
    (0..<matrix.rows).map { k in vector.indices.reduce(0) { $0 + matrix[k, $1] * vector[$1] } }
  }

  mutating func advance(_ inputs: [DoubleMatrix], row: Int) {
    let width = hidden.count
    func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    let a = (0..<cell.gates * width).map { k in
      (0..<inputs[0].columns).reduce(inputs[3][0, k]) { $0 + inputs[1][k, $1] * inputs[0][row, $1] }
    }
    read = hidden
    if let factorIndex {
      factors.ofInput = product(inputs[factorIndex], inputs[0].rows([row]).values)
      factors.ofState = product(inputs[factorIndex + 1], hidden)
      read = zip(factors.ofInput, factors.ofState).map { $0 * $1 }
    }
    q = zip(product(inputs[2], read), inputs[4].values).map { $0 + $1 }
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
      gates = (0..<4 * width).map { a[$0] + q[$0] }
      for c in 0..<width {
        gates[c] = sigmoid(gates[c] + peepholes[c] * parts[1][c])
        gates[width + c] = sigmoid(gates[width + c] + peepholes[width + c] * parts[1][c])
        gates[2 * width + c] = tanh(gates[2 * width + c])
        parts[1][c] = gates[width + c] * parts[1][c] + gates[c] * gates[2 * width + c]
        gates[3 * width + c] = sigmoid(gates[3 * width + c] + peepholes[2 * width + c] * parts[1][c])
        parts[0][c] = gates[3 * width + c] * tanh(parts[1][c])
      }
    }
  }

  /// The gradients of W x + b, of U h + b' and of the peepholes from those of the state, which become those of the
  /// state before, but for what h has through U.
  func backward(
    _ d: inout [[Double]], before: CellTwin
  ) -> (input: [Double], recurrent: [Double], peepholes: [Double]) {
    let width = hidden.count
    var dPeepholes = [Double](repeating: 0, count: 3 * width)
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
        da[3 * width + c] = d[0][c] * t * o * (1 - o)
        d[1][c] += d[0][c] * o * (1 - t * t) + da[3 * width + c] * peepholes[2 * width + c]
        da[c] = d[1][c] * g * i * (1 - i)
        da[width + c] = d[1][c] * before.parts[1][c] * f * (1 - f)
        da[2 * width + c] = d[1][c] * i * (1 - g * g)
        d[0][c] = 0
        d[1][c] *= f
        d[1][c] += da[c] * peepholes[c] + da[width + c] * peepholes[width + c]
        dPeepholes[c] = da[c] * before.parts[1][c]
        dPeepholes[width + c] = da[width + c] * before.parts[1][c]
        dPeepholes[2 * width + c] = da[3 * width + c] * parts[1][c]
      }
    }
    let shared = cell == .gru ? 2 * width : gates.count
    dq.replaceSubrange(..<shared, with: da[..<shared])
    return (da, dq, dPeepholes)
  }
}
