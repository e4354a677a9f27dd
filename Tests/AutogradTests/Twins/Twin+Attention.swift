import Foundation

/// Where sequences lie among the rows, and what attention does with them.
struct AttentionCase {
  var heads = 1
  var headDimension = 4
  var isCausal = false
  var scale = 1.0
  var hasBias = false
  /// First rows and lengths of the query sequences and of the key sequences.
  var queryOffsets: [Int]
  var queryLengths: [Int]
  var keyOffsets: [Int]
  var keyLengths: [Int]
  var queryRowCount: Int
  /// (sequence, head, query, key) to the multiplier of a weight.
  var mask: (Int, Int, Int, Int) -> Double = { _, _, _, _ in 1 }
}

extension Twin {
  /// query [N, H d], key and value [M, H d] and, if the case has one, bias [H, 2 L − 1] whose middle column
  /// is distance 0. Rows of no sequence are zero, and so are queries without a key.
  static func attention(_ shape: AttentionCase) -> Twin {
    Twin(
      forward: { inputs in
        var out = DoubleMatrix(shape.queryRowCount, shape.heads * shape.headDimension)
        shape.forEachQuery(inputs) { sequence, head, query, weights in
          for (k, weight) in weights.enumerated() {
            let masked = weight * shape.mask(sequence, head, query, k)
            for c in 0..<shape.headDimension {
              out[shape.queryOffsets[sequence] + query, head * shape.headDimension + c] +=
                masked * inputs[2][shape.keyOffsets[sequence] + k, head * shape.headDimension + c]
            }
          }
        }
        return out
      },
      backward: { inputs, d in
        var gradients = inputs.map { DoubleMatrix($0.rows, $0.columns) }
        shape.forEachQuery(inputs) { sequence, head, query, weights in
          let q = shape.queryOffsets[sequence] + query
          let first = head * shape.headDimension
          // d(weight k), then through the softmax's full Jacobian to d(score j).
          let dWeights = weights.indices.map { k in
            let mask = shape.mask(sequence, head, query, k)
            var sum = 0.0
            for c in first..<first + shape.headDimension {
              let row = shape.keyOffsets[sequence] + k
              gradients[2][row, c] += weights[k] * mask * d[q, c]
              sum += mask * d[q, c] * inputs[2][row, c]
            }
            return sum
          }
          for j in weights.indices {
            var dScore = 0.0
            for k in weights.indices {
              dScore += dWeights[k] * weights[k] * ((j == k ? 1 : 0) - weights[j])
            }
            let row = shape.keyOffsets[sequence] + j
            for c in first..<first + shape.headDimension {
              gradients[0][q, c] += shape.scale * dScore * inputs[1][row, c]
              gradients[1][row, c] += shape.scale * dScore * inputs[0][q, c]
            }
            if shape.hasBias { gradients[3][head, inputs[3].columns / 2 + j - query] += dScore }
          }
        }
        return gradients
      })
  }
}

extension AttentionCase {
  /// The softmax over the visible keys of every query of every sequence and head.
  fileprivate func forEachQuery(
    _ inputs: [DoubleMatrix],
    _ body: (_ sequence: Int, _ head: Int, _ query: Int, _ weights: [Double]) -> Void
  ) {
    for sequence in queryOffsets.indices {
      for head in 0..<heads {
        for query in 0..<queryLengths[sequence] {
          let visible = isCausal ? min(keyLengths[sequence], query + 1) : keyLengths[sequence]
          let scores = (0..<visible).map { k in
            var dot = 0.0
            for c in head * headDimension..<(head + 1) * headDimension {
              dot += inputs[0][queryOffsets[sequence] + query, c] * inputs[1][keyOffsets[sequence] + k, c]
            }
            return scale * dot + (hasBias ? inputs[3][head, inputs[3].columns / 2 + k - query] : 0)
          }
          let top = scores.max() ?? 0
          let sum = scores.reduce(0) { $0 + exp($1 - top) }
          body(sequence, head, query, scores.map { exp($0 - top) / sum })
        }
      }
    }
  }
}
