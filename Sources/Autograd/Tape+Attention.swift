import CKernels
import Compute
import Foundation

/// Heads' columns within a tensor: head h of the queries (keys, values) is columns
/// `column + h · headDimension ..< column + (h + 1) · headDimension`.
public struct HeadColumns {
  /// The matrix, [rows, columns]; queries, keys and values may be columns of one.
  public let tensor: Tensor
  /// The first column of head 0.
  public let column: Int

  /// All heads' columns from `column` on.
  public init(_ tensor: Tensor, column: Int) {
    self.tensor = tensor
    self.column = column
  }
}

/// What one attention operation computes, beside its operands.
public struct AttentionShape {
  /// How many heads there are; their outputs stand side by side.
  public var heads: Int
  /// How many heads keys and values have: a divisor of `heads`. With fewer, as many query heads after one another as
  /// there are for each share one (Ainslie et al. 2023).
  public var keyValueHeads: Int
  /// Columns of one head.
  public var headDimension: Int
  /// Whether a position sees only those before it, and those of its sequence's prefix.
  public var isCausal: Bool
  /// How many positions one sees on either side, itself among them; only one side where it sees only those before it
  /// (Jiang et al. 2023). Nil for all.
  public var window: Int?
  /// Factor on the scores: 1 / √d in GPT, 1 in T5.
  public var scale: Double
  /// From `relativeBias`, or nil.
  public var bias: Tensor?
  /// The probability with which a weight is left out while training, 0 ..< 1.
  public var dropout: Double
  /// How many keys of each sequence come before that of its first query; empty where none do. With a window they are
  /// fewer than it is wide, and there is no bias.
  public var past: [Int] = []
  /// What queries and keys have to do with the distance between them, beside the bias; nil for nothing. For
  /// self-attention whose queries have keys of their own.
  public var positions: DisentangledPositions?

  /// - Parameter bias: [heads, 2 · reach − 1] from `relativeBias`, or nil.
  /// - Precondition: a window is of one position at least, and of sequences that have no prefix.
  public init(
    heads: Int, keyValueHeads: Int? = nil, headDimension: Int, isCausal: Bool, window: Int? = nil, scale: Double,
    bias: Tensor?, dropout: Double
  ) {
    let keyValueHeads = keyValueHeads ?? heads
    precondition(
      keyValueHeads > 0 && heads % keyValueHeads == 0,
      "\(heads) query heads do not share \(keyValueHeads) heads of keys and values evenly")
    precondition(window.map { $0 > 0 } ?? true, "a window of \(window ?? 0) positions")
    self.window = window
    self.heads = heads
    self.keyValueHeads = keyValueHeads
    self.headDimension = headDimension
    self.isCausal = isCausal
    self.scale = scale
    self.bias = bias
    self.dropout = dropout
  }

  /// How many query heads share one head of keys and values.
  var group: Int { heads / keyValueHeads }
}

extension Tape {
  /// Multi-head attention, sequence by sequence and head by head so that a head's scores stay in cache. The
  /// backward pass computes the scores again from the kept log-sums (Dao et al. 2022) instead of storing them.
  ///
  /// Queries of sequence i see the keys of sequence i only. Result [query rows, heads · headDimension] in the
  /// operand type; rows that belong to no sequence are zero.
  /// - Precondition: query, key and value columns are disjoint, and no other operation reads them.
  public func attention(
    query: HeadColumns, key: HeadColumns, value: HeadColumns, queryRows: SequenceRows, keyRows: SequenceRows,
    _ shape: AttentionShape
  ) -> Tensor {
    precondition(
      queryRows.offsets.count == keyRows.offsets.count && query.tensor.rows == queryRows.rowCount
        && key.tensor.rows == keyRows.rowCount && value.tensor.rows == keyRows.rowCount,
      "attention: \(queryRows.offsets.count) query and \(keyRows.offsets.count) key sequences")
    precondition(shape.window == nil || queryRows.prefixes.isEmpty, "a prefix is not seen through a window")
    precondition(
      shape.past.allSatisfy { shape.isCausal && shape.bias == nil && $0 < shape.window ?? Int.max },
      "\(shape.past) earlier keys in a window of \(shape.window ?? 0)")
    precondition(
      shape.positions.map { shape.group == 1 && $0.projected.columns == 2 * shape.heads * shape.headDimension } ?? true,
      "rows for distances of \(shape.positions?.projected.columns ?? 0) columns")
    let width = shape.heads * shape.headDimension
    let out = tensor(queryRows.rowCount, width, operand)
    let used = queryRows.usedRows
    memset(out.data + used * width * operand.size, 0, (out.rows - used) * width * operand.size)
    let work = AttentionWork(
      tape: self, query: query, key: key, value: value, queryRows: queryRows, keyRows: keyRows, shape: shape,
      mask: nextDropout(shape.dropout), out: out, logSums: arena.floats(shape.heads * max(1, used)))
    work.forward()
    if let attentionObserver {
      AttentionWeights.observe(query, key, queryRows, keyRows, shape, attentionObserver)
    }
    record("attention", touching: [out], products: work.tileOperations) {
      if out.hasGradient { work.backward() }
    }
    return out
  }
}

