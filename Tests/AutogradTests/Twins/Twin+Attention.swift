import Foundation

/// Where sequences lie among the rows, and what attention does with them.
struct AttentionCase {
  var heads = 1
  /// As many as `heads` if nil; else neighbouring heads share keys and values.
  var keyValueHeads: Int?
  var headDimension = 4
  var isCausal = false
  /// How many keys a query sees on either side, its own among them; all if nil.
  var window: Int?
  /// How many keys of each sequence come before its first query; none if empty.
  var past: [Int] = []
  var scale = 1.0
  var hasBias = false
  /// The row for the distance query − key of disentangled attention; nil for plain attention.
  var rowOfDistance: ((Int) -> Int)?
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
  /// query [N, H d], key and value [M, K d] and, if the case has one, bias [H, 2 L − 1] whose middle column
  /// is distance 0; then, if it tells distances apart, rows for them [R, 2 H d], as keys are compared with, then as
  /// queries are. Rows of no sequence are zero, and so are queries without a key.
  static func attention(_ shape: AttentionCase) -> Twin {
    Twin(
      forward: { inputs in
        var out = DoubleMatrix(shape.queryRowCount, shape.heads * shape.headDimension)
        shape.forEachQuery(inputs) { sequence, head, query, weights in
          for (k, weight) in weights.enumerated() {
            let masked = weight * shape.mask(sequence, head, query, k)
            for c in 0..<shape.headDimension {
              out[shape.queryOffsets[sequence] + query, head * shape.headDimension + c] +=
                masked * inputs[2][shape.keyOffsets[sequence] + k, shape.keyColumn(head) + c]
            }
          }
        }
        return out
      },
      backward: { inputs, d in
        var gradients = inputs.map { DoubleMatrix($0.rows, $0.columns) }
        shape.forEachQuery(inputs) { sequence, head, query, weights in
          let q = shape.queryOffsets[sequence] + query
          let (first, own) = (head * shape.headDimension, shape.keyColumn(head))
          // d(weight k), then through the softmax's full Jacobian to d(score j).
          let dWeights = weights.indices.map { k in
            let mask = shape.mask(sequence, head, query, k)
            var sum = 0.0
            for c in 0..<shape.headDimension {
              let row = shape.keyOffsets[sequence] + k
              gradients[2][row, own + c] += weights[k] * mask * d[q, first + c]
              sum += mask * d[q, first + c] * inputs[2][row, own + c]
            }
            return sum
          }
          for j in weights.indices {
            var dScore = 0.0
            for k in weights.indices {
              dScore += dWeights[k] * weights[k] * ((j == k ? 1 : 0) - weights[j])
            }
            let row = shape.keyOffsets[sequence] + j
            for c in 0..<shape.headDimension {
              gradients[0][q, first + c] += shape.scale * dScore * inputs[1][row, own + c]
              gradients[1][row, own + c] += shape.scale * dScore * inputs[0][q, first + c]
              if let distance = shape.rowOfDistance?(query - j), let rows = inputs.last {
                let (other, last) = (first + shape.heads * shape.headDimension, inputs.count - 1)
                gradients[0][q, first + c] += shape.scale * dScore * rows[distance, other + c]
                gradients[1][row, own + c] += shape.scale * dScore * rows[distance, first + c]
                gradients[last][distance, other + c] += shape.scale * dScore * inputs[0][q, first + c]
                gradients[last][distance, first + c] += shape.scale * dScore * inputs[1][row, own + c]
              }
            }
            if shape.hasBias { gradients[3][head, inputs[3].columns / 2 + j - query] += dScore }
          }
        }
        return gradients
      })
  }
}

extension AttentionCase {
  /// The first column of the keys and values of a query head.
  fileprivate func keyColumn(_ head: Int) -> Int { head / (heads / (keyValueHeads ?? heads)) * headDimension }

  /// The softmax over the keys of every query of every sequence and head, which is 0 for those that are not visible.
  fileprivate func forEachQuery(
    _ inputs: [DoubleMatrix],
    _ body: (_ sequence: Int, _ head: Int, _ query: Int, _ weights: [Double]) -> Void
  ) {
    for sequence in queryOffsets.indices {
      for head in 0..<heads {
        for query in 0..<queryLengths[sequence] {
          let past = past.isEmpty ? 0 : past[sequence]
          let after = isCausal ? past + 1 : window ?? keyLengths[sequence]
          let visible = min(keyLengths[sequence], query + after)
          let first = window.map { max(0, query + past + 1 - $0) } ?? 0
          let scores = (0..<visible).map { k in
            if k < first { return -Double.infinity }
            var dot = 0.0
            for c in 0..<headDimension {
              dot +=
                inputs[0][queryOffsets[sequence] + query, head * headDimension + c]
                * inputs[1][keyOffsets[sequence] + k, keyColumn(head) + c]
              if let distance = rowOfDistance?(query - k), let rows = inputs.last {
                let first = head * headDimension + c
                dot +=
                  inputs[0][queryOffsets[sequence] + query, first] * rows[distance, heads * headDimension + first]
                  + inputs[1][keyOffsets[sequence] + k, first] * rows[distance, first]
              }
            }
            return scale * dot + (hasBias ? inputs[3][head, inputs[3].columns / 2 + k - query] : 0)
          }
          let top = max(scores.max() ?? 0, -.greatestFiniteMagnitude)
          let sum = scores.reduce(0) { $0 + exp($1 - top) }
          body(sequence, head, query, scores.map { sum > 0 ? exp($0 - top) / sum : 0 })
        }
      }
    }
  }
}
