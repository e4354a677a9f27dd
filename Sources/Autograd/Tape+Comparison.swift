import Compute

extension Tape {
  /// What two vectors have in common and what not: [u, v, |u − v|, u ⊙ v] of each pair of rows u and v of x [N, C] f32
  /// (Conneau et al. 2017, InferSent): [pairs.count, 4 · C] f32.
  public func compared(_ x: Tensor, _ pairs: [(first: Int, second: Int)]) -> Tensor {
    precondition(x.type == .float32, "compared: input is \(x.type)")
    let columns = x.columns
    let y = tensor(pairs.count, 4 * columns, .float32)
    let values = x.data.assumingMemoryBound(to: Float.self)
    let result = y.data.assumingMemoryBound(to: Float.self)
    for (row, pair) in pairs.enumerated() {
      let (u, v) = (values + pair.first * columns, values + pair.second * columns)
      let out = result + 4 * row * columns
      for i in 0..<columns {
        out[i] = u[i]
        out[columns + i] = v[i]
        out[2 * columns + i] = abs(u[i] - v[i])
        out[3 * columns + i] = u[i] * v[i]
      }
    }
    record("comparison", touching: [y]) { [unowned self] in
      guard y.hasGradient, let d = y.gradient?.assumingMemoryBound(to: Float.self) else { return }
      let (target, accumulate) = self.gradientTarget(x)
      let gradient = target.assumingMemoryBound(to: Float.self)
      if !accumulate { gradient.update(repeating: 0, count: x.count) }
      for (row, pair) in pairs.enumerated() {
        let (u, v) = (values + pair.first * columns, values + pair.second * columns)
        let (du, dv) = (gradient + pair.first * columns, gradient + pair.second * columns)
        let d = d + 4 * row * columns
        for i in 0..<columns {
          let (difference, product) = (d[2 * columns + i], d[3 * columns + i])
          let sign: Float = u[i] > v[i] ? 1 : u[i] < v[i] ? -1 : 0
          du[i] += d[i] + sign * difference + v[i] * product
          dv[i] += d[columns + i] - sign * difference + u[i] * product
        }
      }
    }
    return y
  }
}
