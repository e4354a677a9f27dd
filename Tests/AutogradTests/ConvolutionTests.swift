import Compute
import Records
import TestSupport
import Testing

@testable import Autograd

/// What causal convolutions read: kernels against the twin over lengths, windows and states.
@Suite struct ConvolutionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var lengths: [Int]
    var window: Int
    var columns = 5
    var hasState = true
    var shared = false
    var testDescription: String { "\(lengths), \(window) of \(columns), state \(hasState), shared \(shared)" }
  }

  static let cases = [
    Case(lengths: [], window: 3), Case(lengths: [0, 0], window: 2), Case(lengths: [1], window: 1),
    Case(lengths: [1], window: 4, hasState: false), Case(lengths: [3, 10], window: 3, shared: true),
    // Some sequences are shorter than what is kept of them.
    Case(lengths: [4, 0, 9, 1, 2], window: 6), Case(lengths: [2, 5], window: 9, columns: 1, hasState: false),
    Case(lengths: [33, 9, 40], window: 5, columns: 19, shared: true), Case(lengths: [7], window: 2, columns: 32),
  ]

  private func rows(_ lengths: [Int]) -> SequenceRows {
    var sequences = TokenSequences()
    for length in lengths { sequences.append([TokenID](repeating: 1, count: length)) }
    return SequenceRows(sequences)
  }

  private func part(_ whole: DoubleMatrix, rows: Range<Int>, columns: Int) -> DoubleMatrix {
    var part = DoubleMatrix(rows.count, columns)
    for (i, row) in rows.enumerated() { for c in 0..<columns { part[i, c] = whole[row, c] } }
    return part
  }

  @Test(arguments: TapeLaboratory.precisions, cases)
  func windowsEqualTheTwin(_ precision: Precision, _ test: Case) throws {
    let lab = try TapeLaboratory(precision)
    let (rows, type, count) = (rows(test.lengths), lab.operand, test.lengths.count)
    let past = (test.window - 1) * test.columns
    let inputs = [
      DoubleMatrix.random(rows.rowCount, test.columns, seed: 1, type: type),
      test.hasState ? .random(count, past, seed: 2, type: type) : DoubleMatrix(count, past),
    ]
    let x = lab.tensor(inputs[0])
    let start = test.hasState ? lab.tensor(inputs[1]) : nil
    let (windows, end) = lab.tape.unfolded(x, rows, window: test.window, from: start, shared: test.shared)
    let twin = Twin.unfolded(zip(rows.offsets, rows.lengths).map { Array($0..<$0 + $1) }, window: test.window)
    let expected = twin.forward(inputs)
    #expect(lab.value(windows) == part(expected, rows: 0..<rows.rowCount, columns: test.window * test.columns))
    let endRows = rows.rowCount..<rows.rowCount + count
    #expect(lab.value(end) == part(expected, rows: endRows, columns: past))

    // Rows of no sequence have a gradient, too, that must go nowhere.
    let upstream = DoubleMatrix.random(expected.rows, expected.columns, seed: 3, type: type)
    var own = upstream
    for row in 0..<rows.rowCount where rows.tokens[row] < 0 { for c in 0..<own.columns { own[row, c] = 0 } }
    let given = lab.tensor(part(upstream, rows: endRows, columns: past), end.gradientType)
    lab.tape.gradientTarget(end).pointer.copyMemory(from: given.data, byteCount: given.count * given.type.size)
    lab.backward(windows, part(upstream, rows: 0..<rows.rowCount, columns: windows.columns))
    let gradients = twin.backward(inputs, own)
    let tolerance = TapeLaboratory.tolerance(precision)
    #expect(relativeDifference(lab.gradient(x), gradients[0]) < tolerance)
    if let start { #expect(relativeDifference(lab.gradient(start), gradients[1]) < tolerance) }
  }

  /// The gradient of an input that others read as well is added to.
  @Test(arguments: TapeLaboratory.precisions) func windowsAddToAGradient(_ precision: Precision) throws {
    let lab = try TapeLaboratory(precision)
    let rows = rows([3, 5])
    let values = DoubleMatrix.random(rows.rowCount, 4, seed: 1, type: lab.operand)
    let x = lab.tensor(values, gradient: .float32)
    let first = lab.tape.unfolded(x, rows, window: 2).windows
    let second = lab.tape.unfolded(x, rows, window: 3).windows
    let both = lab.tape.beside(first, second)
    let upstream = DoubleMatrix.random(both.rows, both.columns, seed: 2, type: lab.operand)
    lab.backward(both, upstream)
    let sequences = zip(rows.offsets, rows.lengths).map { Array($0..<$0 + $1) }
    var expected = DoubleMatrix(x.rows, x.columns)
    for (window, column) in [(2, 0), (3, first.columns)] {
      var d = DoubleMatrix(both.rows + 2, window * 4)
      for row in 0..<both.rows where rows.tokens[row] >= 0 {
        for c in 0..<d.columns { d[row, c] = upstream[row, column + c] }
      }
      let start = DoubleMatrix(2, (window - 1) * 4)
      let found = Twin.unfolded(sequences, window: window).backward([values, start], d)[0]
      for i in expected.values.indices { expected.values[i] += found.values[i] }
    }
    #expect(relativeDifference(lab.gradient(x), expected) < TapeLaboratory.tolerance(precision))
  }

  @Test(arguments: TapeLaboratory.precisions) func besideEqualsTheTwin(_ precision: Precision) throws {
    let lab = try TapeLaboratory(precision)
    let values = [
      DoubleMatrix.random(5, 7, seed: 1, type: lab.operand), .random(5, 3, seed: 2, type: lab.operand),
    ]
    let tensors = [lab.tensor(values[0]), lab.tensor(values[1], gradient: .float32)]
    let out = lab.tape.beside(tensors[0], tensors[1])
    #expect(lab.value(out) == Twin.beside.forward(values))
    let upstream = DoubleMatrix.random(5, 10, seed: 3, type: lab.operand)
    lab.backward(out, upstream)
    for (tensor, expected) in zip(tensors, Twin.beside.backward(values, upstream)) {
      #expect(lab.gradient(tensor) == expected)
    }
  }
}
