extension Twin {
  /// input [N, I], weight [O, I], down [r, I] and up [O, r]: x Wᵀ + scale · (mask ⊙ x) Dᵀ Uᵀ.
  static func lowRank(scale: Double, mask: DoubleMatrix) -> Twin {
    func product(_ a: DoubleMatrix, _ b: DoubleMatrix) -> DoubleMatrix { Twin.linear.forward([a, b]) }
    func masked(_ x: DoubleMatrix) -> DoubleMatrix {
      DoubleMatrix(x.rows, x.columns, zip(x.values, mask.values).map { $0 * $1 })
    }
    return Twin(
      forward: { inputs in
        let plain = product(inputs[0], inputs[1])
        let added = product(product(masked(inputs[0]), inputs[2]), inputs[3])
        return DoubleMatrix(plain.rows, plain.columns, zip(plain.values, added.values).map { $0 + scale * $1 })
      },
      backward: { inputs, d in
        let (x, w, down, up) = (inputs[0], inputs[1], inputs[2], inputs[3])
        var gradients = inputs.map { DoubleMatrix($0.rows, $0.columns) }
        for n in 0..<x.rows {
          for o in 0..<w.rows {
            for i in 0..<x.columns {
              gradients[0][n, i] += d[n, o] * w[o, i]
              gradients[1][o, i] += d[n, o] * x[n, i]
              for r in 0..<down.rows {
                let seen = scale * d[n, o] * mask[n, i]
                gradients[0][n, i] += seen * up[o, r] * down[r, i]
                gradients[2][r, i] += seen * up[o, r] * x[n, i]
                gradients[3][o, r] += seen * down[r, i] * x[n, i]
              }
            }
          }
        }
        return gradients
      })
  }
}
