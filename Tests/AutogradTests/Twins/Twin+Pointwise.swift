import Autograd
import Foundation

extension Twin {
  private static let slopeOfTanh = (2 / Double.pi).squareRoot()

  static func value(_ activation: Activation, _ x: Double) -> Double {
    switch activation {
    case .relu: max(0, x)
    case .gelu: x / 2 * (1 + tanh(slopeOfTanh * (x + 0.044715 * pow(x, 3))))
    case .exactGELU: x * erfc(-x / 2.squareRoot()) / 2
    case .tanh: Foundation.tanh(x)
    case .silu: x / (1 + exp(-x))
    case .squaredReLU: max(0, x) * max(0, x)
    case .sigmoid: 1 / (1 + exp(-x))
    }
  }

  static func slope(_ activation: Activation, _ x: Double) -> Double {
    switch activation {
    case .relu: return x > 0 ? 1 : 0
    case .gelu:
      let t = tanh(slopeOfTanh * (x + 0.044715 * pow(x, 3)))
      return (1 + t) / 2 + x / 2 * (1 - t * t) * slopeOfTanh * (1 + 3 * 0.044715 * x * x)
    case .exactGELU:
      return erfc(-x / 2.squareRoot()) / 2 + x * exp(-x * x / 2) / (2 * Double.pi).squareRoot()
    case .tanh: return 1 - Foundation.tanh(x) * Foundation.tanh(x)
    case .silu:
      let s = 1 / (1 + exp(-x))
      return s + x * s * (1 - s)
    case .squaredReLU: return 2 * max(0, x)
    case .sigmoid:
      let s = 1 / (1 + exp(-x))
      return s * (1 - s)
    }
  }

  /// z [N, C] and, if there is a second, bias [1, C]: mask · activation(z + bias).
  static func activate(_ activation: Activation, mask: DoubleMatrix) -> Twin {
    func argument(_ inputs: [DoubleMatrix], _ n: Int, _ c: Int) -> Double {
      inputs[0][n, c] + (inputs.count > 1 ? inputs[1][0, c] : 0)
    }
    return Twin(
      forward: { inputs in
        var out = inputs[0]
        for n in 0..<out.rows {
          for c in 0..<out.columns { out[n, c] = mask[n, c] * value(activation, argument(inputs, n, c)) }
        }
        return out
      },
      backward: { inputs, d in
        var gradients = inputs.map { DoubleMatrix($0.rows, $0.columns) }
        for n in 0..<d.rows {
          for c in 0..<d.columns {
            let slope = mask[n, c] * d[n, c] * slope(activation, argument(inputs, n, c))
            gradients[0][n, c] = slope
            if inputs.count > 1 { gradients[1][0, c] += slope }
          }
        }
        return gradients
      })
  }

  /// z [N, 2C], gate half first: mask · activation(gate) · up.
  static func gate(_ activation: Activation, mask: DoubleMatrix) -> Twin {
    Twin(
      forward: { inputs in
        let width = inputs[0].columns / 2
        var out = DoubleMatrix(inputs[0].rows, width)
        for n in 0..<out.rows {
          for c in 0..<width {
            out[n, c] = mask[n, c] * value(activation, inputs[0][n, c]) * inputs[0][n, width + c]
          }
        }
        return out
      },
      backward: { inputs, d in
        let z = inputs[0]
        var dz = DoubleMatrix(z.rows, z.columns)
        for n in 0..<d.rows {
          for c in 0..<d.columns {
            let up = z[n, d.columns + c]
            dz[n, c] = mask[n, c] * d[n, c] * slope(activation, z[n, c]) * up
            dz[n, d.columns + c] = mask[n, c] * d[n, c] * value(activation, z[n, c])
          }
        }
        return [dz]
      })
  }

  /// x [N, C], y [N, C] and, if there is a third, bias [1, C]: x + mask · (y + bias).
  static func residual(mask: DoubleMatrix) -> Twin {
    Twin(
      forward: { inputs in
        var out = inputs[0]
        for n in 0..<out.rows {
          for c in 0..<out.columns {
            out[n, c] += mask[n, c] * (inputs[1][n, c] + (inputs.count > 2 ? inputs[2][0, c] : 0))
          }
        }
        return out
      },
      backward: { inputs, d in
        var gradients = inputs.map { DoubleMatrix($0.rows, $0.columns) }
        gradients[0] = d
        for n in 0..<d.rows {
          for c in 0..<d.columns {
            gradients[1][n, c] = mask[n, c] * d[n, c]
            if inputs.count > 2 { gradients[2][0, c] += mask[n, c] * d[n, c] }
          }
        }
        return gradients
      })
  }

  /// x [N, C]: mask · x.
  static func dropout(mask: DoubleMatrix) -> Twin {
    func product(_ x: DoubleMatrix) -> DoubleMatrix {
      DoubleMatrix(x.rows, x.columns, zip(x.values, mask.values).map { $0 * $1 })
    }
    return Twin(forward: { product($0[0]) }, backward: { _, d in [product(d)] })
  }
}

extension DoubleMatrix {
  static func ones(_ rows: Int, _ columns: Int) -> DoubleMatrix {
    DoubleMatrix(rows, columns, [Double](repeating: 1, count: rows * columns))
  }
}
