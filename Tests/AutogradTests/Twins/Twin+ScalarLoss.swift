import Autograd
import Foundation

extension Twin {
  /// x [N, C], w [1, C], b [1, 1]: gradientScale · Σ loss of z = x wᵀ + b against `targets`.
  static func scalarLoss(_ loss: ScalarLoss, targets: [Double], gradientScale: Double) -> Twin {
    func scalar(_ inputs: [DoubleMatrix], _ n: Int) -> Double {
      (0..<inputs[0].columns).reduce(inputs[2][0, 0]) { $0 + inputs[0][n, $1] * inputs[1][0, $1] }
    }
    return Twin(
      forward: { inputs in
        var sum = 0.0
        for (n, y) in targets.enumerated() {
          let z = scalar(inputs, n)
          switch loss {
          case .binaryCrossEntropy:
            let probability = 1 / (1 + exp(-z))
            sum -= y * log(probability) + (1 - y) * log(1 - probability)
          case .squaredError: sum += (z - y) * (z - y)
          }
        }
        return DoubleMatrix(1, 1, [sum * gradientScale])
      },
      backward: { inputs, d in
        var gradients = inputs.map { DoubleMatrix($0.rows, $0.columns) }
        for (n, y) in targets.enumerated() {
          let z = scalar(inputs, n)
          let slope =
            switch loss {
            case .binaryCrossEntropy: 1 / (1 + exp(-z)) - y
            case .squaredError: 2 * (z - y)
            }
          let dz = slope * gradientScale * d[0, 0]
          for c in 0..<inputs[0].columns {
            gradients[0][n, c] += dz * inputs[1][0, c]
            gradients[1][0, c] += dz * inputs[0][n, c]
          }
          gradients[2][0, 0] += dz
        }
        return gradients
      })
  }
}
