import Foundation

extension Twin {
  /// query [N, A], key [M, A], value [M, W] and the vector [1, A]: the mean of the values by the softmax of
  /// v · tanh(q + k) over the keys. Rows of no sequence are zero, and so are queries without a key.
  /// - Parameter pairs: the rows of each sequence's queries and keys.
  static func additiveAttention(_ pairs: [(queries: Range<Int>, keys: Range<Int>)], queryRowCount: Int) -> Twin {
    func weights(_ inputs: [DoubleMatrix], _ query: Int, _ keys: Range<Int>) -> [Double] {
      let scores = keys.map { key in
        (0..<inputs[0].columns).reduce(0.0) { sum, c in
          sum + inputs[3][0, c] * tanh(inputs[0][query, c] + inputs[1][key, c])
        }
      }
      let top = scores.max() ?? 0
      let sum = scores.reduce(0) { $0 + exp($1 - top) }
      return scores.map { exp($0 - top) / sum }
    }
    return Twin(
      forward: { inputs in
        var out = DoubleMatrix(queryRowCount, inputs[2].columns)
        for pair in pairs {
          for query in pair.queries {
            for (key, weight) in zip(pair.keys, weights(inputs, query, pair.keys)) {
              for c in 0..<out.columns { out[query, c] += weight * inputs[2][key, c] }
            }
          }
        }
        return out
      },
      backward: { inputs, d in
        var gradients = inputs.map { DoubleMatrix($0.rows, $0.columns) }
        for pair in pairs {
          for query in pair.queries {
            let weights = weights(inputs, query, pair.keys)
            let dWeights = pair.keys.map { key in
              (0..<d.columns).reduce(0.0) { $0 + d[query, $1] * inputs[2][key, $1] }
            }
            let mean = zip(weights, dWeights).reduce(0) { $0 + $1.0 * $1.1 }
            for (index, key) in pair.keys.enumerated() {
              for c in 0..<d.columns { gradients[2][key, c] += weights[index] * d[query, c] }
              let dScore = weights[index] * (dWeights[index] - mean)
              for c in 0..<inputs[0].columns {
                let t = tanh(inputs[0][query, c] + inputs[1][key, c])
                let slope = dScore * inputs[3][0, c] * (1 - t * t)
                gradients[0][query, c] += slope
                gradients[1][key, c] += slope
                gradients[3][0, c] += dScore * t
              }
            }
          }
        }
        return gradients
      })
  }
}
