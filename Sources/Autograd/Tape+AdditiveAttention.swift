import CKernels
import Compute
import Foundation

extension Tape {
  /// Attention by the additive score v · tanh(q + k) (Bahdanau et al. 2015, A.1.2), where q and k were multiplied by
  /// matrices before: the mean of the values by the softmax of the scores over the keys.
  ///
  /// The backward pass computes the tanh of each pair again instead of storing it. Result [query rows, value columns]
  /// in the operand type; rows that belong to no sequence are zero, and those of sequences without keys.
  /// - Parameters:
  ///   - query: [N, A] in the operand type.
  ///   - key: A columns of the keys.
  ///   - value: the columns of the values, of the same tensor or another with the same rows.
  ///   - width: how many these are.
  ///   - vector: v, [A].
  ///   - sources: the sequence of `keyRows` that each sequence of queries attends to; nil for its own.
  /// - Precondition: no other operation reads the query, or the columns of keys and values; and nothing is recorded
  ///   where there are sources.
  public func additiveAttention(
    query: Tensor, key: HeadColumns, value: HeadColumns, width: Int, vector: Parameter, queryRows: SequenceRows,
    keyRows: SequenceRows, sources: [Int]? = nil
  ) -> Tensor {
    precondition(
      query.rows == queryRows.rowCount && key.tensor.rows == keyRows.rowCount && value.tensor.rows == keyRows.rowCount
        && query.columns == vector.count && query.type == operand,
      "additive attention: query [\(query.rows), \(query.columns)] \(query.type), vector of \(vector.count)")
    precondition(sources == nil || !isRecording, "attention to sequences of others' choice has no backward pass")
    let sources = sources ?? Array(queryRows.offsets.indices)
    precondition(
      sources.count == queryRows.offsets.count && sources.allSatisfy(keyRows.offsets.indices.contains),
      "additive attention: \(queryRows.offsets.count) query and \(keyRows.offsets.count) key sequences")
    let work = AdditiveWork(
      tape: self, query: query, key: key, value: value, vector: vector, queryRows: queryRows, keyRows: keyRows,
      sources: sources, out: tensor(queryRows.rowCount, width, operand, zeroed: true))
    work.forward()
    if let attentionObserver { work.observe(attentionObserver) }
    record("additive attention", touching: [query, work.out]) {
      if work.out.hasGradient { work.backward() }
    }
    return work.out
  }
}

/// The loops of one additive attention operation.
private struct AdditiveWork {
  unowned let tape: Tape
  let query: Tensor
  let key, value: HeadColumns
  let vector: Parameter
  let queryRows, keyRows: SequenceRows
  let sources: [Int]
  let out: Tensor
  /// The scores of all sequences, [queries, reserved keys] each, one after another.
  private let scores: UnsafeMutablePointer<Float>
  /// The logarithms of the softmaxes' denominators, by query row.
  private let logSums: UnsafeMutablePointer<Float>

  private var size: Int { tape.operand.size }
  private var type: ElementType { tape.operand }
  private var columns: Int { query.columns }
  private var width: Int { out.columns }

  init(
    tape: Tape, query: Tensor, key: HeadColumns, value: HeadColumns, vector: Parameter, queryRows: SequenceRows,
    keyRows: SequenceRows, sources: [Int], out: Tensor
  ) {
    (self.tape, self.query, self.key, self.value, self.vector) = (tape, query, key, value, vector)
    (self.queryRows, self.keyRows, self.sources, self.out) = (queryRows, keyRows, sources, out)
    let pairs = zip(queryRows.lengths, sources).reduce(0) { $0 + $1.0 * keyRows.reserved[$1.1] }
    scores = tape.arena.floats(pairs)
    logSums = tape.arena.floats(queryRows.rowCount)
  }

  /// One sequence's queries and the keys they attend to.
  private struct Pair {
    let queries, keys: Int
    /// With the spare rows: the shapes of products repeat.
    let reservedQueries, reservedKeys: Int
    /// The first rows.
    let queryRow, keyRow: Int
    let sequence: Int
    let scores, logSums: UnsafeMutablePointer<Float>
    var rows: graft_attention_rows
    var mask = graft_dropout(key0: 0, key1: 0, threshold: 0, scale: 1)
  }

