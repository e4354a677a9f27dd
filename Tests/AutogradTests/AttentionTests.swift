import Compute
import Randomness
import Records
import TestSupport
import Testing

@testable import Autograd

/// Attention: kernels against the twin over lengths, masks, biases and dropout.
@Suite struct AttentionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var queries: [Int]
    var keys: [Int]
    var heads = 2
    /// As many as `heads` if nil.
    var keyValueHeads: Int?
    var headDimension = 5
    var isCausal = false
    /// All if nil.
    var window: Int?
    /// How many keys of each sequence come before its first query; none if empty.
    var past: [Int] = []
    var hasBias = false
    var scale = 1.0
    var dropout = 0.0
    var testDescription: String {
      "\(queries)×\(keys), \(heads)/\(keyValueHeads ?? heads)×\(headDimension), causal \(isCausal), "
        + "window \(window ?? 0), bias \(hasBias), drop \(dropout)"
    }
  }

  static let selfCases: [Case] = {
    var cases: [Case] = []
    for lengths in [[1], [3, 10], [8, 9, 1], [16], [0, 5, 17]] {
      for isCausal in [false, true] {
        cases.append(Case(queries: lengths, keys: lengths, isCausal: isCausal, scale: 0.5))
        cases.append(Case(queries: lengths, keys: lengths, isCausal: isCausal, hasBias: true))
        cases.append(
          Case(queries: lengths, keys: lengths, isCausal: isCausal, hasBias: true, scale: 0.7, dropout: 0.25))
      }
    }
    return cases
  }()

  static let crossCases = [
    Case(queries: [1], keys: [7]), Case(queries: [9, 2], keys: [1, 20], scale: 0.3),
    Case(queries: [3, 4, 5], keys: [0, 6, 11]), Case(queries: [0, 9], keys: [6, 5]),
    Case(queries: [4, 11], keys: [0, 0]),
    Case(queries: [9, 2, 12], keys: [3, 20, 0], heads: 3, headDimension: 7, dropout: 0.5),
    // Rows of more than 128 keys take several runs of the mask.
    Case(queries: [2, 3], keys: [130, 9], heads: 1, headDimension: 4, dropout: 0.25),
  ]

  /// Query heads that share keys and values.
  static let groupedCases: [Case] = {
    var cases: [Case] = []
    for lengths in [[1], [3, 10], [0, 5, 17]] {
      cases.append(Case(queries: lengths, keys: lengths, heads: 4, keyValueHeads: 2, isCausal: true, scale: 0.5))
      cases.append(
        Case(queries: lengths, keys: lengths, heads: 6, keyValueHeads: 2, hasBias: true, scale: 0.5, dropout: 0.25))
      cases.append(Case(queries: lengths, keys: lengths, heads: 3, keyValueHeads: 1, isCausal: true, hasBias: true))
      // Of the tile kernel where there are tiles.
      cases.append(
        Case(
          queries: lengths, keys: lengths, heads: 4, keyValueHeads: 2, headDimension: 32, isCausal: true, scale: 0.2))
    }
    return cases + [
      Case(queries: [0, 9], keys: [6, 5], heads: 4, keyValueHeads: 2),
      Case(queries: [4, 11], keys: [0, 0], heads: 2, keyValueHeads: 1),
    ]
  }()

  /// Head dimensions that the tile kernel takes where the processor has tiles: lengths around 16, 32 and 128.
  static let tileCases: [Case] = {
    var cases: [Case] = []
    for lengths in [[1], [15, 16, 17], [31, 40, 9, 1], [0, 33], [130, 3]] {
      cases.append(Case(queries: lengths, keys: lengths, headDimension: 32, hasBias: true, scale: 0.3))
      cases.append(
        Case(queries: lengths, keys: lengths, headDimension: 64, isCausal: true, scale: 0.1, dropout: 0.25))
    }
    return cases + [
      Case(
        queries: [9, 2, 12, 0], keys: [3, 50, 0, 7], heads: 3, headDimension: 32, scale: 0.3, dropout: 0.5),
      Case(queries: [20, 3], keys: [5, 129], headDimension: 64, scale: 0.1),
    ]
  }()

  /// Causal queries that see a few keys only: windows of one key, of some, and wider than a run of the dropout mask and
  /// than the sequence; with biases, dropout, shared heads, and heads of the tile kernel.
  static let windowCases: [Case] = {
    var cases: [Case] = []
    let lengths = [1, 17, 8, 40]
    // The gradient of a bias is what rounding leaves where there is one key to see.
    cases.append(Case(queries: lengths, keys: lengths, isCausal: true, window: 1, scale: 0.5, dropout: 0.25))
    for window in [2, 5, 16, 40] {
      cases.append(Case(queries: lengths, keys: lengths, isCausal: true, window: window, scale: 0.5))
      cases.append(
        Case(
          queries: lengths, keys: lengths, heads: 4, keyValueHeads: 2, isCausal: true, window: window, hasBias: true,
          scale: 0.7, dropout: 0.25))
      cases.append(
        Case(queries: lengths, keys: lengths, headDimension: 32, isCausal: true, window: window, scale: 0.3))
    }
    for window in [3, 130] {
      cases.append(
        Case(
          queries: [140, 3], keys: [140, 3], heads: 1, isCausal: true, window: window, hasBias: true, scale: 0.3,
          dropout: 0.25))
    }
    return cases
  }()

  /// The same for queries that see as many keys behind themselves as before.
  static let localCases: [Case] = windowCases.map { test in
    var test = test
    test.isCausal = false
    return test
  }

  /// The same behind keys of a segment before, none of them among.
  static let pastCases: [Case] = {
    var cases: [Case] = []
    for (window, past) in [(2, [1, 0, 1]), (5, [4, 0, 2]), (20, [19, 3, 8]), (60, [40, 0, 11])] {
      let queries = [6, 17, 1]
      let keys = zip(queries, past).map { $0 + $1 }
      for dimension in [5, 32] {
        cases.append(
          Case(
            queries: queries, keys: keys, headDimension: dimension, isCausal: true, window: window, past: past,
            scale: 0.4, dropout: dimension == 5 ? 0.25 : 0))
      }
    }
    cases.append(Case(queries: [3, 0], keys: [8, 2], isCausal: true, past: [5, 2], scale: 0.5))
    return cases
  }()

  private static let key = RandomKey(seed: 17)

  private func rows(_ lengths: [Int]) -> SequenceRows {
    var sequences = TokenSequences()
    for length in lengths { sequences.append([TokenID](repeating: 1, count: length)) }
    return SequenceRows(sequences)
  }

  private func twin(_ test: Case, _ queryRows: SequenceRows, _ keyRows: SequenceRows) -> Twin {
    var shape = AttentionCase(
      heads: test.heads, keyValueHeads: test.keyValueHeads, headDimension: test.headDimension,
      isCausal: test.isCausal, window: test.window, past: test.past, scale: test.scale, hasBias: test.hasBias,
      queryOffsets: queryRows.offsets,
      queryLengths: queryRows.lengths,
      keyOffsets: keyRows.offsets, keyLengths: keyRows.lengths, queryRowCount: queryRows.rowCount)
    if test.dropout > 0 {
      // Each head of each sequence has as many rows as the sequence reserves, and each row as many runs of
      // 128 as the longest sequence needs; the rows of one head lie as close as its own keys allow.
      let drop = DropoutTwin(step: Self.key, draw: 0, probability: test.dropout)
      let runs = ((keyRows.reserved.max() ?? 0) + 127) / 128
      shape.mask = { sequence, head, query, key in
        let first = queryRows.offsets[sequence] * test.heads + head * queryRows.reserved[sequence]
        let own = (keyRows.reserved[sequence] + 127) / 128
        return drop.multiplier((first * runs + query * own) * 128 + key)
      }
    }
    return .attention(shape)
  }

  /// Upstream gradients at the rows of sequences; spare rows get none in a model.
  private func upstream(_ rows: SequenceRows, _ columns: Int, _ type: ElementType) -> DoubleMatrix {
    var matrix = DoubleMatrix.random(rows.rowCount, columns, seed: 8, type: type)
    for row in 0..<rows.rowCount where rows.tokens[row] < 0 {
      for c in 0..<columns { matrix[row, c] = 0 }
    }
    return matrix
  }

  /// - Parameter packed: whether query, key and value are columns of one tensor, as in self-attention.
  private func check(_ test: Case, _ precision: Precision, packed: Bool) throws {
    let lab = try TapeLaboratory(precision, training: true, key: Self.key)
    let queryRows = rows(test.queries)
    let keyRows = rows(test.keys)
    let width = test.heads * test.headDimension
    let keyWidth = (test.keyValueHeads ?? test.heads) * test.headDimension
    let type = lab.operand
    var inputs = [
      DoubleMatrix.random(queryRows.rowCount, width, seed: 1, type: type, scale: 1.5),
      .random(keyRows.rowCount, keyWidth, seed: 2, type: type, scale: 1.5),
      .random(keyRows.rowCount, keyWidth, seed: 3, type: type),
    ]
    var biasTensor: Tensor?
    if test.hasBias {
      let longest = max(queryRows.reserved.max() ?? 0, keyRows.reserved.max() ?? 0, 1)
      inputs.append(.random(test.heads, 2 * longest - 1, seed: 4))
      biasTensor = lab.tensor(inputs[3], .float32)
    }
    let tensors: [Tensor]
    let columns: [Int]
    if packed {
      let whole = DoubleMatrix(
        queryRows.rowCount, width + 2 * keyWidth,
        (0..<queryRows.rowCount).flatMap { row in inputs[0..<3].flatMap { $0.rows([row]).values } })
      tensors = [Tensor](repeating: lab.tensor(whole), count: 3)
      columns = [0, width, width + keyWidth]
    } else {
      tensors = inputs[0..<3].map { lab.tensor($0) }
      columns = [0, 0, 0]
    }
    var shape = AttentionShape(
      heads: test.heads, keyValueHeads: test.keyValueHeads, headDimension: test.headDimension,
      isCausal: test.isCausal, window: test.window, scale: test.scale, bias: biasTensor, dropout: test.dropout)
    shape.past = test.past
    let out = lab.tape.attention(
      query: HeadColumns(tensors[0], column: columns[0]), key: HeadColumns(tensors[1], column: columns[1]),
      value: HeadColumns(tensors[2], column: columns[2]), queryRows: queryRows, keyRows: keyRows, shape)
    let twin = twin(test, queryRows, keyRows)
    let tolerance = TapeLaboratory.tolerance(precision)
    let tokens = queryRows.tokenRows.map { Int($0) }
    #expect(
      relativeDifference(lab.value(out).rows(tokens), twin.forward(inputs).rows(tokens)) < tolerance, "output"
    )
    let finite = lab.value(out).values.allSatisfy { $0.isFinite }
    #expect(finite)

    let upstream = upstream(queryRows, width, type)
    lab.backward(out, upstream)
    let expected = twin.backward(inputs, upstream)
    // Gradients are differences of terms as large as the upstream gradient, 1; where they cancel (one key),
    // the rounding of the terms is left.
    let floor = precision == .f32 ? 0.1 : 1
    for (i, name) in ["query", "key", "value"].enumerated() {
      let whole = lab.gradient(tensors[i])
      var part = DoubleMatrix(whole.rows, expected[i].columns)
      for row in 0..<whole.rows { for c in 0..<part.columns { part[row, c] = whole[row, columns[i] + c] } }
      #expect(relativeDifference(part, expected[i], floor: floor) < tolerance, "\(name)")
    }
    if let biasTensor {
      #expect(relativeDifference(lab.gradient(biasTensor), expected[3], floor: floor) < tolerance, "bias")
    }
  }

  @Test(.tags(.slow), arguments: TapeLaboratory.precisions, selfCases)
  func selfAttention(_ precision: Precision, _ test: Case) throws {
    try check(test, precision, packed: true)
  }

  @Test(arguments: TapeLaboratory.precisions, crossCases)
  func crossAttention(_ precision: Precision, _ test: Case) throws {
    try check(test, precision, packed: false)
  }

  @Test(.tags(.slow), arguments: TapeLaboratory.precisions, tileCases)
  func headsOfManyDimensions(_ precision: Precision, _ test: Case) throws {
    try check(test, precision, packed: test.queries == test.keys)
  }

  @Test(.tags(.slow), arguments: TapeLaboratory.precisions, groupedCases)
  func groupsOfHeads(_ precision: Precision, _ test: Case) throws {
    try check(test, precision, packed: test.queries == test.keys)
  }

  @Test(.tags(.slow), arguments: TapeLaboratory.precisions, windowCases)
  func windows(_ precision: Precision, _ test: Case) throws {
    try check(test, precision, packed: true)
  }

  @Test(.tags(.slow), arguments: TapeLaboratory.precisions, localCases)
  func windowsOnBothSides(_ precision: Precision, _ test: Case) throws {
    try check(test, precision, packed: true)
  }

  @Test(.tags(.slow), arguments: TapeLaboratory.precisions, pastCases)
  func earlierKeys(_ precision: Precision, _ test: Case) throws {
    try check(test, precision, packed: false)
  }

  /// A query over kept keys and values is the last of its sequence.
  @Test(arguments: TapeLaboratory.precisions, [[2, 2], [4, 2], [3, 1]])
  func cachedAttention(_ precision: Precision, _ heads: [Int]) throws {
    let lab = try TapeLaboratory(precision, recording: false)
    let (lengths, d) = ([1, 9, 4], 5)
    let test = Case(
      queries: lengths, keys: lengths, heads: heads[0], keyValueHeads: heads[1], isCausal: true, hasBias: true,
      scale: 0.6)
    let whole = rows(lengths)
    let keyWidth = heads[1] * d
    let inputs = [
      DoubleMatrix.random(whole.rowCount, heads[0] * d, seed: 1, type: lab.operand),
      .random(whole.rowCount, keyWidth, seed: 2, type: lab.operand),
      .random(whole.rowCount, keyWidth, seed: 3, type: lab.operand), .random(heads[0], 31, seed: 4),
    ]
    let last = zip(whole.offsets, whole.lengths).map { $0 + $1 - 1 }
    let (keys, values) = (lab.tensor(inputs[1]), lab.tensor(inputs[2]))
    let kept = zip(whole.offsets, lengths).map { offset, length in
      let first = offset * keyWidth * lab.operand.size
      return CachedPositions(keys: keys.data + first, values: values.data + first, stride: keyWidth, count: length)
    }
    var next = TokenSequences()
    for _ in lengths { next.append([1]) }
    let out = lab.tape.cachedAttention(
      query: HeadColumns(lab.tensor(inputs[0].rows(last)), column: 0),
      rows: SequenceRows(next, after: lengths.map { $0 - 1 }), over: kept,
      AttentionShape(
        heads: heads[0], keyValueHeads: heads[1], headDimension: d, isCausal: true, scale: 0.6,
        bias: lab.tensor(inputs[3], .float32), dropout: 0))
    let expected = twin(test, whole, whole).forward(inputs).rows(last)
    #expect(relativeDifference(lab.value(out), expected) < TapeLaboratory.tolerance(precision))
  }

  /// Scores far apart or far from zero neither overflow nor lose the softmax.
  @Test func largeScores() throws {
    let lab = try TapeLaboratory(.f32)
    let rows = rows([3])
    let query = DoubleMatrix(16, 1, [100, -100, 50] + [Double](repeating: 0, count: 13))
    let key = DoubleMatrix(16, 1, [10, -10, 9.9] + [Double](repeating: 0, count: 13))
    let value = DoubleMatrix.random(16, 1, seed: 1)
    let tensors = [query, key, value].map { lab.tensor($0) }
    let test = Case(queries: [3], keys: [3], heads: 1, headDimension: 1)
    let out = lab.tape.attention(
      query: HeadColumns(tensors[0], column: 0), key: HeadColumns(tensors[1], column: 0),
      value: HeadColumns(tensors[2], column: 0), queryRows: rows, keyRows: rows,
      AttentionShape(heads: 1, headDimension: 1, isCausal: false, scale: 1, bias: nil, dropout: 0))
    let twin = twin(test, rows, rows)
    let expected = twin.forward([query, key, value]).rows([0, 1, 2])
    #expect(relativeDifference(lab.value(out).rows([0, 1, 2]), expected) < 1e-4)
    let upstream = upstream(rows, 1, .float32)
    lab.backward(out, upstream)
    let gradients = twin.backward([query, key, value], upstream)
    for (tensor, gradient) in zip(tensors, gradients) {
      #expect(relativeDifference(lab.gradient(tensor), gradient) < 1e-3)
    }
  }
}
