import CKernels
import Compute
import Foundation

/// The keys and values one query attends to, wherever they are kept: a row for each position, `stride` elements
/// apart, in the operand type; heads lie as in `HeadColumns`. The memory must outlive the operation.
public struct CachedPositions {
  /// The first position's keys and values.
  public let keys, values: UnsafeRawPointer
  /// From a position's row to the next, in elements.
  public let stride: Int
  /// How many positions are attended to; with none the result is zero.
  public let count: Int

  /// - Precondition: the memory has `count` rows of each, `stride` elements apart.
  public init(keys: UnsafeRawPointer, values: UnsafeRawPointer, stride: Int, count: Int) {
    self.keys = keys
    self.values = values
    self.stride = stride
    self.count = count
  }
}

extension Tape {
  /// Attention of the tokens that continue sequences over positions that were kept; it has no backward pass. With a
  /// causal `shape` a query is at the last of its positions, and the bias is that of the distance to it.
  ///
  /// Result [rows, heads · headDimension] in the operand type; rows that belong to no sequence are zero.
  /// - Parameter positions: of each token, in the order of the tokens.
  /// - Precondition: `shape.bias` reaches back to the first position.
  public func cachedAttention(
    query: HeadColumns, rows: SequenceRows, over positions: [CachedPositions], _ shape: AttentionShape
  ) -> Tensor {
    precondition(!isRecording, "attention over a cache has no backward pass")
    precondition(
      positions.count == rows.lengths.reduce(0, +) && query.tensor.rows == rows.rowCount,
      "cached attention: \(rows.lengths) queries, \(positions.count) lists of positions")
    let width = shape.heads * shape.headDimension
    let out = tensor(rows.rowCount, width, operand, zeroed: true)
    let mark = arena.mark
    let scores = arena.floats(max(1, positions.map(\.count).max() ?? 1))
    let sums = arena.floats(shape.headDimension)
    for (token, kept) in zip(rows.tokenRows, positions) {
      let row = Int(token)
      var bias: UnsafePointer<Float>?
      if let tensor = shape.bias, kept.count > 0 {
        let first = tensor.columns / 2 - (kept.count - 1)
        precondition(first >= 0, "the bias reaches \(tensor.columns / 2 + 1) of \(kept.count) positions")
        bias = UnsafePointer(tensor.data.assumingMemoryBound(to: Float.self) + first)
      }
      let queryOffset = (row * query.tensor.columns + query.column) * operand.size
      graft_attend_cached(
        operand.rawValue, query.tensor.data + queryOffset, kept.keys, kept.values, Int64(kept.stride),
        Int64(kept.count), Int64(shape.heads), Int64(shape.group), Int64(shape.headDimension), Float(shape.scale),
        bias, Int64(shape.bias?.columns ?? 0), scores, sums, out.data + row * width * operand.size)
    }
    arena.release(to: mark)
    record("cached attention", touching: [out]) {}
    return out
  }
}
