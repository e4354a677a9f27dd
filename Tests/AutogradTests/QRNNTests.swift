import Compute
import Records
import TestSupport
import Testing

@testable import Autograd

/// Quasi-recurrent layers: the scan and the convolution against the twin over lengths, widths and states.
@Suite struct QRNNTests {
  struct Case: Sendable {
    var lengths: [Int]
    var inputs = 5
    var width = 7
    var hasState = true
  }

  static let cases = [
    Case(lengths: [1]), Case(lengths: []), Case(lengths: [0, 0]), Case(lengths: [1], hasState: false),
    Case(lengths: [3, 10]), Case(lengths: [4, 0, 9, 1, 4]), Case(lengths: [0, 5, 17], inputs: 1, width: 1),
    Case(lengths: [12, 2], inputs: 32, width: 16, hasState: false), Case(lengths: [33, 9, 40], inputs: 3, width: 19),
  ]

  private func rows(_ lengths: [Int]) -> SequenceRows {
    var sequences = TokenSequences()
    for length in lengths { sequences.append([TokenID](repeating: 1, count: length)) }
    return SequenceRows(sequences)
  }

  @Test(.tags(.slow), arguments: TapeLaboratory.precisions, cases.indices)
  func kernelsEqualTheTwin(_ precision: Precision, _ index: Int) throws {
    let (test, lab) = (Self.cases[index], try TapeLaboratory(precision))
    let (rows, type, count) = (rows(test.lengths), lab.operand, test.lengths.count)
    let (width, columns) = (test.width, test.inputs)
    // Spare rows hold what belongs to nobody.
    let inputs = [
      DoubleMatrix.random(rows.rowCount, columns, seed: 1, type: type, scale: 2),
      .random(3 * width, 2 * columns, seed: 2, type: type), .random(1, 3 * width, seed: 3),
      test.hasState ? .random(count, width, seed: 4) : DoubleMatrix(count, width),
      test.hasState ? .random(count, columns, seed: 5, type: type) : DoubleMatrix(count, columns),
    ]
    let x = lab.tensor(inputs[0])
    let weights = QRNNWeights(convolution: lab.parameter(inputs[1]), bias: lab.parameter(inputs[2]))
    let start = test.hasState ? [lab.tensor(inputs[3], .float32), lab.tensor(inputs[4])] : nil
    let (states, end) = lab.tape.qrnn(x, rows, weights, from: start)
    let tolerance = TapeLaboratory.tolerance(precision)
    let twin = Twin.qrnn(zip(rows.offsets, rows.lengths).map { Array($0..<$0 + $1) })
    let expected = twin.forward(inputs)
    func part(_ whole: DoubleMatrix, _ index: Int) -> DoubleMatrix {
      let (first, columns) = ([0, rows.rowCount, rows.rowCount + count][index], [width, width, columns][index])
      var part = DoubleMatrix(index == 0 ? rows.rowCount : count, columns)
      for r in 0..<part.rows { for c in 0..<columns { part[r, c] = whole[first + r, c] } }
      return part
    }
    let outputs = [states] + end
    for (index, tensor) in outputs.enumerated() {
      #expect(relativeDifference(lab.value(tensor), part(expected, index)) < tolerance, "output \(index)")
    }
    // Rows of no sequence have a gradient, too, that must go nowhere.
    let upstream = DoubleMatrix.random(expected.rows, expected.columns, seed: 8, type: type)
    var own = upstream
    for row in 0..<rows.rowCount where rows.tokens[row] < 0 { for c in 0..<own.columns { own[row, c] = 0 } }
    for (index, tensor) in outputs.enumerated().dropFirst() {
      let source = lab.tensor(part(upstream, index), tensor.gradientType)
      lab.tape.gradientTarget(tensor).pointer.copyMemory(
        from: source.data, byteCount: source.count * source.type.size)
    }
    lab.backward(states, part(upstream, 0))
    let gradients = twin.backward(inputs, own)
    let found =
      [lab.gradient(x), lab.gradient(weights.convolution), lab.gradient(weights.bias)]
      + (start ?? []).map { lab.gradient($0) }
    for (index, gradient) in found.enumerated() {
      #expect(
        relativeDifference(gradient, gradients[index], floor: precision == .f32 ? 0.1 : 1) < tolerance,
        "gradient \(index)")
    }
  }

  /// What one call ends with another goes on from: the same as one call over everything.
  @Test(arguments: TapeLaboratory.precisions) func stateIsTheWholePast(_ precision: Precision) throws {
    let lab = try TapeLaboratory(precision, recording: false)
    let values = [DoubleMatrix.random(18, 6, seed: 2, type: lab.operand), .random(1, 18, seed: 3)]
    let weights = QRNNWeights(convolution: lab.parameter(values[0]), bias: lab.parameter(values[1]))
    let text = DoubleMatrix.random(9, 3, seed: 4, type: lab.operand)
    func read(_ range: Range<Int>, from start: [Tensor]?) -> (states: DoubleMatrix, end: [Tensor]) {
      let rows = rows([range.count])
      var x = DoubleMatrix(rows.rowCount, 3)
      for (row, token) in range.enumerated() { for c in 0..<3 { x[row, c] = text[token, c] } }
      let (states, end) = lab.tape.qrnn(lab.tensor(x), rows, weights, from: start)
      return (lab.value(states).rows(Array(0..<range.count)), end)
    }
    let whole = read(0..<9, from: nil)
    let first = read(0..<4, from: nil)
    let second = read(4..<9, from: first.end)
    let joined = DoubleMatrix(9, 6, first.states.values + second.states.values)
    #expect(relativeDifference(joined, whole.states) < TapeLaboratory.tolerance(precision))
    for (part, all) in zip(second.end, whole.end) {
      #expect(relativeDifference(lab.value(part), lab.value(all)) < TapeLaboratory.tolerance(precision))
    }
  }
}
