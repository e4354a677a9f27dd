import Compute
import Randomness
import TestSupport
import Testing

@testable import Autograd

/// Activations, gated units, residual sums and dropout: kernels against twins with the masks of their keys.
@Suite struct PointwiseTests {
  struct Shape: Sendable {
    var rows: Int, columns: Int
    var probability: Double
  }

  /// Around the mask's grain of 128, with and without dropout.
  static let shapes = [
    Shape(rows: 1, columns: 1, probability: 0), Shape(rows: 1, columns: 1, probability: 0.5),
    Shape(rows: 3, columns: 19, probability: 0), Shape(rows: 5, columns: 19, probability: 0.3),
    Shape(rows: 2, columns: 128, probability: 0.1), Shape(rows: 3, columns: 129, probability: 0.3),
    Shape(rows: 2, columns: 300, probability: 0),
  ]

  private static let key = RandomKey(seed: 31)

  private func laboratory(_ precision: Precision) throws -> TapeLaboratory {
    try TapeLaboratory(precision, training: true, key: Self.key)
  }

  private func mask(_ shape: Shape) -> DropoutTwin? {
    shape.probability > 0 ? DropoutTwin(step: Self.key, draw: 0, probability: shape.probability) : nil
  }

  private func check(
    _ lab: TapeLaboratory, _ twin: Twin, _ inputs: [DoubleMatrix], tensors: [Tensor], bias: Parameter?,
    _ out: Tensor
  ) {
    let tolerance = TapeLaboratory.tolerance(lab.precision)
    #expect(relativeDifference(lab.value(out), twin.forward(inputs)) < tolerance)
    let upstream = DoubleMatrix.random(out.rows, out.columns, seed: 9, type: out.gradientType)
    lab.backward(out, upstream)
    let expected = twin.backward(inputs, upstream)
    for (tensor, gradient) in zip(tensors, expected) {
      #expect(relativeDifference(lab.gradient(tensor), gradient) < tolerance)
    }
    if let bias, let gradient = expected.last {
      #expect(relativeDifference(lab.gradient(bias), gradient) < tolerance)
    }
  }

  @Test(.tags(.slow), arguments: TapeLaboratory.precisions, shapes)
  func activate(_ precision: Precision, _ shape: Shape) throws {
    let (rows, columns) = (shape.rows, shape.columns)
    let twinMask = mask(shape)?.byRows(rows, columns) ?? .ones(rows, columns)
    for activation in Activation.allCases {
      for hasBias in [false, true] {
        let lab = try laboratory(precision)
        var inputs = [DoubleMatrix.random(rows, columns, seed: 1, type: lab.operand, scale: 4)]
        if hasBias { inputs.append(.random(1, columns, seed: 2)) }
        let z = lab.tensor(inputs[0])
        let bias = hasBias ? lab.parameter(inputs[1]) : nil
        let out = lab.tape.activate(z, activation, bias: bias, dropout: shape.probability)
        check(lab, .activate(activation, mask: twinMask), inputs, tensors: [z], bias: bias, out)
      }
    }
  }

  @Test(arguments: TapeLaboratory.precisions, shapes)
  func gate(_ precision: Precision, _ shape: Shape) throws {
    let (rows, columns) = (shape.rows, shape.columns)
    let twinMask = mask(shape)?.byRows(rows, columns) ?? .ones(rows, columns)
    for activation in Activation.allCases {
      let lab = try laboratory(precision)
      let input = DoubleMatrix.random(rows, 2 * columns, seed: 1, type: lab.operand, scale: 4)
      let z = lab.tensor(input)
      let out = lab.tape.gate(z, activation, dropout: shape.probability)
      check(lab, .gate(activation, mask: twinMask), [input], tensors: [z], bias: nil, out)
    }
  }

  @Test(arguments: TapeLaboratory.precisions, shapes)
  func residual(_ precision: Precision, _ shape: Shape) throws {
    let (rows, columns) = (shape.rows, shape.columns)
    let twinMask = mask(shape)?.dense(rows, columns) ?? .ones(rows, columns)
    for hasBias in [false, true] {
      let lab = try laboratory(precision)
      var inputs = [
        DoubleMatrix.random(rows, columns, seed: 1), .random(rows, columns, seed: 2, type: lab.operand),
      ]
      if hasBias { inputs.append(.random(1, columns, seed: 3)) }
      let x = lab.tensor(inputs[0], .float32)
      let y = lab.tensor(inputs[1])
      let bias = hasBias ? lab.parameter(inputs[2]) : nil
      let out = lab.tape.residual(x, y, bias: bias, dropout: shape.probability)
      check(lab, .residual(mask: twinMask), inputs, tensors: [x, y], bias: bias, out)
    }
  }

