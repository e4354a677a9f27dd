import Foundation
import Randomness
import Records
import Testing

@testable import Autograd

/// What an observer is told is what the operation computes with.
@Suite struct AttentionWeightsTests {
  private func rows(_ lengths: [Int], prefixes: [Int] = []) -> SequenceRows {
    var sequences = TokenSequences()
    for length in lengths { sequences.append([TokenID](repeating: 1, count: length)) }
    sequences.prefixes = prefixes
    return SequenceRows(sequences)
  }

  struct Case: Sendable {
    var queries: [Int]
    var keys: [Int]
    var isCausal = false
    var window: Int?
    var hasBias = false
    var prefixes: [Int] = []
    var keyValueHeads = 2
    var distances: DisentangledDistances?
  }

  static let cases = [
    Case(queries: [3, 10], keys: [3, 10], distances: DisentangledDistances(buckets: 4, maximum: 9)),
    Case(queries: [3, 10], keys: [3, 10], hasBias: true),
    Case(queries: [5, 1, 9], keys: [5, 1, 9], isCausal: true, hasBias: true),
    Case(queries: [6, 9], keys: [6, 9], isCausal: true, prefixes: [4, 9]),
    Case(queries: [6, 9], keys: [6, 9], isCausal: true, window: 3, hasBias: true),
    Case(queries: [6, 9], keys: [6, 9], window: 2), Case(queries: [2, 9], keys: [7, 20]),
    Case(queries: [3, 9], keys: [3, 9], isCausal: true, keyValueHeads: 1),
  ]

  /// The operation's output is the values by the weights, whose rows sum up to 1.
  @Test(arguments: cases) func weightsTimesValuesAreTheOutput(_ test: Case) throws {
    let (heads, d) = (2, 5)
    let lab = try TapeLaboratory(.f32, recording: false)
    let (queryRows, keyRows) = (rows(test.queries, prefixes: test.prefixes), rows(test.keys))
    let matrices = [
      DoubleMatrix.random(queryRows.rowCount, heads * d, seed: 1),
      .random(keyRows.rowCount, test.keyValueHeads * d, seed: 2),
      .random(keyRows.rowCount, test.keyValueHeads * d, seed: 3),
    ]
    let tensors = matrices.map { lab.tensor($0) }
    let longest = max(queryRows.reserved.max() ?? 1, keyRows.reserved.max() ?? 1)
    let bias = test.hasBias ? lab.tensor(.random(heads, 2 * longest - 1, seed: 4), .float32) : nil
    var seen: [AttentionWeights] = []
    lab.tape.attentionObserver = { seen.append($0) }
    var shape = AttentionShape(
      heads: heads, keyValueHeads: test.keyValueHeads, headDimension: d, isCausal: test.isCausal, window: test.window,
      scale: 0.4, bias: bias, dropout: 0)
    shape.positions = test.distances.map { distances in
      let count = distances.rows(length: queryRows.reach).count
      return DisentangledPositions(
        lab.tensor(.random(count, 2 * heads * d, seed: 5)), distances, reach: queryRows.reach)
    }
    let out = lab.tape.attention(
      query: HeadColumns(tensors[0], column: 0), key: HeadColumns(tensors[1], column: 0),
      value: HeadColumns(tensors[2], column: 0), queryRows: queryRows, keyRows: keyRows,
      shape)
    let result = lab.value(out)
    #expect(seen.map(\.sequence) == Array(test.queries.indices))
    #expect(seen.map(\.queries) == test.queries && seen.map(\.keys) == test.keys)
    for weights in seen {
      #expect(weights.isCausal == test.isCausal && weights.heads == heads)
      for query in 0..<weights.queries {
        #expect(abs(weights.mean(query: query).reduce(0, +) - 1) < 1e-6)
        for head in 0..<heads {
          for c in head * d..<(head + 1) * d {
            let mixed = (0..<weights.keys).reduce(0.0) { sum, key in
              let column = test.keyValueHeads == heads ? c : c % d
              let value = matrices[2][keyRows.offsets[weights.sequence] + key, column]
              return sum + Double(weights[head, query, key]) * value
            }
            #expect(abs(mixed - result[queryRows.offsets[weights.sequence] + query, c]) < 1e-5)
          }
        }
      }
    }
  }

  /// One head of one dimension: softmax(½ · 2 · (1, 3) + (0.5, 0)) = softmax(1.5, 3).
  @Test func workedExample() throws {
    let lab = try TapeLaboratory(.f32, recording: false)
    let (queryRows, keyRows) = (rows([1]), rows([2]))
    func column(_ values: [Double], _ rows: Int) -> Tensor {
      lab.tensor(DoubleMatrix(rows, 1, values + [Double](repeating: 9, count: rows - values.count)))
    }
    var seen: [AttentionWeights] = []
    lab.tape.attentionObserver = { seen.append($0) }
    _ = lab.tape.attention(
      query: HeadColumns(column([2], queryRows.rowCount), column: 0),
      key: HeadColumns(column([1, 3], keyRows.rowCount), column: 0),
      value: HeadColumns(column([1, 1], keyRows.rowCount), column: 0), queryRows: queryRows, keyRows: keyRows,
      AttentionShape(
        heads: 1, headDimension: 1, isCausal: false, scale: 0.5,
        bias: lab.tensor(DoubleMatrix(1, 3, [7, 0.5, 0]), .float32), dropout: 0))
    let weights = try #require(seen.first)
    let first = 1 / (1 + exp(1.5))
    #expect(
      abs(Double(weights[0, 0, 0]) - first) < 1e-6 && abs(Double(weights[0, 0, 1]) - (1 - first)) < 1e-6)
  }

  /// Later positions weigh nothing, but those of a prefix that is read from both sides.
  @Test func hiddenKeysWeighNothing() throws {
    let lab = try TapeLaboratory(.f32, recording: false)
    let rows = rows([4], prefixes: [2])
    let tensor = lab.tensor(.random(rows.rowCount, 3, seed: 5))
    var seen: [AttentionWeights] = []
    lab.tape.attentionObserver = { seen.append($0) }
    _ = lab.tape.attention(
      query: HeadColumns(tensor, column: 0), key: HeadColumns(tensor, column: 1),
      value: HeadColumns(tensor, column: 2), queryRows: rows, keyRows: rows,
      AttentionShape(heads: 1, headDimension: 1, isCausal: true, scale: 1, bias: nil, dropout: 0))
    let weights = try #require(seen.first)
    let visible = (0..<4).map { query in (0..<4).map { weights[0, query, $0] > 0 } }
    #expect(
      visible == [
        [true, true, false, false], [true, true, false, false], [true, true, true, false],
        [true, true, true, true],
      ])
  }
}
