import Compute
import Records
import TestSupport
import Testing

@testable import Autograd

/// Recurrent layers: kernels against the twin over lengths, widths and states.
@Suite struct RecurrentTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var lengths: [Int]
    var inputs = 5
    var width = 7
    var hasState = true
    var hasBias = true
    var shared = false
    var reversed = false
    var extras = Twin.RecurrentExtras()
    var testDescription: String {
      "\(lengths), \(inputs) to \(width), state \(hasState), bias \(hasBias), reversed \(reversed), \(extras)"
    }
  }

  static let cases = [
    Case(lengths: [1]), Case(lengths: []), Case(lengths: [0, 0]), Case(lengths: [1], hasState: false, hasBias: false),
    Case(lengths: [3, 10]), Case(lengths: [4, 0, 9, 1, 4], shared: true),
    Case(lengths: [0, 5, 17], inputs: 1, width: 1), Case(lengths: [12, 2], inputs: 16, width: 32, hasState: false),
    // More than 64 tokens, which are padded.
    Case(lengths: [33, 9, 40], inputs: 3, width: 19),
    Case(lengths: [1], reversed: true), Case(lengths: [4, 0, 9, 1, 4], shared: true, reversed: true),
    Case(lengths: [12, 2], inputs: 16, width: 32, hasState: false, reversed: true),
    Case(lengths: [33, 9, 40], inputs: 3, width: 19, reversed: true),
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
    var start: [Tensor]?
    var states: Tensor
    var end: [Tensor]

    /// The states and the parts of the end as they lie below each other in what the twin computes.
    var ranges: [Range<Int>] {
      let counts = ([states] + end).map(\.rows)
      return counts.indices.map { i in
        let first = counts[..<i].reduce(0, +)
        return first..<first + counts[i]
      }
    }
  }

  private func run(_ cell: RecurrentCell, _ test: Case, _ lab: TapeLaboratory) -> Operation {
    let rows = rows(test.lengths)
    let (type, count, width) = (lab.operand, test.lengths.count, test.width)
    let height = cell.gates * width
    // Spare rows hold what belongs to nobody.
    let x = DoubleMatrix.random(rows.rowCount, test.inputs, seed: 1, type: type, scale: 2)
    let weights = [
      DoubleMatrix.random(height, test.inputs, seed: 2, type: type),
      // Elman networks of larger weights are chaotic: rounding grows from step to step.
      .random(height, width, seed: 3, type: type, scale: cell == .elman ? 0.3 : 1),
    ]
    let noBias = DoubleMatrix(1, height)
    let biases = test.hasBias ? [DoubleMatrix.random(1, height, seed: 4), .random(1, height, seed: 5)] : []
    let parts = cell.stateParts(width: width).map { $0.type(type) }
    let state = parts.enumerated().map { index, type in
      test.hasState
        ? DoubleMatrix.random(count, width, seed: 6 + index, type: type) : DoubleMatrix(count, width)
    }
    let peepholes = test.extras.hasPeepholes ? [DoubleMatrix.random(3, width, seed: 10)] : []
    // What is multiplied stays as large as the state.
    let scale = 1 / Double(4 * test.inputs * width).squareRoot().squareRoot()
    let factors =
      test.extras.isMultiplicative
      ? [
        DoubleMatrix.random(width, test.inputs, seed: 11, type: type, scale: scale),
        .random(width, width, seed: 12, type: type, scale: scale),
      ] : []
    let tensor = lab.tensor(x)
    let parameters = (weights + biases + peepholes + factors).map { lab.parameter($0) }
    let start = test.hasState ? zip(state, parts).map { lab.tensor($0, $1) } : nil
    let (states, end) = lab.tape.recurrent(
      tensor, rows,
      RecurrentWeights(
        cell, input: parameters[0], recurrent: parameters[1], inputBias: test.hasBias ? parameters[2] : nil,
        recurrentBias: test.hasBias ? parameters[3] : nil,
        peepholes: test.extras.hasPeepholes ? parameters[weights.count + biases.count] : nil,
        multiplication: test.extras.isMultiplicative
          ? RecurrentMultiplication(
            input: parameters[parameters.count - 2], recurrent: parameters[parameters.count - 1]) : nil),
      from: start, reversed: test.reversed, shared: test.shared)
    return Operation(
      inputs: [x] + weights + (test.hasBias ? biases : [noBias, noBias]) + state + peepholes + factors, x: tensor,
      parameters: parameters, start: start, states: states, end: end)
  }

  private func twin(_ cell: RecurrentCell, _ rows: SequenceRows, _ test: Case) -> Twin {
    .recurrent(
      cell,
      zip(rows.offsets, rows.lengths).map { offset, length in
        let own = Array(offset..<offset + length)
        return test.reversed ? own.reversed() : own
      }, test.extras)
  }

  @Test(.tags(.slow), arguments: TapeLaboratory.precisions, RecurrentCell.allCases)
  func kernelsEqualTheTwin(_ precision: Precision, _ cell: RecurrentCell) throws {
    for test in Self.cases { try compare(cell, test, try TapeLaboratory(precision), precision) }
  }

  /// Gates that see cells, and that read states multiplied with inputs.
  @Test(.tags(.slow), arguments: TapeLaboratory.precisions, RecurrentCell.allCases)
  func extrasEqualTheTwin(_ precision: Precision, _ cell: RecurrentCell) throws {
    let peepholes = cell == .lstm ? [false, true] : [false]
    for (hasPeepholes, isMultiplicative) in peepholes.flatMap({ [($0, false), ($0, true)] }).dropFirst() {
      for test in Self.cases {
        var test = test
        test.extras = Twin.RecurrentExtras(hasPeepholes: hasPeepholes, isMultiplicative: isMultiplicative)
        try compare(cell, test, try TapeLaboratory(precision), precision)
      }
    }
  }

  private func compare(_ cell: RecurrentCell, _ test: Case, _ lab: TapeLaboratory, _ precision: Precision) throws {
    let rows = rows(test.lengths)
    let operation = run(cell, test, lab)
    let tolerance = TapeLaboratory.tolerance(precision)
    let expected = twin(cell, rows, test).forward(operation.inputs)
    func part(_ whole: DoubleMatrix, _ range: Range<Int>) -> DoubleMatrix { whole.rows(Array(range)) }
    let ranges = operation.ranges
    for (tensor, range) in zip([operation.states] + operation.end, ranges) {
      #expect(relativeDifference(lab.value(tensor), part(expected, range)) < tolerance, "\(test), \(range)")
    }

    // Rows of no sequence have a gradient, too, that must go nowhere.
    let upstream = DoubleMatrix.random(expected.rows, test.width, seed: 8, type: lab.operand)
    var own = upstream
    for row in 0..<operation.states.rows where rows.tokens[row] < 0 {
      for c in 0..<test.width { own[row, c] = 0 }
    }
    for (tensor, range) in zip(operation.end, ranges.dropFirst()) {
      let (pointer, _) = lab.tape.gradientTarget(tensor)
      let source = lab.tensor(part(upstream, range), tensor.gradientType)
      pointer.copyMemory(from: source.data, byteCount: source.count * source.type.size)
    }
    lab.backward(operation.states, part(upstream, ranges[0]))
    let gradients = twin(cell, rows, test).backward(operation.inputs, own)
    let floor = precision == .f32 ? 0.1 : 1
    #expect(relativeDifference(lab.gradient(operation.x), gradients[0], floor: floor) < tolerance, "\(test), x")
    let inputs = Array(1..<(test.hasBias ? 5 : 3)) + Array(5 + operation.end.count..<gradients.count)
    #expect(inputs.count == operation.parameters.count)
    for (index, parameter) in zip(inputs, operation.parameters) {
      // A vector's shape is that of the twin's matrix.
      let found = lab.gradient(parameter)
      #expect(
        relativeDifference(found, gradients[index], floor: floor) < tolerance, "\(test), input \(index)")
    }
    for (index, part) in (operation.start ?? []).enumerated() {
      #expect(
        relativeDifference(lab.gradient(part), gradients[5 + index], floor: floor) < tolerance,
        "\(test), part \(index) of the start")
    }
  }

  /// What one call ends with another goes on from: the same as one call over everything.
  @Test(arguments: TapeLaboratory.precisions, RecurrentCell.allCases)
  func stateIsTheWholePast(_ precision: Precision, _ cell: RecurrentCell) throws {
    let lab = try TapeLaboratory(precision, recording: false)
    let (width, lengths, cut) = (6, [9, 4, 6], [5, 4, 0])
    let height = cell.gates * width
    let weights = [
      DoubleMatrix.random(height, 3, seed: 2, type: lab.operand), .random(height, width, seed: 3, type: lab.operand),
    ].map { lab.parameter($0) }
    let layer = RecurrentWeights(
      cell, input: weights[0], recurrent: weights[1], inputBias: nil, recurrentBias: nil)
    let tokens = lengths.enumerated().map { DoubleMatrix.random($1, 3, seed: 10 + $0, type: lab.operand) }
    func read(_ parts: [Range<Int>], from state: [Tensor]?) -> (values: [DoubleMatrix], end: [Tensor]) {
      let rows = rows(parts.map(\.count))
      var x = DoubleMatrix(rows.rowCount, 3)
      for (sequence, part) in parts.enumerated() {
        for (i, row) in part.enumerated() {
          for c in 0..<3 { x[rows.offsets[sequence] + i, c] = tokens[sequence][row, c] }
        }
      }
      let (states, end) = lab.tape.recurrent(lab.tensor(x), rows, layer, from: state)
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
    for (parts, all) in zip(second.end, whole.end) {
      #expect(relativeDifference(lab.value(parts), lab.value(all)) < TapeLaboratory.tolerance(precision))
    }
  }

  /// A gradient that comes from the end alone, of a tensor that others read as well.
  @Test(arguments: RecurrentCell.allCases) func onlyTheEndIsRead(_ cell: RecurrentCell) throws {
    let lab = try TapeLaboratory(.f32)
    let test = Case(lengths: [2, 5])
    let operation = run(cell, test, lab)
    let upstream = DoubleMatrix.random(2, test.width, seed: 3)
    let last = operation.end.count - 1
    lab.backward(operation.end[last], upstream)
    var whole = DoubleMatrix(operation.ranges[last + 1].upperBound, test.width)
    for (row, target) in operation.ranges[last + 1].enumerated() {
      for c in 0..<test.width { whole[target, c] = upstream[row, c] }
    }
    let expected = twin(cell, rows(test.lengths), test).backward(operation.inputs, whole)
    #expect(relativeDifference(lab.gradient(operation.x), expected[0]) < 1e-5)
    #expect(relativeDifference(lab.gradient(operation.parameters[1]), expected[2]) < 1e-5)
  }

  /// The worked example of the schedule.
  @Test func schedule() {
    let schedule = RecurrentSchedule(rows([1, 3, 2]))
    #expect(schedule.order == [1, 2, 0] && schedule.live == [3, 2, 1] && schedule.starts == [0, 3, 5])
    #expect(schedule.rows == [1, 4, 0, 2, 5, 3])
    #expect(schedule.ending(at: 0) == 2..<3 && schedule.ending(at: 2) == 0..<1)
    let reversed = RecurrentSchedule(rows([1, 3, 2]), reversed: true)
    #expect(reversed.order == schedule.order && reversed.live == schedule.live)
    #expect(reversed.rows == [3, 5, 0, 2, 4, 1])
  }
}
