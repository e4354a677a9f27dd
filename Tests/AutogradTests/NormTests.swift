import Compute
import Testing

@testable import Autograd

/// Norms: kernels against twins.
@Suite struct NormTests {
  struct Shape: Sendable {
    var rows: Int, columns: Int
  }

  static let shapes = [
    Shape(rows: 1, columns: 1), Shape(rows: 3, columns: 7), Shape(rows: 8, columns: 16),
    Shape(rows: 5, columns: 33), Shape(rows: 2, columns: 130),
  ]

  /// `shared` keeps the output's gradient in f32; `accumulates` gives the input a gradient beforehand.
  private func check(
    _ precision: Precision, _ shape: Shape, isLayerNorm: Bool, hasBias: Bool = true, shared: Bool, accumulates: Bool
  ) throws {
    let lab = try TapeLaboratory(precision)
    let epsilon = 1e-5
    var inputs = [
      DoubleMatrix.random(shape.rows, shape.columns, seed: 1, scale: 3, shift: 0.5),
      .random(1, shape.columns, seed: 2, shift: 1),
    ]
    if isLayerNorm, hasBias { inputs.append(.random(1, shape.columns, seed: 3)) }
    let x = lab.tensor(inputs[0], .float32)
    let parameters = inputs.dropFirst().map { lab.parameter($0) }
    let y =
      isLayerNorm
      ? lab.tape.layerNorm(x, parameters[0], hasBias ? parameters[1] : nil, epsilon: epsilon, shared: shared)
      : lab.tape.rmsNorm(x, parameters[0], epsilon: epsilon, shared: shared)
    let twin = isLayerNorm ? Twin.layerNorm(epsilon: epsilon) : Twin.rmsNorm(epsilon: epsilon)
    let tolerance = TapeLaboratory.tolerance(precision)
    #expect(relativeDifference(lab.value(y), twin.forward(inputs)) < tolerance)
    #expect(y.gradientType == (shared ? .float32 : lab.operand))
    let upstream = DoubleMatrix.random(y.rows, y.columns, seed: 4, type: y.gradientType)
    var expected = twin.backward(inputs, upstream)
    if accumulates {
      let before = lab.tape.gradientTarget(x).pointer.assumingMemoryBound(to: Float.self)
      for i in 0..<x.count {
        before[i] = Float(i % 5)
        expected[0].values[i] += Double(i % 5)
      }
    }
    lab.backward(y, upstream)
    // With one column the gradient is what rounding leaves of a difference of equals: in LayerNorm terms of
    // size 1 / √ε, because the variance is zero.
    let floor = shape.columns == 1 && isLayerNorm ? 1 / epsilon.squareRoot() : 0.1
    #expect(relativeDifference(lab.gradient(x), expected[0], floor: floor) < 1e-5)
    for (parameter, gradient) in zip(parameters, expected.dropFirst()) {
      #expect(relativeDifference(lab.gradient(parameter), gradient) < 1e-5)
    }
  }

  @Test(arguments: TapeLaboratory.precisions, shapes)
  func rms(_ precision: Precision, _ shape: Shape) throws {
    try check(precision, shape, isLayerNorm: false, shared: false, accumulates: false)
    try check(precision, shape, isLayerNorm: false, shared: true, accumulates: true)
  }

  @Test(arguments: TapeLaboratory.precisions, shapes)
  func layer(_ precision: Precision, _ shape: Shape) throws {
    try check(precision, shape, isLayerNorm: true, shared: false, accumulates: true)
    try check(precision, shape, isLayerNorm: true, shared: true, accumulates: false)
    try check(precision, shape, isLayerNorm: true, hasBias: false, shared: false, accumulates: true)
  }

  /// Heads of queries and keys, values beside them.
  @Test(arguments: TapeLaboratory.precisions, [(1, 2, 0), (3, 7, 5), (4, 64, 64)])
  func heads(_ precision: Precision, _ shape: (heads: Int, d: Int, spare: Int)) throws {
    let lab = try TapeLaboratory(precision)
    let input = DoubleMatrix.random(9, shape.heads * shape.d + shape.spare, seed: 1, type: lab.operand, scale: 3)
    let x = lab.tensor(input)
    let y = lab.tape.normalizeHeads(x, heads: shape.heads, headDimension: shape.d, epsilon: 1e-3)
    let twin = Twin.normalizedHeads(shape.heads, shape.d, epsilon: 1e-3)
    let tolerance = TapeLaboratory.tolerance(precision)
    #expect(relativeDifference(lab.value(y), twin.forward([input])) < tolerance)
    let upstream = DoubleMatrix.random(y.rows, y.columns, seed: 2, type: y.gradientType)
    lab.backward(y, upstream)
    #expect(relativeDifference(lab.gradient(x), twin.backward([input], upstream)[0]) < tolerance)
    #expect(Twin.normalizedHeads(2, 3, epsilon: 0.1).gradientError(at: [.random(2, 8, seed: 3)]) < 1e-6)
  }

  /// Gains of heads of queries and of keys, values beside them.
  @Test(arguments: TapeLaboratory.precisions, [(1, 1, 2, 0), (4, 2, 7, 14), (3, 1, 64, 64)])
  func gainsOfHeads(_ precision: Precision, _ shape: (queries: Int, keys: Int, d: Int, spare: Int)) throws {
    let lab = try TapeLaboratory(precision)
    let inputs = [
      DoubleMatrix.random(9, (shape.queries + shape.keys) * shape.d + shape.spare, seed: 1, type: lab.operand),
      .random(1, shape.d, seed: 2), .random(1, shape.d, seed: 3),
    ]
    let x = lab.tensor(inputs[0])
    let gains = inputs.dropFirst().map { lab.parameter($0) }
    let y = lab.tape.scaleHeads(x, [(gains[0], shape.queries), (gains[1], shape.keys)])
    let twin = Twin.scaledHeads([shape.queries, shape.keys], shape.d)
    let tolerance = TapeLaboratory.tolerance(precision)
    #expect(relativeDifference(lab.value(y), twin.forward(inputs)) < tolerance)
    let upstream = DoubleMatrix.random(y.rows, y.columns, seed: 4, type: y.gradientType)
    lab.backward(y, upstream)
    let expected = twin.backward(inputs, upstream)
    #expect(relativeDifference(lab.gradient(x), expected[0]) < tolerance)
    for (gain, gradient) in zip(gains, expected.dropFirst()) {
      #expect(relativeDifference(lab.gradient(gain), gradient) < tolerance)
    }
  }

  /// Spare rows are zero: they stay finite, zero (RMSNorm) or the bias (LayerNorm).
  @Test func zeroRowsStayFinite() throws {
    let lab = try TapeLaboratory(.f32)
    let zeros = DoubleMatrix(2, 4)
    let weight = lab.parameter(.random(1, 4, seed: 1))
    let bias = lab.parameter(.random(1, 4, seed: 2))
    #expect(lab.value(lab.tape.rmsNorm(lab.tensor(zeros, .float32), weight, epsilon: 1e-6)) == zeros)
    let x = lab.tensor(zeros, .float32)
    let y = lab.tape.layerNorm(x, weight, bias, epsilon: 1e-5)
    #expect(lab.value(y).rows([1]) == .random(1, 4, seed: 2))
    lab.backward(y, .random(2, 4, seed: 3))
    let finite = lab.gradient(x).values.allSatisfy { $0.isFinite }
    #expect(finite)
  }
}
