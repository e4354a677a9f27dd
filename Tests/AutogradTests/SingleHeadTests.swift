import Compute
import Records
import TestSupport
import Testing

@testable import Autograd

/// The operations of SHA-RNN beside attention: fast ones against the twins.
@Suite struct SingleHeadTests {
  private func rows(_ lengths: [Int]) -> SequenceRows {
    var sequences = TokenSequences()
    for length in lengths { sequences.append([TokenID](repeating: 1, count: length)) }
    return SequenceRows(sequences)
  }

  private static let lengths = [[3, 10], [0, 5, 17], [1], []]

  @Test(arguments: TapeLaboratory.precisions, lengths)
  func rememberedRowsEqualTheTwin(_ precision: Precision, _ lengths: [Int]) throws {
    let lab = try TapeLaboratory(precision)
    let (rows, columns, capacity) = (rows(lengths), 3, 6)
    let past = lengths.indices.map { [6, 0, 4][$0] }
    let values = DoubleMatrix.random(rows.rowCount, columns, seed: 1, type: lab.operand)
    let memory = DoubleMatrix.random(lengths.count, capacity * columns, seed: 2, type: lab.operand)
    let x = lab.tensor(values, gradient: .float32)
    let counts = lab.tensor(DoubleMatrix(lengths.count, 1, past.map { Double($0) }), .float32)
    let found = lab.tape.remembering(x, rows, from: [lab.tensor(memory), counts])
    #expect(found.past == past && found.rows.lengths == zip(past, lengths).map { $0 + $1 })
    let twin = Twin.remembering(
      zip(rows.offsets, rows.lengths).map { Array($0..<$0 + $1) }, memory, past: past, offsets: found.rows.offsets,
      rows: found.rows.rowCount)
    let all = twin.forward([values])
    #expect(lab.value(found.all) == all)
    // What comes next remembers the last of these.
    let (kept, count) = (lab.value(found.end[0]), lab.value(found.end[1]))
    for (index, length) in found.rows.lengths.enumerated() {
      let expected = min(capacity, length)
      #expect(count[index, 0] == Double(expected))
      for place in 0..<capacity {
        let row = found.rows.offsets[index] + length - capacity + place
        for c in 0..<columns {
          let value = place < capacity - expected ? 0 : all[row, c]
          #expect(kept[index, place * columns + c] == value)
        }
      }
    }
    let upstream = DoubleMatrix.random(all.rows, columns, seed: 3)
    lab.backward(found.all, upstream)
    #expect(relativeDifference(lab.gradient(x), twin.backward([values], upstream)[0]) < 1e-6)
  }

  /// Without a memory nothing is copied and nothing kept.
  @Test func withoutAMemoryRowsAreTheirOwn() throws {
    let lab = try TapeLaboratory(.f32)
    let rows = rows([2, 4])
    let x = lab.tensor(.random(rows.rowCount, 3, seed: 1))
    let found = lab.tape.remembering(x, rows, from: nil)
    #expect(found.all === x && found.rows == rows && found.past == [0, 0] && found.end.isEmpty)
  }

  /// Of a tensor that two operations read.
  @Test(arguments: TapeLaboratory.precisions) func gatesEqualTheTwin(_ precision: Precision) throws {
    let lab = try TapeLaboratory(precision)
    let values = [
      DoubleMatrix.random(7, 19, seed: 1, type: lab.operand), .random(1, 19, seed: 2, scale: 3),
      .random(1, 19, seed: 3, scale: 3),
    ]
    let x = lab.tensor(values[0], gradient: .float32)
    let gates = values[1...].map { lab.parameter($0) }
    let out = gates.map { lab.tape.gatedColumns(x, $0) }
    let both = lab.tape.beside(out[0], out[1])
    let upstream = DoubleMatrix.random(7, 38, seed: 4, type: lab.operand)
    lab.backward(both, upstream)
    var expected = DoubleMatrix(7, 19)
    for (index, gate) in gates.enumerated() {
      let inputs = [values[0], values[1 + index]]
      let tolerance = TapeLaboratory.tolerance(precision)
      #expect(relativeDifference(lab.value(out[index]), Twin.gatedColumns.forward(inputs)) < tolerance)
      var d = DoubleMatrix(7, 19)
      for r in 0..<7 { for c in 0..<19 { d[r, c] = upstream[r, 19 * index + c] } }
      let gradients = Twin.gatedColumns.backward(inputs, d)
      #expect(relativeDifference(lab.gradient(gate), gradients[1]) < tolerance)
      for i in expected.values.indices { expected.values[i] += gradients[0].values[i] }
    }
    #expect(relativeDifference(lab.gradient(x), expected) < TapeLaboratory.tolerance(precision))
  }

  @Test(arguments: TapeLaboratory.precisions, [(1, 5), (4, 1), (3, 70), (2, 128)])
  func summedChunksEqualTheTwin(_ precision: Precision, _ sizes: (chunks: Int, columns: Int)) throws {
    let lab = try TapeLaboratory(precision)
    let values = DoubleMatrix.random(6, sizes.chunks * sizes.columns, seed: 1, type: lab.operand)
    let x = lab.tensor(values)
    let out = lab.tape.summedChunks(x, columns: sizes.columns)
    let twin = Twin.summedChunks(columns: sizes.columns)
    #expect(relativeDifference(lab.value(out), twin.forward([values])) < TapeLaboratory.tolerance(precision))
    let upstream = DoubleMatrix.random(6, sizes.columns, seed: 2, type: lab.operand)
    lab.backward(out, upstream)
    #expect(lab.gradient(x) == twin.backward([values], upstream)[0])
  }
}
