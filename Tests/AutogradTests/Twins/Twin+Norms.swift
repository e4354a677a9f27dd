extension Twin {
  /// x [N, C], weight [1, C]: y = x / √(mean(x²) + ε) · weight.
  static func rmsNorm(epsilon: Double) -> Twin {
    Twin(
      forward: { inputs in
        let (x, w) = (inputs[0], inputs[1])
        var y = x
        for n in 0..<x.rows {
          let rms = root(meanSquare(x, n) + epsilon)
          for c in 0..<x.columns { y[n, c] = x[n, c] / rms * w[0, c] }
        }
        return y
      },
      backward: { inputs, d in
        // ∂yᵢ/∂xⱼ = wᵢ (δᵢⱼ / r − xᵢ xⱼ / (C r³)), all C² of them.
        let (x, w) = (inputs[0], inputs[1])
        var dx = DoubleMatrix(x.rows, x.columns)
        var dw = DoubleMatrix(1, x.columns)
        for n in 0..<x.rows {
          let r = root(meanSquare(x, n) + epsilon)
          for i in 0..<x.columns {
            dw[0, i] += d[n, i] * x[n, i] / r
            for j in 0..<x.columns {
              let same = i == j ? 1 / r : 0
              dx[n, j] += d[n, i] * w[0, i] * (same - x[n, i] * x[n, j] / (Double(x.columns) * r * r * r))
            }
          }
        }
        return [dx, dw]
      })
  }

  /// x [N, C]: each of the heads in the first heads · d columns divided by its root mean square; the rest as it is.
  static func normalizedHeads(_ heads: Int, _ d: Int, epsilon: Double) -> Twin {
    let norm = rmsNorm(epsilon: epsilon)
    func part(_ x: DoubleMatrix, _ head: Int) -> DoubleMatrix {
      DoubleMatrix(x.rows, d, (0..<x.rows).flatMap { n in (0..<d).map { x[n, head * d + $0] } })
    }
    func each(_ x: DoubleMatrix, _ change: (Int) -> DoubleMatrix) -> DoubleMatrix {
      var y = x
      for head in 0..<heads {
        let changed = change(head)
        for n in 0..<x.rows { for c in 0..<d { y[n, head * d + c] = changed[n, c] } }
      }
      return y
    }
    return Twin(
      forward: { inputs in each(inputs[0]) { norm.forward([part(inputs[0], $0), .ones(1, d)]) } },
      backward: { inputs, upstream in
        [each(upstream) { norm.backward([part(inputs[0], $0), .ones(1, d)], part(upstream, $0))[0] }]
      })
  }

  /// x [N, C] and gains [1, d]: of the heads of d columns, the first counts[0] multiplied by the first gain and so on;
  /// the rest as it is.
  static func scaledHeads(_ counts: [Int], _ d: Int) -> Twin {
    let gainOf = counts.enumerated().flatMap { [Int](repeating: 1 + $0, count: $1) }
    func forEach(_ x: DoubleMatrix, _ body: (_ row: Int, _ column: Int, _ gain: Int, _ component: Int) -> Void) {
      for n in 0..<x.rows {
        for (head, gain) in gainOf.enumerated() { for c in 0..<d { body(n, head * d + c, gain, c) } }
      }
    }
    return Twin(
      forward: { inputs in
        var y = inputs[0]
        forEach(y) { n, column, gain, c in y[n, column] *= inputs[gain][0, c] }
        return y
      },
      backward: { inputs, upstream in
        var gradients = [upstream] + inputs.dropFirst().map { DoubleMatrix($0.rows, $0.columns) }
        forEach(upstream) { n, column, gain, c in
          gradients[0][n, column] *= inputs[gain][0, c]
          gradients[gain][0, c] += upstream[n, column] * inputs[0][n, column]
        }
        return gradients
      })
  }

  /// x [N, C], weight [1, C], bias [1, C].
  static func layerNorm(epsilon: Double) -> Twin {
    Twin(
      forward: { inputs in
        let (x, w) = (inputs[0], inputs[1])
        let b = inputs.count > 2 ? inputs[2] : DoubleMatrix(1, x.columns)
        var y = x
        for n in 0..<x.rows {
          let (mean, deviation) = moments(x, n, epsilon)
          for c in 0..<x.columns { y[n, c] = (x[n, c] - mean) / deviation * w[0, c] + b[0, c] }
        }
        return y
      },
      backward: { inputs, d in
        // ∂x̂ᵢ/∂xⱼ = (δᵢⱼ − 1/C − x̂ᵢ x̂ⱼ / C) / s.
        let (x, w) = (inputs[0], inputs[1])
        let size = Double(x.columns)
        var gradients = inputs.map { DoubleMatrix($0.rows, $0.columns) }
        for n in 0..<x.rows {
          let (mean, deviation) = moments(x, n, epsilon)
          let hat = (0..<x.columns).map { (x[n, $0] - mean) / deviation }
          for i in 0..<x.columns {
            gradients[1][0, i] += d[n, i] * hat[i]
            if gradients.count > 2 { gradients[2][0, i] += d[n, i] }
            for j in 0..<x.columns {
              let slope = ((i == j ? 1 : 0) - 1 / size - hat[i] * hat[j] / size) / deviation
              gradients[0][n, j] += d[n, i] * w[0, i] * slope
            }
          }
        }
        return gradients
      })
  }

  private static func root(_ x: Double) -> Double { x.squareRoot() }

  private static func meanSquare(_ x: DoubleMatrix, _ row: Int) -> Double {
    (0..<x.columns).reduce(0) { $0 + x[row, $1] * x[row, $1] } / Double(x.columns)
  }

  private static func moments(_ x: DoubleMatrix, _ row: Int, _ epsilon: Double) -> (Double, Double) {
    let mean = (0..<x.columns).reduce(0) { $0 + x[row, $1] } / Double(x.columns)
    let variance =
      (0..<x.columns).reduce(0) { $0 + (x[row, $1] - mean) * (x[row, $1] - mean) } / Double(x.columns)
    return (mean, root(variance + epsilon))
  }
}
