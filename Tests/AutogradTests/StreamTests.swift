import Compute
import Foundation
import Records
import Testing

@testable import Autograd

/// What blocks read beside the stream: weighted sums, tables of pairs of tokens and of values, sines.
@Suite struct StreamTests {
  /// inputs [N, C] each, weights [1, n] last.
  private static var weightedSum: Twin {
    Twin(
      forward: { inputs in
        var out = DoubleMatrix(inputs[0].rows, inputs[0].columns)
        for (i, x) in inputs.dropLast().enumerated() {
          for k in x.values.indices { out.values[k] += inputs[inputs.count - 1][0, i] * x.values[k] }
        }
        return out
      },
      backward: { inputs, d in
        let weights = inputs[inputs.count - 1]
        var slopes = DoubleMatrix(1, weights.columns)
        let gradients = inputs.dropLast().enumerated().map { i, x in
          slopes[0, i] = zip(x.values, d.values).reduce(0) { $0 + $1.0 * $1.1 }
          return DoubleMatrix(x.rows, x.columns, d.values.map { weights[0, i] * $0 })
        }
        return gradients + [slopes]
      })
  }

  @Test(arguments: [(1, 1, 1), (2, 5, 3), (3, 70, 130)])
  func weightedSums(_ shape: (inputs: Int, rows: Int, columns: Int)) throws {
    let lab = try TapeLaboratory(.f32)
    var inputs = (0..<shape.inputs).map { DoubleMatrix.random(shape.rows, shape.columns, seed: $0 + 1) }
    inputs.append(.random(1, shape.inputs, seed: 9))
    let tensors = inputs.dropLast().map { lab.tensor($0, .float32) }
    let weights = lab.parameter(inputs[shape.inputs])
    let out = lab.tape.weightedSum(tensors, weights)
    #expect(relativeDifference(lab.value(out), Self.weightedSum.forward(inputs)) < 1e-6)
    #expect(Self.weightedSum.gradientError(at: inputs.map { $0.rows([0]) }) < 1e-6)
    let upstream = DoubleMatrix.random(shape.rows, shape.columns, seed: 8)
    lab.backward(out, upstream)
    let expected = Self.weightedSum.backward(inputs, upstream)
    for (tensor, gradient) in zip(tensors, expected) {
      #expect(relativeDifference(lab.gradient(tensor), gradient) < 1e-6)
    }
    #expect(relativeDifference(lab.gradient(weights), expected[shape.inputs], floor: 0.1) < 1e-5)
  }

  /// The same tensor may stand in a sum several times, and be read elsewhere.
  @Test func aTensorReadTwiceGetsBothGradients() throws {
    let lab = try TapeLaboratory(.f32)
    let x = lab.tensor(DoubleMatrix(1, 2, [1, 2]), .float32)
    let first = lab.tape.weightedSum([x, x], lab.parameter(DoubleMatrix(1, 2, [2, 3])))
    let second = lab.tape.weightedSum([first, x], lab.parameter(DoubleMatrix(1, 2, [1, 10])))
    #expect(lab.value(second).values == [15, 30])
    lab.backward(second, DoubleMatrix(1, 2, [1, 1]))
    #expect(lab.gradient(x).values == [15, 15])
  }

  private func rows(_ sequences: [[TokenID]]) -> SequenceRows {
    var all = TokenSequences()
    for sequence in sequences { all.append(sequence) }
    return SequenceRows(all)
  }

  @Test(arguments: TapeLaboratory.precisions)
  func valueEmbeddings(_ precision: Precision) throws {
    let lab = try TapeLaboratory(precision)
    let rows = rows([[2, 0, 2], [1]])
    let input = DoubleMatrix.random(rows.rowCount, 7, seed: 1, type: lab.operand)
    let table = DoubleMatrix.random(3, 4, seed: 2)
    let x = lab.tensor(input)
    let parameter = lab.parameter(table)
    let out = lab.tape.addEmbedding(rows, parameter, to: x, column: 2)
    var expected = input
    var gradient = DoubleMatrix(3, 4)
    let upstream = DoubleMatrix.random(rows.rowCount, 7, seed: 3, type: out.gradientType)
    for (row, token) in rows.tokens.enumerated() where token >= 0 {
      for c in 0..<4 {
        expected[row, 2 + c] += table[Int(token), c]
        gradient[Int(token), c] += upstream[row, 2 + c]
      }
    }
    let tolerance = TapeLaboratory.tolerance(precision)
    #expect(relativeDifference(lab.value(out), expected) < tolerance)
    lab.backward(out, upstream)
    #expect(lab.gradient(x) == upstream)
    #expect(relativeDifference(lab.gradient(parameter), gradient) < 1e-5)
  }

  @Test func lookedUpRows() throws {
    let lab = try TapeLaboratory(.f32)
    let table = DoubleMatrix.random(4, 3, seed: 1)
    let parameter = lab.parameter(table)
    let out = lab.tape.lookUp([3, -1, 0, 3], parameter)
    #expect(lab.value(out).rows([0]) == lab.value(out).rows([3]))
    #expect(lab.value(out).rows([1]) == DoubleMatrix(1, 3))
    lab.backward(out, .ones(4, 3))
    #expect(lab.gradient(parameter).values == [1, 1, 1, 0, 0, 0, 0, 0, 0, 2, 2, 2])
  }

  /// Worked example: of four columns the angles at position 1 are 1 and 0.01; rows without a token are zero.
  @Test func sines() throws {
    let lab = try TapeLaboratory(.f32)
    let out = lab.value(lab.tape.sinusoids(rows([[5, 5]]), width: 4))
    #expect((0..<4).map { out[0, $0] } == [0, 0, 1, 1])
    let angles = [sin(1.0), sin(0.01), cos(1.0), cos(0.01)]
    #expect((0..<4).allSatisfy { abs(out[1, $0] - angles[$0]) < 1e-6 })
    #expect((0..<4).allSatisfy { out[2, $0] == 0 })
    let x = lab.tensor(DoubleMatrix.random(out.rows, 4, seed: 1), .float32)
    let sum = lab.tape.addSinusoids(to: x, rows([[5, 5]]))
    #expect(
      (0..<4).allSatisfy {
        abs(lab.value(sum)[1, $0] - DoubleMatrix.random(out.rows, 4, seed: 1)[1, $0] - angles[$0]) < 1e-6
      })
    lab.backward(sum, .ones(out.rows, 4))
    #expect(lab.gradient(x) == .ones(out.rows, 4))
  }
}
