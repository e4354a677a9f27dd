extension Twin {
  /// x [N, C] and what sequences continue, [S, (window − 1) · C]. The output is the windows of all rows and, below,
  /// what the sequences end with beside zeros: [N + S, window · C].
  /// - Parameter sequences: the rows of each, in order.
  static func unfolded(_ sequences: [[Int]], window: Int) -> Twin {
    /// Calls `body` with every row of the output, where in it something comes from, and the input and row it is of.
    func forEach(_ rows: Int, _ body: (_ out: Int, _ place: Int, _ input: Int, _ row: Int, _ place: Int) -> Void) {
      for (index, sequence) in sequences.enumerated() {
        // The rows of the start and of the sequence, as if they were one.
        let all = (0..<window - 1).map { (1, index, $0) } + sequence.map { (0, $0, 0) }
        for (token, row) in sequence.enumerated() {
          for place in 0..<window {
            let from = all[token + place]
            body(row, place, from.0, from.1, from.2)
          }
        }
        for place in 0..<window - 1 {
          let from = all[sequence.count + place]
          body(rows + index, place, from.0, from.1, from.2)
        }
      }
    }
    return Twin(
      forward: { inputs in
        let columns = inputs[0].columns
        var out = DoubleMatrix(inputs[0].rows + sequences.count, window * columns)
        forEach(inputs[0].rows) { target, place, input, row, first in
          for c in 0..<columns { out[target, place * columns + c] = inputs[input][row, first * columns + c] }
        }
        return out
      },
      backward: { inputs, d in
        var gradients = inputs.map { DoubleMatrix($0.rows, $0.columns) }
        let columns = inputs[0].columns
        forEach(inputs[0].rows) { target, place, input, row, first in
          for c in 0..<columns { gradients[input][row, first * columns + c] += d[target, place * columns + c] }
        }
        return gradients
      })
  }

  /// a [N, A] and b [N, B]: [N, A + B].
  static var beside: Twin {
    Twin(
      forward: { inputs in
        let (a, b) = (inputs[0], inputs[1])
        var out = DoubleMatrix(a.rows, a.columns + b.columns)
        for r in 0..<a.rows {
          for c in 0..<a.columns { out[r, c] = a[r, c] }
          for c in 0..<b.columns { out[r, a.columns + c] = b[r, c] }
        }
        return out
      },
      backward: { inputs, d in
        var gradients = inputs.map { DoubleMatrix($0.rows, $0.columns) }
        for r in 0..<d.rows {
          for c in 0..<inputs[0].columns { gradients[0][r, c] = d[r, c] }
          for c in 0..<inputs[1].columns { gradients[1][r, c] = d[r, inputs[0].columns + c] }
        }
        return gradients
      })
  }
}