  /// The stream's gradient is added to what its other readers left.
  @Test(arguments: TapeLaboratory.precisions)
  func residualStreamCollectsItsBranches(_ precision: Precision) throws {
    let lab = try laboratory(precision)
    let x = DoubleMatrix.random(6, 8, seed: 1)
    let norm = DoubleMatrix.random(1, 8, seed: 2, shift: 1)
    let weight = DoubleMatrix.random(8, 8, seed: 3, type: lab.operand)
    let stream = lab.tensor(x, .float32)
    let branch = lab.tape.linear(
      lab.tape.rmsNorm(stream, lab.parameter(norm), epsilon: 1e-6), lab.parameter(weight))
    let out = lab.tape.residual(stream, branch, dropout: 0)
    let upstream = DoubleMatrix.random(6, 8, seed: 4)
    lab.backward(out, upstream)
    let normalised = Twin.rmsNorm(epsilon: 1e-6).forward([x, norm])
    let dNormalised = Twin.linear.backward([normalised, weight], upstream)[0]
    let dBranch = Twin.rmsNorm(epsilon: 1e-6).backward([x, norm], dNormalised)[0]
    let sum = DoubleMatrix(6, 8, zip(upstream.values, dBranch.values).map { $0 + $1 })
    #expect(relativeDifference(lab.gradient(stream), sum) < TapeLaboratory.tolerance(precision))
  }

  @Test(
    arguments: [0.1, 0.5],
    [Shape(rows: 1, columns: 1, probability: 0), Shape(rows: 7, columns: 41, probability: 0)])
  func dropout(_ probability: Double, _ shape: Shape) throws {
    let lab = try laboratory(.f32)
    let input = DoubleMatrix.random(shape.rows, shape.columns, seed: 1)
    let x = lab.tensor(input)
    let out = lab.tape.dropout(x, probability)
    let mask = DropoutTwin(step: Self.key, draw: 0, probability: probability)
    check(
      lab, .dropout(mask: mask.dense(shape.rows, shape.columns)), [input], tensors: [x], bias: nil, out)
  }

  /// Operations take keys in their order, whether or not the ones before them drop anything.
  @Test func everyOperationHasAKeyOfItsOwn() throws {
    let lab = try laboratory(.f32)
    let ones = DoubleMatrix.ones(4, 50)
    _ = lab.tape.dropout(lab.tensor(ones), 0)
    let second = lab.tape.dropout(lab.tensor(ones), 0.5)
    let third = lab.tape.dropout(lab.tensor(ones), 0.5)
    #expect(lab.value(second) == DropoutTwin(step: Self.key, draw: 1, probability: 0.5).dense(4, 50))
    #expect(lab.value(third) == DropoutTwin(step: Self.key, draw: 2, probability: 0.5).dense(4, 50))
  }

  @Test func nothingIsDroppedOutsideTraining() throws {
    let lab = try TapeLaboratory(.f32, training: false, key: Self.key)
    let x = DoubleMatrix.random(3, 40, seed: 1)
    #expect(lab.value(lab.tape.dropout(lab.tensor(x), 0.5)) == x)
    #expect(lab.value(lab.tape.residual(lab.tensor(DoubleMatrix(3, 40)), lab.tensor(x), dropout: 0.5)) == x)
  }

  /// GELU and its slope over the whole range, against Double.
  @Test func geluFarFromZero() throws {
    let lab = try TapeLaboratory(.f32)
    let x = DoubleMatrix(1, 9, [-1000, -30, -10, -5, 0, 5, 10, 30, 1000])
    let tensor = lab.tensor(x)
    let out = lab.tape.activate(tensor, .gelu, dropout: 0)
    lab.backward(out, .ones(1, 9))
    for (i, value) in x.values.enumerated() {
      #expect(abs(lab.value(out).values[i] - Twin.value(.gelu, value)) <= 2e-6 * max(1, abs(value)))
      #expect(abs(lab.gradient(tensor).values[i] - Twin.slope(.gelu, value)) <= 1e-5)
    }
  }
}
