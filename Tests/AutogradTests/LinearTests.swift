import Compute
import Records
import Testing

@testable import Autograd

/// Linear layers and embeddings: kernels against twins.
@Suite struct LinearTests {
  struct Shape: Sendable {
    var rows: Int, inputs: Int, outputs: Int
  }

  static let shapes = [
    Shape(rows: 1, inputs: 1, outputs: 1), Shape(rows: 1, inputs: 7, outputs: 3),
    Shape(rows: 16, inputs: 5, outputs: 1), Shape(rows: 17, inputs: 13, outputs: 9),
    Shape(rows: 32, inputs: 24, outputs: 40),
  ]

  @Test(arguments: TapeLaboratory.precisions, shapes)
  func linear(_ precision: Precision, _ shape: Shape) throws {
    for hasBias in [false, true] {
      let lab = try TapeLaboratory(precision)
      let type = lab.operand
      var inputs = [
        DoubleMatrix.random(shape.rows, shape.inputs, seed: 1, type: type),
        .random(shape.outputs, shape.inputs, seed: 2, type: type),
      ]
      if hasBias { inputs.append(.random(1, shape.outputs, seed: 3)) }
      let x = lab.tensor(inputs[0])
      let parameters = inputs.dropFirst().map { lab.parameter($0) }
      let y = lab.tape.linear(x, parameters[0], bias: hasBias ? parameters[1] : nil)
      let tolerance = TapeLaboratory.tolerance(precision)
      #expect(relativeDifference(lab.value(y), Twin.linear.forward(inputs)) < tolerance)
      let upstream = DoubleMatrix.random(y.rows, y.columns, seed: 4, type: type)
      lab.backward(y, upstream)
      let expected = Twin.linear.backward(inputs, upstream)
      #expect(relativeDifference(lab.gradient(x), expected[0]) < tolerance)
      for (parameter, gradient) in zip(parameters, expected.dropFirst()) {
        #expect(relativeDifference(lab.gradient(parameter), gradient) < tolerance)
      }
    }
  }

  /// A tensor that two layers read collects both gradients, in f32 whatever the operands are.
  @Test(arguments: TapeLaboratory.precisions)
  func sharedInput(_ precision: Precision) throws {
    let lab = try TapeLaboratory(precision)
    let type = lab.operand
    let x = DoubleMatrix.random(9, 6, seed: 1, type: type)
    let weights = [DoubleMatrix.random(4, 6, seed: 2, type: type), .random(5, 6, seed: 3, type: type)]
    let input = lab.tensor(x, gradient: .float32)
    let outputs = weights.map { lab.tape.linear(input, lab.parameter($0)) }
    let upstreams = outputs.map { DoubleMatrix.random(9, $0.columns, seed: 4, type: type) }
    for (output, upstream) in zip(outputs, upstreams) {
      let (pointer, _) = lab.tape.gradientTarget(output)
      let source = lab.tensor(upstream)
      pointer.copyMemory(from: source.data, byteCount: output.count * type.size)
    }
    lab.tape.backward()
    let parts = zip(weights, upstreams).map { Twin.linear.backward([x, $0], $1)[0] }
    let sum = DoubleMatrix(9, 6, zip(parts[0].values, parts[1].values).map { $0 + $1 })
    #expect(relativeDifference(lab.gradient(input), sum) < TapeLaboratory.tolerance(precision))
  }

  /// Parameters that lie next to each other make one matrix, and its gradient falls to both.
  @Test func stackedParameters() throws {
    let lab = try TapeLaboratory(.f32)
    let upper = DoubleMatrix.random(3, 5, seed: 1)
    let lower = DoubleMatrix.random(4, 5, seed: 2)
    let parameters = [lab.parameter(upper), lab.parameter(lower)]
    let x = DoubleMatrix.random(6, 5, seed: 3)
    let y = lab.tape.linear(lab.tensor(x), .stacked(parameters))
    let whole = DoubleMatrix(7, 5, upper.values + lower.values)
    #expect(relativeDifference(lab.value(y), Twin.linear.forward([x, whole])) < 1e-5)
    let upstream = DoubleMatrix.random(6, 7, seed: 4)
    lab.backward(y, upstream)
    let expected = Twin.linear.backward([x, whole], upstream)[1]
    #expect(relativeDifference(lab.gradient(parameters[0]), expected.rows([0, 1, 2])) < 1e-5)
    #expect(relativeDifference(lab.gradient(parameters[1]), expected.rows([3, 4, 5, 6])) < 1e-5)
  }

  @Test(arguments: [false, true], [[1], [3, 10], [9, 1, 2]])
  func embedding(_ hasPositions: Bool, _ lengths: [Int]) throws {
    let lab = try TapeLaboratory(.f32)
    var sequences = TokenSequences()
    for (i, length) in lengths.enumerated() {
      sequences.append((0..<length).map { TokenID((i + $0 * $0) % 5) })
    }
    let rows = SequenceRows(sequences)
    var inputs = [DoubleMatrix.random(5, 7, seed: 1)]
    if hasPositions { inputs.append(.random(12, 7, seed: 2)) }
    let parameters = inputs.map { lab.parameter($0) }
    // As most families embed, and as Marian does.
    let scale = hasPositions ? 1 : 1.5
    let untrained: TokenID? = hasPositions ? nil : 1
    let out = lab.tape.embed(
      rows, parameters[0], scale: scale, untrained: untrained, positions: hasPositions ? parameters[1] : nil)
    let twin = Twin.embedding(
      rows.tokens.map { Int($0) }, positions: rows.positions.map { Int($0) }, scale: scale,
      untrained: untrained.map { Int($0) })
    #expect(lab.value(out).rows == rows.rowCount)
    #expect(relativeDifference(lab.value(out), twin.forward(inputs)) < 1e-6)
    // Rows without a token take a gradient too, and drop it.
    let upstream = DoubleMatrix.random(out.rows, out.columns, seed: 3)
    lab.backward(out, upstream)
    for (parameter, expected) in zip(parameters, twin.backward(inputs, upstream)) {
      #expect(relativeDifference(lab.gradient(parameter), expected) < 1e-5)
    }
  }
}
