import Compute
import Foundation
import Randomness
import Records
import TestSupport
import Testing

@testable import Autograd

/// Attention that tells distances apart: kernels against the twin, and rows of distances against transformers.
@Suite struct DisentangledAttentionTests {
  struct Case: Sendable {
    var lengths: [Int]
    var distances: DisentangledDistances
    var heads = 2
    var headDimension = 5
    var isCausal = false
    var dropout = 0.0
  }

  static let cases: [Case] = {
    let bucketed = DisentangledDistances(buckets: 6, maximum: 20)
    var cases: [Case] = []
    for lengths in [[1], [3, 10], [8, 9, 1], [0, 5, 17], [40]] {
      cases.append(Case(lengths: lengths, distances: bucketed))
      cases.append(Case(lengths: lengths, distances: DisentangledDistances(buckets: nil, maximum: 4), heads: 3))
      cases.append(Case(lengths: lengths, distances: bucketed, isCausal: true, dropout: 0.25))
    }
    // Of a dimension that the tile kernel would take.
    return cases + [Case(lengths: [33, 2], distances: bucketed, headDimension: 32)]
  }()

  private static let key = RandomKey(seed: 17)

  private func rows(_ lengths: [Int]) -> SequenceRows {
    var sequences = TokenSequences()
    for length in lengths { sequences.append([TokenID](repeating: 1, count: length)) }
    return SequenceRows(sequences)
  }

  @Test(arguments: TapeLaboratory.precisions, cases) func kernelsAreTheTwin(_ precision: Precision, _ test: Case) throws
  {
    let lab = try TapeLaboratory(precision, training: true, key: Self.key)
    let rows = rows(test.lengths)
    let width = test.heads * test.headDimension
    let needed = test.distances.rows(length: rows.reach)
    let type = lab.operand
    let inputs = [
      DoubleMatrix.random(rows.rowCount, width, seed: 1, type: type, scale: 1.5),
      .random(rows.rowCount, width, seed: 2, type: type, scale: 1.5),
      .random(rows.rowCount, width, seed: 3, type: type),
      .random(needed.count, 2 * width, seed: 4, type: type),
    ]
    let tensors = inputs.map { lab.tensor($0) }
    var shape = AttentionShape(
      heads: test.heads, headDimension: test.headDimension, isCausal: test.isCausal, scale: 0.4, bias: nil,
      dropout: test.dropout)
    shape.positions = DisentangledPositions(tensors[3], test.distances, reach: rows.reach)
    let out = lab.tape.attention(
      query: HeadColumns(tensors[0], column: 0), key: HeadColumns(tensors[1], column: 0),
      value: HeadColumns(tensors[2], column: 0), queryRows: rows, keyRows: rows, shape)
    var twinCase = AttentionCase(
      heads: test.heads, headDimension: test.headDimension, isCausal: test.isCausal, scale: 0.4,
      rowOfDistance: { test.distances.row($0) - needed.lowerBound }, queryOffsets: rows.offsets,
      queryLengths: rows.lengths, keyOffsets: rows.offsets, keyLengths: rows.lengths, queryRowCount: rows.rowCount)
    if test.dropout > 0 {
      let drop = DropoutTwin(step: Self.key, draw: 0, probability: test.dropout)
      twinCase.mask = { sequence, head, query, key in
        let first = rows.offsets[sequence] * test.heads + head * rows.reserved[sequence]
        return drop.multiplier((first + query) * 128 + key)
      }
    }
    let twin = Twin.attention(twinCase)
    let tolerance = TapeLaboratory.tolerance(precision)
    let tokens = rows.tokenRows.map { Int($0) }
    #expect(relativeDifference(lab.value(out).rows(tokens), twin.forward(inputs).rows(tokens)) < tolerance)
    var upstream = DoubleMatrix.random(rows.rowCount, width, seed: 8, type: type)
    for row in 0..<rows.rowCount where rows.tokens[row] < 0 { for c in 0..<width { upstream[row, c] = 0 } }
    lab.backward(out, upstream)
    let floor = precision == .f32 ? 0.1 : 1
    for ((tensor, expected), name) in zip(
      zip(tensors, twin.backward(inputs, upstream)), ["query", "key", "value", "distances"])
    {
      #expect(relativeDifference(lab.gradient(tensor), expected, floor: floor) < tolerance, "\(name)")
    }
  }

  @Test func theTwinIsItsDifferences() {
    let distances = DisentangledDistances(buckets: nil, maximum: 2)
    let shape = AttentionCase(
      heads: 2, headDimension: 3, scale: 0.7, rowOfDistance: distances.row, queryOffsets: [0, 3], queryLengths: [3, 2],
      keyOffsets: [0, 3], keyLengths: [3, 2], queryRowCount: 5)
    let inputs = (0..<3).map { DoubleMatrix.random(5, 6, seed: 1 + $0) } + [.random(4, 12, seed: 4)]
    #expect(Twin.attention(shape).gradientError(at: inputs) < 1e-7)
  }

  @Test func rowsAsWorkedOut() {
    let distances = DisentangledDistances(buckets: 4, maximum: 8)
    #expect([-1, 0, 2, 3, 7, 100].map(distances.row) == [3, 4, 6, 7, 7, 7])
    #expect(distances.rowCount == 8 && distances.rows(length: 1) == 4..<5 && distances.rows(length: 4) == 1..<8)
  }

  /// From models/distances.json: what transformers makes of every distance.
  @Test func rowsAreThoseOfTransformers() throws {
    struct Table: Decodable {
      var buckets, maximum: Int
      /// From distance 1 − length on.
      var rows: [Int]
    }
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/models/distances.json")
    for table in try JSONDecoder().decode([Table].self, from: Data(contentsOf: path)) {
      let distances = DisentangledDistances(buckets: table.buckets > 0 ? table.buckets : nil, maximum: table.maximum)
      let length = (table.rows.count + 1) / 2
      #expect((1 - length..<length).map(distances.row) == table.rows, "\(table.buckets) of \(table.maximum)")
    }
  }
}