  private func forEachPair(_ body: (inout Pair) -> Void) {
    var scores = scores
    for (sequence, source) in sources.enumerated() {
      let (queries, keys) = (queryRows.lengths[sequence], keyRows.lengths[source])
      let (offset, stride) = (queryRows.offsets[sequence], keyRows.reserved[source])
      var pair = Pair(
        queries: queries, keys: keys, reservedQueries: queryRows.reserved[sequence], reservedKeys: stride,
        queryRow: offset, keyRow: keyRows.offsets[source], sequence: sequence, scores: scores,
        logSums: logSums + offset,
        rows: graft_attention_rows(
          queries: Int32(queries), keys: Int32(keys), stride: Int32(stride), causal: Int32.max / 2,
          before: Int32.max / 2, prefix: 0, scale: 1, bias: nil, dropout_first: 0))
      body(&pair)
      scores += queries * stride
    }
  }

  /// Scratch for the pairs of one sequence.
  private var pairCount: Int {
    zip(queryRows.reserved, sources).map { $0 * keyRows.reserved[$1] }.max() ?? 0
  }

  private func place(_ columns: HeadColumns, _ row: Int) -> UnsafeMutableRawPointer {
    columns.tensor.data + offset(columns, row)
  }

  private func offset(_ columns: HeadColumns, _ row: Int) -> Int {
    (row * columns.tensor.columns + columns.column) * size
  }

  func forward() {
    let mark = tape.arena.mark
    let exponentials = tape.arena.floats(pairCount)
    let weights = tape.arena.allocate(type, count: pairCount)
    forEachPair { pair in
      guard pair.queries > 0, pair.keys > 0 else { return }
      graft_additive_scores(
        type.rawValue, query.data + pair.queryRow * columns * size, Int64(columns), place(key, pair.keyRow),
        Int64(key.tensor.columns), tape.values(vector), pair.scores, Int64(pair.reservedKeys), Int64(pair.queries),
        Int64(pair.keys), Int64(columns))
      exponentials.update(from: pair.scores, count: pair.queries * pair.reservedKeys)
      graft_attention_softmax(type.rawValue, &pair.rows, &pair.mask, exponentials, weights, pair.logSums)
      clearSpareRows(of: weights, pair)
      tape.matrices.multiply(
        pair.reservedQueries, width, pair.reservedKeys, .rows(weights, stride: pair.reservedKeys),
        .rows(place(value, pair.keyRow), stride: value.tensor.columns), into: out.data + pair.queryRow * width * size,
        resultStride: width, operands: type, result: type, accumulate: false)
    }
    tape.arena.release(to: mark)
  }

  private func clearSpareRows(of weights: UnsafeMutableRawPointer, _ pair: Pair) {
    memset(
      weights + pair.queries * pair.reservedKeys * size, 0,
      (pair.reservedQueries - pair.queries) * pair.reservedKeys * size)
  }