/// The loops of one attention operation.
struct AttentionWork {
  unowned let tape: Tape
  let query, key, value: HeadColumns
  let queryRows, keyRows: SequenceRows
  let shape: AttentionShape
  let mask: graft_dropout
  let out: Tensor
  /// Per query row, head by head: [used rows, heads].
  let logSums: UnsafeMutablePointer<Float>

  private var size: Int { tape.operand.size }
  private var d: Int { shape.headDimension }

  /// Scratch for the scores of the longest pair of sequences.
  private var scoreCount: Int {
    zip(queryRows.reserved, keyRows.reserved).map { $0 * $1 }.max() ?? 0
  }

  private func offset(_ columns: HeadColumns, _ row: Int, _ head: Int) -> Int {
    (row * columns.tensor.columns + columns.column + head * d) * size
  }

  private func rows(_ sequence: Int, _ head: Int) -> graft_attention_rows {
    let queries = queryRows.reserved[sequence]
    let stride = keyRows.reserved[sequence]
    // Every row gets as many runs of the mask as the longest sequence needs, so that no two rows share one.
    let runs = UInt64(((keyRows.reserved.max() ?? 0) + 127) / 128)
    let index = UInt64(queryRows.offsets[sequence] * shape.heads + head * queries)
    var bias: UnsafePointer<Float>?
    if let tensor = shape.bias {
      let center = tensor.columns / 2
      bias = UnsafePointer(
        tensor.data.assumingMemoryBound(to: Float.self) + head * tensor.columns + center)
    }
    let past = Int32(shape.past.isEmpty ? 0 : shape.past[sequence])
    return graft_attention_rows(
      queries: Int32(queries), keys: Int32(keyRows.lengths[sequence]), stride: Int32(stride),
      causal: shape.isCausal ? past : shape.window.map { Int32($0 - 1) } ?? Int32.max / 2,
      before: shape.window.map { Int32($0 - 1) - past } ?? Int32.max / 2,
      prefix: shape.isCausal && !queryRows.prefixes.isEmpty ? Int32(queryRows.prefixes[sequence]) : 0,
      scale: Float(shape.scale), bias: bias,
      dropout_first: index * runs * 128)
  }

  /// Whether a head is one call of a kernel that keeps everything in cache; else it is a product of the matrix
  /// library at a time.
  private var usesTiles: Bool {
    tape.operand == .bfloat16 && d % 32 == 0 && shape.positions == nil && graft_tiles_available()
  }

  /// Floating-point operations of the forward pass that the matrix library does not see.
  var tileOperations: Double {
    guard usesTiles else { return 0 }
    let scores = zip(queryRows.reserved, keyRows.reserved).reduce(0) { $0 + $1.0 * $1.1 }
    return 4 * Double(scores * shape.heads * d)
  }

  private func tileScratch() -> UnsafeMutableRawPointer {
    let bytes = graft_attention_scratch_bytes(
      Int64(queryRows.reserved.max() ?? 0), Int64(keyRows.reserved.max() ?? 0), Int64(d))
    return tape.arena.allocate(bytes: Int(bytes))
  }

  func forward() { if usesTiles { forwardOnTiles() } else { forwardByProducts() } }

  /// A head of one sequence.
  struct Head {
    let index: Int
    let queries, keys: Int
    /// Where it begins in an operand's memory and in the memory of its gradient, in bytes.
    let query, key, value, out: Int
    var rows: graft_attention_rows
    let logSums: UnsafeMutablePointer<Float>
  }

  private func forEachHead(_ body: (inout Head, inout graft_dropout) -> Void) {
    var mask = mask
    for sequence in queryRows.offsets.indices {
      let (q, k) = (queryRows.offsets[sequence], keyRows.offsets[sequence])
      let queries = queryRows.reserved[sequence]
      for index in 0..<shape.heads {
        var head = Head(
          index: index, queries: queries, keys: keyRows.reserved[sequence], query: offset(query, q, index),
          key: offset(key, k, index / shape.group), value: offset(value, k, index / shape.group),
          out: (q * out.columns + index * d) * size, rows: rows(sequence, index),
          logSums: logSums + q * shape.heads + index * queries)
        body(&head, &mask)
      }
    }
  }

