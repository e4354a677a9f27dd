import Compute
import Randomness
import Records
import TestSupport
import Testing

@testable import Autograd

/// What leaves things out of recurrent layers, by masks that the twin draws itself.
@Suite struct RecurrentRegularizationTests {
  private static let update = UpdateContext(key: RandomKey(seed: 9), tokens: 12, continuations: 10)

  private func rows(_ texts: [[TokenID]]) -> SequenceRows {
    var sequences = TokenSequences()
    for text in texts { sequences.append(text) }
    return SequenceRows(sequences)
  }

  private func multiplied(_ x: DoubleMatrix, _ factor: (_ row: Int, _ column: Int) -> Double) -> DoubleMatrix {
    var result = x
    for r in 0..<x.rows { for c in 0..<x.columns { result[r, c] *= factor(r, c) } }
    return result
  }

  @Test(arguments: TapeLaboratory.precisions) func aLockedMaskIsThatOfTheSequence(_ precision: Precision) throws {
    let lab = try TapeLaboratory(precision, training: true)
    let rows = rows([[1, 2, 3], [], [TokenID](repeating: 4, count: 9)])
    let mask = DropoutTwin(step: RandomKey(seed: 1), draw: 0, probability: 0.4)
    func factor(_ row: Int, _ column: Int) -> Double {
      guard rows.tokens[row] >= 0, let sequence = rows.offsets.lastIndex(where: { $0 <= row }) else { return 0 }
      return mask.multiplier(sequence * 7 + column)
    }
    let x = DoubleMatrix.random(rows.rowCount, 7, seed: 1, type: lab.operand)
    let upstream = DoubleMatrix.random(rows.rowCount, 7, seed: 2, type: lab.operand)
    let input = lab.tensor(x)
    let out = lab.tape.lockedDropout(input, rows, 0.4)
    let expected = multiplied(x, factor)
    #expect(expected.values.contains(0) && expected != x)
    #expect(relativeDifference(lab.value(out), expected) < TapeLaboratory.tolerance(precision))
    lab.backward(out, upstream)
    #expect(
      relativeDifference(lab.gradient(input), multiplied(upstream, factor)) < TapeLaboratory.tolerance(precision))
  }

  @Test func aTokenIsLeftOutWhereverItStands() throws {
    let lab = try TapeLaboratory(.f32, training: true, update: Self.update)
    let rows = rows([[1, 2, 3, 1], [3, 3, 0, 2]])
    let mask = DropoutTwin(step: Self.update.key, draw: 0, probability: 0.5)
    func factor(_ row: Int, _: Int) -> Double { rows.tokens[row] < 0 ? 0 : mask.multiplier(Int(rows.tokens[row])) }
    let x = DoubleMatrix.random(rows.rowCount, 5, seed: 1)
    let upstream = DoubleMatrix.random(rows.rowCount, 5, seed: 2)
    let input = lab.tensor(x)
    let out = lab.tape.tokenDropout(input, rows, vocabularySize: 4, 0.5)
    #expect(lab.value(out) == multiplied(x, factor) && Set((0..<4).map(mask.multiplier)).count == 2)
    lab.backward(out, upstream)
    #expect(lab.gradient(input) == multiplied(upstream, factor))
  }

  @Test(arguments: TapeLaboratory.precisions, RecurrentCell.allCases)
  func weightsOfStatesAreLeftOut(_ precision: Precision, _ cell: RecurrentCell) throws {
    let lab = try TapeLaboratory(precision, training: true, update: Self.update)
    let rows = rows([[1, 2, 3], [4, 5, 6, 7, 8]])
    let (width, height) = (6, 6 * cell.gates)
    let mask = DropoutTwin(step: Self.update.key, draw: 0, probability: 0.5)
    func factor(_ row: Int, _ column: Int) -> Double { mask.multiplier(row * width + column) }
    let type = lab.operand
    let matrices = [
      DoubleMatrix.random(height, 4, seed: 2, type: type), .random(height, width, seed: 3, type: type),
      .random(1, height, seed: 4), .random(1, height, seed: 5),
    ]
    let parameters = matrices.map { lab.parameter($0) }
    let x = DoubleMatrix.random(rows.rowCount, 4, seed: 1, type: type)
    let input = lab.tensor(x)
    let (states, end) = lab.tape.recurrent(
      input, rows,
      RecurrentWeights(
        cell, input: parameters[0], recurrent: parameters[1], inputBias: parameters[2], recurrentBias: parameters[3]),
      dropConnect: 0.5)
    let twin = Twin.recurrent(cell, zip(rows.offsets, rows.lengths).map { Array($0..<$0 + $1) })
    var inputs = [x] + matrices + end.map { _ in DoubleMatrix(2, width) }
    inputs[2] = multiplied(inputs[2], factor)
    let tolerance = TapeLaboratory.tolerance(precision)
    let expected = twin.forward(inputs)
    #expect(relativeDifference(lab.value(states), expected.rows(Array(0..<rows.rowCount))) < tolerance)
    let upstream = DoubleMatrix.random(rows.rowCount, width, seed: 8, type: type)
    var whole = DoubleMatrix(expected.rows, width)
    for row in 0..<rows.rowCount where rows.tokens[row] >= 0 {
      for c in 0..<width { whole[row, c] = upstream[row, c] }
    }
    lab.backward(states, upstream)
    var gradients = twin.backward(inputs, whole)
    gradients[2] = multiplied(gradients[2], factor)
    let floor = precision == .f32 ? 0.1 : 1
    #expect(relativeDifference(lab.gradient(input), gradients[0], floor: floor) < tolerance)
    for (index, parameter) in parameters.enumerated() {
      #expect(
        relativeDifference(lab.gradient(parameter), gradients[1 + index], floor: floor) < tolerance, "\(index)")
    }
  }

  /// The gradient of both means against central differences, on top of one from elsewhere.
  @Test(arguments: TapeLaboratory.precisions) func penaltiesAreMeansOfSquares(_ precision: Precision) throws {
    let lab = try TapeLaboratory(precision, training: true, update: Self.update)
    let rows = rows([[1, 2, 3], [4], [], [5, 6, 7, 8, 9, 10, 11, 12]])
    let h = DoubleMatrix.random(rows.rowCount, 3, seed: 1, type: lab.operand)
    func penalty(_ h: DoubleMatrix) -> Double {
      var (squares, changes) = (0.0, 0.0)
      for (offset, length) in zip(rows.offsets, rows.lengths) {
        for row in offset..<offset + length {
          for c in 0..<3 {
            squares += h[row, c] * h[row, c]
            if row > offset { changes += (h[row, c] - h[row - 1, c]) * (h[row, c] - h[row - 1, c]) }
          }
        }
      }
      return 2 * squares / (12 * 3) + 1.5 * changes / (10 * 3)
    }
    let upstream = DoubleMatrix.random(rows.rowCount, 3, seed: 2, type: lab.operand, scale: 0.1)
    let input = lab.tensor(h)
    lab.backward(lab.tape.penalized(input, rows, activation: 2, temporal: 1.5), upstream)
    var expected = upstream
    for i in h.values.indices {
      func moved(_ step: Double) -> Double {
        var moved = h
        moved.values[i] += step
        return penalty(moved)
      }
      expected.values[i] += (moved(1e-4) - moved(-1e-4)) / 2e-4
    }
    #expect(relativeDifference(lab.gradient(input), expected) < (precision == .f32 ? 1e-5 : 2e-2))
  }

  /// Outside training nothing is left out or added.
  @Test func onlyTrainingIsRegularized() throws {
    let lab = try TapeLaboratory(.f32, update: Self.update)
    let rows = rows([[1, 2, 3]])
    let x = lab.tensor(DoubleMatrix.random(rows.rowCount, 3, seed: 1))
    for out in [
      lab.tape.lockedDropout(x, rows, 0.5), lab.tape.tokenDropout(x, rows, vocabularySize: 4, 0.5),
      lab.tape.penalized(x, rows, activation: 2, temporal: 1),
    ] {
      #expect(out === x)
    }
  }
}