  /// With P the softmax: dV = Pᵀ dO; dS = P (dO Vᵀ − δ), δ = rowsum(dO O); and of every pair, with t = tanh(q + k),
  /// dv += dS t, dq and dk += dS v (1 − t²).
  func backward() {
    guard let dOut = out.gradient else { return }
    let (dQuery, accumulates) = tape.gradientTarget(query)
    precondition(!accumulates && query.gradientType == type, "additive attention: others read its query")
    let (dKey, dValue) = (gradient(of: key.tensor), gradient(of: value.tensor))
    // Rows of no sequence have none.
    memset(dQuery, 0, query.count * size)
    let dVector = tape.gradientOrScratch(vector)
    let mark = tape.arena.mark
    let dWeights = tape.arena.floats(pairCount)
    let weights = tape.arena.allocate(type, count: pairCount)
    let dScores = tape.arena.allocate(type, count: pairCount)
    let delta = tape.arena.floats(queryRows.reserved.max() ?? 0)
    let queries = tape.arena.floats((queryRows.lengths.max() ?? 0) * columns)
    let keys = tape.arena.floats((keyRows.reserved.max() ?? 0) * columns)
    forEachPair { pair in
      keys.update(repeating: 0, count: pair.reservedKeys * columns)
      let dValues = dValue + offset(value, pair.keyRow)
      let own = dOut + pair.queryRow * width * size
      if pair.queries > 0, pair.keys > 0 {
        softmaxBackward(&pair, own, dWeights, delta, weights, dScores)
        graft_additive_scores_backward(
          type.rawValue, query.data + pair.queryRow * columns * size, Int64(columns), place(key, pair.keyRow),
          Int64(key.tensor.columns), tape.values(vector), dScores, Int64(pair.reservedKeys), queries, keys, dVector,
          Int64(pair.queries), Int64(pair.keys), Int64(columns))
        graft_convert(
          ElementType.float32.rawValue, queries, type.rawValue, dQuery + pair.queryRow * columns * size,
          Int64(pair.queries * columns))
        tape.matrices.multiply(
          pair.reservedKeys, width, pair.reservedQueries, .transposed(weights, stride: pair.reservedKeys),
          .rows(own, stride: width), into: dValues, resultStride: value.tensor.columns, operands: type, result: type,
          accumulate: false)
      } else {
        for row in 0..<pair.reservedKeys { memset(dValues + row * value.tensor.columns * size, 0, width * size) }
      }
      for row in 0..<pair.reservedKeys {
        graft_convert(
          ElementType.float32.rawValue, keys + row * columns, type.rawValue, dKey + offset(key, pair.keyRow + row),
          Int64(columns))
      }
    }
    tape.arena.release(to: mark)
  }

  private func softmaxBackward(
    _ pair: inout Pair, _ dOut: UnsafeMutableRawPointer, _ dWeights: UnsafeMutablePointer<Float>,
    _ delta: UnsafeMutablePointer<Float>, _ weights: UnsafeMutableRawPointer, _ dScores: UnsafeMutableRawPointer
  ) {
    graft_row_dots(
      type.rawValue, dOut, Int64(width), out.data + pair.queryRow * width * size, Int64(width), delta,
      Int64(pair.queries), Int64(width))
    tape.matrices.multiply(
      pair.reservedQueries, pair.reservedKeys, width, .rows(dOut, stride: width),
      .transposed(place(value, pair.keyRow), stride: value.tensor.columns), into: dWeights,
      resultStride: pair.reservedKeys, operands: type, result: .float32, accumulate: false)
    graft_attention_softmax_backward(
      type.rawValue, &pair.rows, &pair.mask, pair.scores, pair.logSums, dWeights, delta, weights, dScores, nil)
    clearSpareRows(of: weights, pair)
  }

  /// The memory of a gradient of which this operation writes columns, which keys and values may share; zero in rows of
  /// no sequence.
  private func gradient(of tensor: Tensor) -> UnsafeMutableRawPointer {
    if tensor.hasGradient, let gradient = tensor.gradient { return gradient }
    precondition(tensor.gradientType == type, "additive attention: others read its keys or values")
    let (pointer, _) = tape.gradientTarget(tensor)
    let stride = tensor.columns * size
    memset(pointer + keyRows.usedRows * stride, 0, (tensor.rows - keyRows.usedRows) * stride)
    return pointer
  }

  /// Tells the weights of every sequence, of one head.
  func observe(_ observer: (AttentionWeights) -> Void) {
    forEachPair { pair in
      var values: [Float] = []
      for query in 0..<pair.queries {
        for key in 0..<pair.keys {
          values.append(exp(pair.scores[query * pair.reservedKeys + key] - pair.logSums[query]))
        }
      }
      observer(
        AttentionWeights(
          sequence: pair.sequence, heads: 1, queries: pair.queries, keys: pair.keys, isCausal: false, values: values))
    }
  }
}