  private func forwardOnTiles() {
    let mark = tape.arena.mark
    let scratch = tileScratch()
    forEachHead { head, mask in
      guard head.queries > 0 else { return }
      graft_attention_head(
        &head.rows, &mask, query.tensor.data + head.query, Int64(query.tensor.columns),
        key.tensor.data + head.key, Int64(key.tensor.columns), value.tensor.data + head.value,
        Int64(value.tensor.columns), Int64(d), out.data + head.out, Int64(out.columns), head.logSums, scratch)
    }
    tape.arena.release(to: mark)
  }

  private func forwardByProducts() {
    let mark = tape.arena.mark
    let scores = tape.arena.floats(scoreCount)
    let weights = tape.arena.allocate(tape.operand, count: scoreCount)
    forEachHead { head, mask in
      guard head.queries > 0 else { return }
      multiplyScores(head, into: scores)
      graft_attention_softmax(tape.operand.rawValue, &head.rows, &mask, scores, weights, head.logSums)
      tape.matrices.multiply(
        head.queries, d, head.keys, .rows(weights, stride: head.keys),
        .rows(value.tensor.data + head.value, stride: value.tensor.columns), into: out.data + head.out,
        resultStride: out.columns, operands: tape.operand, result: tape.operand, accumulate: false)
    }
    tape.arena.release(to: mark)
  }

  private func multiplyScores(_ head: Head, into scores: UnsafeMutablePointer<Float>) {
    tape.matrices.multiply(
      head.queries, head.keys, d, .rows(query.tensor.data + head.query, stride: query.tensor.columns),
      .transposed(key.tensor.data + head.key, stride: key.tensor.columns), into: scores,
      resultStride: head.keys, operands: tape.operand, result: .float32, accumulate: false)
    if let positions = shape.positions { addPositions(positions, head, to: scores) }
  }

  /// With P the softmax, M the dropout mask and W = M P: dV = Wᵀ dO; dS = P (M dO Vᵀ − δ), δ = rowsum(dO O);
  /// dQ = scale · dS K; dK = scale · dSᵀ Q.
  func backward() {
    guard let dOut = out.gradient else { return }
    let gradients = gradientBases()
    var dBias: UnsafeMutablePointer<Float>?
    if let bias = shape.bias { dBias = biasGradient(bias) }
    if usesTiles {
      backwardOnTiles(dOut, gradients, dBias)
    } else {
      backwardByProducts(dOut, gradients, dBias)
    }
  }

  typealias GradientBases = (
    query: UnsafeMutableRawPointer, key: UnsafeMutableRawPointer, value: UnsafeMutableRawPointer
  )

  // Both backward passes visit sequences without queries, too: the gradient of their keys and values is zero.

  private func backwardOnTiles(
    _ dOut: UnsafeMutableRawPointer, _ gradients: GradientBases, _ dBias: UnsafeMutablePointer<Float>?
  ) {
    let mark = tape.arena.mark
    let scratch = tileScratch()
    let delta = tape.arena.floats(queryRows.reserved.max() ?? 0)
    let sums = groupSums(gradients)
    forEachHead { head, mask in
      dotRows(dOut, head, into: delta)
      graft_attention_head_backward(
        &head.rows, &mask, query.tensor.data + head.query, Int64(query.tensor.columns),
        key.tensor.data + head.key, Int64(key.tensor.columns), value.tensor.data + head.value,
        Int64(value.tensor.columns), Int64(d), dOut + head.out, Int64(out.columns), head.logSums, delta,
        gradients.query + head.query, gradients.key + head.key, gradients.value + head.value,
        dBias.map { $0 + head.index * (shape.bias?.columns ?? 0) }, scratch)
      sums?.add(head)
    }
    tape.arena.release(to: mark)
  }

