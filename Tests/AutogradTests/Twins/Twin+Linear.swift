extension Twin {
  /// input [N, I], weight [O, I] and, if there is a third, bias [1, O].
  static var linear: Twin {
    Twin(
      forward: { inputs in
        let (x, w) = (inputs[0], inputs[1])
        var y = DoubleMatrix(x.rows, w.rows)
        for n in 0..<x.rows {
          for o in 0..<w.rows {
            var sum = inputs.count > 2 ? inputs[2][0, o] : 0
            for i in 0..<x.columns { sum += x[n, i] * w[o, i] }
            y[n, o] = sum
          }
        }
        return y
      },
      backward: { inputs, d in
        let (x, w) = (inputs[0], inputs[1])
        var gradients = inputs.map { DoubleMatrix($0.rows, $0.columns) }
        for n in 0..<x.rows {
          for o in 0..<w.rows {
            for i in 0..<x.columns {
              gradients[0][n, i] += d[n, o] * w[o, i]
              gradients[1][o, i] += d[n, o] * x[n, i]
            }
            if inputs.count > 2 { gradients[2][0, o] += d[n, o] }
          }
        }
        return gradients
      })
  }

  /// table [V, C] and, if there is a second, positions [P, C]; ids below zero are rows without a token.
  /// - Parameter untrained: an id whose row gets no gradient.
  static func embedding(_ ids: [Int], positions: [Int], scale: Double = 1, untrained: Int? = nil) -> Twin {
    Twin(
      forward: { inputs in
        var out = DoubleMatrix(ids.count, inputs[0].columns)
        for (row, id) in ids.enumerated() where id >= 0 {
          for c in 0..<out.columns {
            out[row, c] = scale * inputs[0][id, c] + (inputs.count > 1 ? inputs[1][positions[row], c] : 0)
          }
        }
        return out
      },
      backward: { inputs, d in
        var gradients = inputs.map { DoubleMatrix($0.rows, $0.columns) }
        for (row, id) in ids.enumerated() where id >= 0 {
          for c in 0..<d.columns {
            if id != untrained { gradients[0][id, c] += scale * d[row, c] }
            if inputs.count > 1 { gradients[1][positions[row], c] += d[row, c] }
          }
        }
        return gradients
      })
  }
}
