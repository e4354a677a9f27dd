import Foundation

/// How one attention operation weighs the keys of one sequence: softmax(scale · QKᵀ + bias) over the keys a query sees,
/// before dropout.
public struct AttentionWeights: Sendable, Hashable, Codable {
  /// The sequence's number in its batch.
  public let sequence: Int
  /// The shape of `values`; queries and keys are the tokens of the sequence on either side, spare rows left out.
  public let heads, queries, keys: Int
  /// Whether a position sees only those before it: that of a decoder over itself, but not over an encoder's states.
  public let isCausal: Bool
  /// [heads, queries, keys], a head after another; 0 for keys that a query does not see.
  public let values: [Float]

  /// The weight that a query gives to a key in a head, 0 to 1; all counted from 0.
  public subscript(head: Int, query: Int, key: Int) -> Float { values[(head * queries + query) * keys + key] }

  /// The weights of a query's keys, the mean over the heads; they sum up to 1 if it sees any.
  public func mean(query: Int) -> [Double] {
    (0..<keys).map { key in
      (0..<heads).reduce(0) { $0 + Double(self[$1, query, key]) } / Double(max(1, heads))
    }
  }

  /// The same, also over all queries.
  public func mean() -> [Double] {
    let all = (0..<queries).map { mean(query: $0) }
    return (0..<keys).map { key in all.reduce(0) { $0 + $1[key] } / Double(max(1, queries)) }
  }

  /// Computes the weights of every sequence of an operation, by the definition: this is to look at some examples, and
  /// the operation itself keeps no weights.
  static func observe(
    _ query: HeadColumns, _ key: HeadColumns, _ queryRows: SequenceRows, _ keyRows: SequenceRows,
    _ shape: AttentionShape, _ observer: (AttentionWeights) -> Void
  ) {
    let queries = Operand(query)
    let keys = Operand(key)
    let bias = shape.bias?.floats()
    let reach = shape.bias?.columns ?? 0
    let positions = shape.positions.map { ($0, $0.projected.floats()) }
    for sequence in queryRows.offsets.indices {
      let (queryCount, keyCount) = (queryRows.lengths[sequence], keyRows.lengths[sequence])
      var values = [Float](repeating: 0, count: shape.heads * queryCount * keyCount)
      for head in 0..<shape.heads {
        for i in 0..<queryCount {
          let prefix = queryRows.prefixes.isEmpty ? 0 : queryRows.prefixes[sequence]
          let past = shape.past.isEmpty ? 0 : shape.past[sequence]
          let after = shape.isCausal ? past + 1 : shape.window ?? keyCount
          let visible = min(keyCount, max(i + after, prefix))
          let first = shape.window.map { max(0, i + past + 1 - $0) } ?? 0
          let scores = (min(first, visible)..<visible).map { j -> Double in
            var dot = 0.0
            for c in 0..<shape.headDimension {
              dot +=
                queries[queryRows.offsets[sequence] + i, head * shape.headDimension + c]
                * keys[keyRows.offsets[sequence] + j, head / shape.group * shape.headDimension + c]
            }
            if let (positions, values) = positions {
              let row = positions.row(i - j) * positions.projected.columns
              for c in 0..<shape.headDimension {
                let (own, other) = (head * shape.headDimension + c, (shape.heads + head) * shape.headDimension + c)
                dot +=
                  queries[queryRows.offsets[sequence] + i, own] * Double(values[row + other])
                  + keys[keyRows.offsets[sequence] + j, own] * Double(values[row + own])
              }
            }
            return shape.scale * dot + (bias.map { Double($0[head * reach + reach / 2 + j - i]) } ?? 0)
          }
          guard let greatest = scores.max() else { continue }
          let masses = scores.map { exp($0 - greatest) }
          let total = masses.reduce(0, +)
          for (j, mass) in masses.enumerated() {
            values[(head * queryCount + i) * keyCount + first + j] = Float(mass / total)
          }
        }
      }
      observer(
        AttentionWeights(
          sequence: sequence, heads: shape.heads, queries: queryCount, keys: keyCount,
          isCausal: shape.isCausal, values: values))
    }
  }

  /// The columns of the heads as numbers.
  private struct Operand {
    let values: [Float]
    let columns, first: Int

    init(_ operand: HeadColumns) {
      (values, columns, first) = (operand.tensor.floats(), operand.tensor.columns, operand.column)
    }

    subscript(row: Int, column: Int) -> Double { Double(values[row * columns + first + column]) }
  }
}