  private func backwardByProducts(
    _ dOut: UnsafeMutableRawPointer, _ gradients: GradientBases, _ dBias: UnsafeMutablePointer<Float>?
  ) {
    let positionSums = positionSums(gradients)
    let mark = tape.arena.mark
    let scores = tape.arena.floats(scoreCount)
    let dWeights = tape.arena.floats(scoreCount)
    let weights = tape.arena.allocate(tape.operand, count: scoreCount)
    let dScores = tape.arena.allocate(tape.operand, count: scoreCount)
    let delta = tape.arena.floats(queryRows.reserved.max() ?? 0)
    let type = tape.operand
    let sums = groupSums(gradients)
    forEachHead { head, mask in
      let (queries, keys) = (head.queries, head.keys)
      multiplyScores(head, into: scores)
      dotRows(dOut, head, into: delta)
      tape.matrices.multiply(
        queries, keys, d, .rows(dOut + head.out, stride: out.columns),
        .transposed(value.tensor.data + head.value, stride: value.tensor.columns), into: dWeights,
        resultStride: keys, operands: type, result: .float32, accumulate: false)
      graft_attention_softmax_backward(
        type.rawValue, &head.rows, &mask, scores, head.logSums, dWeights, delta, weights, dScores,
        dBias.map { $0 + head.index * (shape.bias?.columns ?? 0) })
      tape.matrices.multiply(
        keys, d, queries, .transposed(weights, stride: keys), .rows(dOut + head.out, stride: out.columns),
        into: gradients.value + head.value, resultStride: value.tensor.columns, operands: type,
        result: type, accumulate: false)
      if let positionSums {
        positionSums.add(head, dScores)
        return
      }
      tape.matrices.multiply(
        queries, d, keys, .rows(dScores, stride: keys),
        .rows(key.tensor.data + head.key, stride: key.tensor.columns), into: gradients.query + head.query,
        resultStride: query.tensor.columns, operands: type, result: type, accumulate: false)
      tape.matrices.multiply(
        keys, d, queries, .transposed(dScores, stride: keys),
        .rows(query.tensor.data + head.query, stride: query.tensor.columns), into: gradients.key + head.key,
        resultStride: key.tensor.columns, operands: type, result: type, accumulate: false)
      sums?.add(head)
    }
    positionSums?.finish()
    tape.arena.release(to: mark)
  }

  /// The gradients of keys and values that a group of query heads shares, added in f32 in the order of the heads.
  private struct GroupSums {
    let work: AttentionWork
    let gradients: GradientBases
    /// [keys, d] each.
    let key, value: UnsafeMutablePointer<Float>

    /// Takes up what `head` left in the memory of the gradients; after the last of a group the sum is there.
    func add(_ head: Head) {
      add(gradients.key + head.key, work.key.tensor.columns, to: key, head)
      add(gradients.value + head.value, work.value.tensor.columns, to: value, head)
    }

    private func add(
      _ gradient: UnsafeMutableRawPointer, _ columns: Int, to sum: UnsafeMutablePointer<Float>, _ head: Head
    ) {
      let (type, place) = (work.tape.operand, head.index % work.shape.group)
      let d = Int64(work.d)
      for row in 0..<head.keys {
        let (own, total) = (gradient + row * columns * type.size, sum + row * work.d)
        if place == 0 {
          graft_convert(type.rawValue, own, ElementType.float32.rawValue, total, d)
        } else {
          graft_add_elements(type.rawValue, total, own, d)
        }
        if place == work.shape.group - 1 {
          graft_convert(ElementType.float32.rawValue, total, type.rawValue, own, d)
        }
      }
    }
  }

  /// Nil where every query head has keys and values of its own.
  private func groupSums(_ gradients: GradientBases) -> GroupSums? {
    guard shape.group > 1 else { return nil }
    let count = (keyRows.reserved.max() ?? 0) * d
    return GroupSums(
      work: self, gradients: gradients, key: tape.arena.floats(count), value: tape.arena.floats(count))
  }

  /// δ = rowsum(dO O).
  private func dotRows(_ dOut: UnsafeMutableRawPointer, _ head: Head, into delta: UnsafeMutablePointer<Float>) {
    graft_row_dots(
      tape.operand.rawValue, dOut + head.out, Int64(out.columns), out.data + head.out,
      Int64(out.columns), delta, Int64(head.queries), Int64(d))
  }

  /// Gradient memory of the operands' tensors; queries, keys and values may share one. Rows without a sequence
  /// are cleared, the rest is overwritten.
  private func gradientBases() -> GradientBases {
    func base(_ columns: HeadColumns, _ rows: SequenceRows) -> UnsafeMutableRawPointer {
      let tensor = columns.tensor
      if tensor.hasGradient, let gradient = tensor.gradient { return gradient }
      let (pointer, _) = tape.gradientTarget(tensor)
      let stride = tensor.columns * size
      memset(pointer + rows.usedRows * stride, 0, (tensor.rows - rows.usedRows) * stride)
      return pointer
    }
    return (base(query, queryRows), base(key, keyRows), base(value, keyRows))
  }

  private func biasGradient(_ bias: Tensor) -> UnsafeMutablePointer<Float> {
    let (pointer, accumulate) = tape.gradientTarget(bias)
    if !accumulate { memset(pointer, 0, bias.count * 4) }
    return pointer.assumingMemoryBound(to: Float.self) + bias.columns / 2
  }
}
