import Foundation

extension Twin {
  /// hidden [N, C], embedding [V, C]: gradientScale · Σ −log softmax(logitScale · hidden[row] · Eᵀ)[target], where
  /// smoothed labels weigh the losses of all tokens: 1 − ε on the target's, ε / V on each. With a cap, logits z are
  /// cap · tanh(z / cap). With a bias [1, V] as a third input, it is added to them. The z-loss adds ζ · (log Σ exp)².
  static func crossEntropy(
    rows: [Int], targets: [Int], logitScale: Double, gradientScale: Double, smoothing: Double = 0, cap: Double? = nil,
    zLoss: Double = 0
  ) -> Twin {
    func label(_ token: Int, _ target: Int, _ count: Int) -> Double {
      (token == target ? 1 - smoothing : 0) + smoothing / Double(count)
    }
    func probabilities(_ inputs: [DoubleMatrix], _ row: Int) -> (logSum: Double, logits: [Double]) {
      let (hidden, embedding) = (inputs[0], inputs[1])
      let logits = (0..<embedding.rows).map { v in
        let product = (0..<hidden.columns).reduce(0) { $0 + hidden[row, $1] * embedding[v, $1] }
        let z = logitScale * product + (inputs.count > 2 ? inputs[2][0, v] : 0)
        return cap.map { $0 * tanh(z / $0) } ?? z
      }
      let top = logits.max() ?? 0
      return (top + log(logits.reduce(0) { $0 + exp($1 - top) }), logits)
    }
    return Twin(
      forward: { inputs in
        let losses = zip(rows, targets).map { row, target in
          let (logSum, logits) = probabilities(inputs, row)
          return logits.indices.reduce(zLoss * logSum * logSum) {
            $0 + label($1, target, logits.count) * (logSum - logits[$1])
          }
        }
        return DoubleMatrix(1, 1, [gradientScale * losses.reduce(0, +)])
      },
      backward: { inputs, d in
        var gradients = inputs.map { DoubleMatrix($0.rows, $0.columns) }
        for (row, target) in zip(rows, targets) {
          let (logSum, logits) = probabilities(inputs, row)
          for v in logits.indices {
            let slope = (1 + 2 * zLoss * logSum) * exp(logits[v] - logSum) - label(v, target, logits.count)
            let slopeOfCap = cap.map { 1 - pow(logits[v] / $0, 2) } ?? 1
            let dLogit = d[0, 0] * gradientScale * logitScale * slope * slopeOfCap
            for c in 0..<inputs[0].columns {
              gradients[0][row, c] += dLogit * inputs[1][v, c]
              gradients[1][v, c] += dLogit * inputs[0][row, c]
            }
            if inputs.count > 2 { gradients[2][0, v] += dLogit }
          }
        }
        return gradients
      })
  }
}
