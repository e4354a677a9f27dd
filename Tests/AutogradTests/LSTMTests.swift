import Compute
import Records
import TestSupport
import Testing

@testable import Autograd

/// The LSTM scan: kernels against the twin over lengths, widths and states.
@Suite struct LSTMTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var lengths: [Int]
    var inputs = 5
    var width = 7
    var hasState = true
    var hasBias = true
    var shared = false
    var testDescription: String { "\(lengths), \(inputs) to \(width), state \(hasState), bias \(hasBias)" }
  }

  static let cases = [
    Case(lengths: [1]), Case(lengths: []), Case(lengths: [0, 0]), Case(lengths: [1], hasState: false, hasBias: false),
    Case(lengths: [3, 10]), Case(lengths: [4, 0, 9, 1, 4], shared: true),
    Case(lengths: [0, 5, 17], inputs: 1, width: 1), Case(lengths: [12, 2], inputs: 16, width: 32, hasState: false),
    // More than 64 tokens, which are padded.
    Case(lengths: [33, 9, 40], inputs: 3, width: 19),
  ]

  private func rows(_ lengths: [Int]) -> SequenceRows {
    var sequences = TokenSequences()
    for length in lengths { sequences.append([TokenID](repeating: 1, count: length)) }
    return SequenceRows(sequences)
  }

  private struct Operation {
    var inputs: [DoubleMatrix]
    var x: Tensor
    var parameters: [Parameter]
    var start: LSTMState?
    var out: (states: Tensor, end: LSTMState)
  }

  private func run(_ test: Case, _ lab: TapeLaboratory) -> Operation {
    let rows = rows(test.lengths)
    let (type, count, width) = (lab.operand, test.lengths.count, test.width)
    // Spare rows hold what belongs to nobody.
    let x = DoubleMatrix.random(rows.rowCount, test.inputs, seed: 1, type: type, scale: 2)
    let weights = [
      DoubleMatrix.random(4 * width, test.inputs, seed: 2, type: type),
      .random(4 * width, width, seed: 3, type: type),
    ]
    let noBias = DoubleMatrix(1, 4 * width)
    let biases = test.hasBias ? [DoubleMatrix.random(1, 4 * width, seed: 4), .random(1, 4 * width, seed: 5)] : []
    let zeros = DoubleMatrix(count, width)
    let state =
      test.hasState
      ? [DoubleMatrix.random(count, width, seed: 6, type: type), .random(count, width, seed: 7)] : [zeros, zeros]
    let tensor = lab.tensor(x)
    let parameters = (weights + biases).map { lab.parameter($0) }
    let start = test.hasState ? LSTMState(hidden: lab.tensor(state[0]), cell: lab.tensor(state[1], .float32)) : nil
    let out = lab.tape.lstm(
      tensor, rows,
      LSTMWeights(
        input: parameters[0], recurrent: parameters[1], inputBias: test.hasBias ? parameters[2] : nil,
        recurrentBias: test.hasBias ? parameters[3] : nil), from: start, shared: test.shared)
    return Operation(
      inputs: [x] + weights + (test.hasBias ? biases : [noBias, noBias]) + state, x: tensor, parameters: parameters,
      start: start, out: out)
  }

  private func twin(_ rows: SequenceRows) -> Twin {
    .lstm(zip(rows.offsets, rows.lengths).map { Array($0..<$0 + $1) })
  }

  @Test(.tags(.slow), arguments: TapeLaboratory.precisions, cases)
  func lstm(_ precision: Precision, _ test: Case) throws {
    let lab = try TapeLaboratory(precision)
    let rows = rows(test.lengths)
    let operation = run(test, lab)
    let (states, end) = operation.out
    let tolerance = TapeLaboratory.tolerance(precision)
    let count = test.lengths.count
    let expected = twin(rows).forward(operation.inputs)
    func part(_ whole: DoubleMatrix, _ range: Range<Int>) -> DoubleMatrix { whole.rows(Array(range)) }
    let ranges = [0..<states.rows, states.rows..<states.rows + count, states.rows + count..<states.rows + 2 * count]
    for (tensor, range) in zip([states, end.hidden, end.cell], ranges) {
      #expect(relativeDifference(lab.value(tensor), part(expected, range)) < tolerance)
    }

    // Rows of no sequence have a gradient, too, that must go nowhere.
    let upstream = DoubleMatrix.random(states.rows + 2 * count, test.width, seed: 8, type: lab.operand)
    var own = upstream
    for row in 0..<states.rows where rows.tokens[row] < 0 { for c in 0..<test.width { own[row, c] = 0 } }
    for (tensor, range) in zip([end.hidden, end.cell], ranges.dropFirst()) {
      let (pointer, _) = lab.tape.gradientTarget(tensor)
      let source = lab.tensor(part(upstream, range), tensor.gradientType)
      pointer.copyMemory(from: source.data, byteCount: source.count * source.type.size)
    }
    lab.backward(states, part(upstream, 0..<states.rows))
    let gradients = twin(rows).backward(operation.inputs, own)
    let floor = precision == .f32 ? 0.1 : 1
    #expect(relativeDifference(lab.gradient(operation.x), gradients[0], floor: floor) < tolerance, "x")
    for (index, parameter) in operation.parameters.enumerated() {
      #expect(
        relativeDifference(lab.gradient(parameter), gradients[1 + index], floor: floor) < tolerance,
        "parameter \(index)")
    }
    if let start = operation.start {
      #expect(relativeDifference(lab.gradient(start.hidden), gradients[5], floor: floor) < tolerance, "hidden")
      #expect(relativeDifference(lab.gradient(start.cell), gradients[6], floor: floor) < tolerance, "cell")
    }
  }

  /// What one call ends with another goes on from: the same as one call over everything.
  @Test(arguments: TapeLaboratory.precisions)
  func stateIsTheWholePast(_ precision: Precision) throws {
    let lab = try TapeLaboratory(precision, recording: false)
    let (width, lengths, cut) = (6, [9, 4, 6], [5, 4, 0])
    let weights = [DoubleMatrix.random(24, 3, seed: 2, type: lab.operand), .random(24, 6, seed: 3, type: lab.operand)]
      .map { lab.parameter($0) }
    let layer = LSTMWeights(input: weights[0], recurrent: weights[1], inputBias: nil, recurrentBias: nil)
    let tokens = lengths.enumerated().map { DoubleMatrix.random($1, 3, seed: 10 + $0, type: lab.operand) }
    func read(_ parts: [Range<Int>], from state: LSTMState?) -> (values: [DoubleMatrix], end: LSTMState) {
      let rows = rows(parts.map(\.count))
      var x = DoubleMatrix(rows.rowCount, 3)
      for (sequence, part) in parts.enumerated() {
        for (i, row) in part.enumerated() {
          for c in 0..<3 { x[rows.offsets[sequence] + i, c] = tokens[sequence][row, c] }
        }
      }
      let (states, end) = lab.tape.lstm(lab.tensor(x), rows, layer, from: state)
      return (
        parts.indices.map { i in
          lab.value(states).rows(Array(rows.offsets[i]..<rows.offsets[i] + parts[i].count))
        }, end
      )
    }
    let whole = read(lengths.map { 0..<$0 }, from: nil)
    let first = read(cut.map { 0..<$0 }, from: nil)
    let second = read(zip(cut, lengths).map { $0..<$1 }, from: first.end)
    for sequence in lengths.indices {
      let joined = DoubleMatrix(
        lengths[sequence], width, first.values[sequence].values + second.values[sequence].values)
      #expect(relativeDifference(joined, whole.values[sequence]) < TapeLaboratory.tolerance(precision))
    }
    #expect(
      relativeDifference(lab.value(second.end.cell), lab.value(whole.end.cell)) < TapeLaboratory.tolerance(precision))
  }

  /// A gradient that comes from the end alone, of a tensor that others read as well.
  @Test func onlyTheEndIsRead() throws {
    let lab = try TapeLaboratory(.f32)
    let test = Case(lengths: [2, 5])
    let operation = run(test, lab)
    let upstream = DoubleMatrix.random(2, test.width, seed: 3)
    lab.backward(operation.out.end.cell, upstream)
    let rows = rows(test.lengths)
    var whole = DoubleMatrix(rows.rowCount + 4, test.width)
    for row in 0..<2 { for c in 0..<test.width { whole[rows.rowCount + 2 + row, c] = upstream[row, c] } }
    let expected = twin(rows).backward(operation.inputs, whole)
    #expect(relativeDifference(lab.gradient(operation.x), expected[0]) < 1e-5)
    #expect(relativeDifference(lab.gradient(operation.parameters[1]), expected[2]) < 1e-5)
  }

  /// The worked example of the schedule.
  @Test func schedule() {
    let schedule = LSTMSchedule(rows([1, 3, 2]))
    #expect(schedule.order == [1, 2, 0] && schedule.live == [3, 2, 1] && schedule.starts == [0, 3, 5])
    #expect(schedule.rows == [1, 4, 0, 2, 5, 3])
    #expect(schedule.ending(at: 0) == 2..<3 && schedule.ending(at: 2) == 0..<1)
  }
}
