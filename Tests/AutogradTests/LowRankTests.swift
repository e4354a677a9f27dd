import Compute
import Randomness
import Records
import Testing

@testable import Autograd

/// Low-rank pairs beside linear layers, and what frozen parameters leave out.
@Suite struct LowRankTests {
  struct Shape: Sendable {
    var rows: Int, inputs: Int, outputs: Int, rank: Int
  }

  static let shapes = [
    Shape(rows: 1, inputs: 1, outputs: 1, rank: 1), Shape(rows: 1, inputs: 7, outputs: 3, rank: 2),
    Shape(rows: 17, inputs: 13, outputs: 9, rank: 5), Shape(rows: 70, inputs: 24, outputs: 40, rank: 8),
  ]

  private static let key = RandomKey(seed: 11)

  @Test func twinAgainstCentralDifferences() {
    func random(_ rows: Int, _ columns: Int, _ seed: Int) -> DoubleMatrix { .random(rows, columns, seed: seed) }
    let mask = DropoutTwin(step: Self.key, draw: 0, probability: 0.4).dense(3, 4)
    let inputs = [random(3, 4, 1), random(5, 4, 2), random(2, 4, 3), random(5, 2, 4)]
    #expect(Twin.lowRank(scale: 1.5, mask: mask).gradientError(at: inputs) < 1e-7)
  }

  /// Of a pair of one matrix all gradients are the twin's, with W trained beside it.
  @Test(arguments: TapeLaboratory.precisions, shapes)
  func oneMatrix(_ precision: Precision, _ shape: Shape) throws {
    for (dropout, gradient) in [(0.0, nil), (0.3, nil), (0.3, ElementType.float32)] {
      let lab = try TapeLaboratory(precision, training: true, key: Self.key)
      let type = lab.operand
      let inputs = [
        DoubleMatrix.random(shape.rows, shape.inputs, seed: 1, type: type),
        .random(shape.outputs, shape.inputs, seed: 2, type: type),
        .random(shape.rank, shape.inputs, seed: 3, type: type),
        .random(shape.outputs, shape.rank, seed: 4, type: type),
      ]
      let x = lab.tensor(inputs[0], gradient: gradient)
      let parameters = inputs.dropFirst().map { lab.parameter($0) }
      lab.tape.adapt([
        LowRankPair(matrix: parameters[0], down: parameters[1], up: parameters[2], scale: 1.5, dropout: dropout)
      ])
      let y = lab.tape.linear(x, parameters[0])
      let mask =
        dropout > 0
        ? DropoutTwin(step: Self.key, draw: 0, probability: dropout).dense(x.rows, x.columns)
        : DoubleMatrix(x.rows, x.columns, [Double](repeating: 1, count: x.count))
      let twin = Twin.lowRank(scale: 1.5, mask: mask)
      let tolerance = TapeLaboratory.tolerance(precision)
      #expect(relativeDifference(lab.value(y), twin.forward(inputs)) < tolerance)
      let upstream = DoubleMatrix.random(y.rows, y.columns, seed: 5, type: type)
      lab.backward(y, upstream)
      let expected = twin.backward(inputs, upstream)
      #expect(relativeDifference(lab.gradient(x), expected[0]) < tolerance)
      for (parameter, gradient) in zip(parameters, expected.dropFirst()) {
        #expect(relativeDifference(lab.gradient(parameter), gradient) < tolerance)
      }
    }
  }

  /// The first and the last of three matrices that are multiplied as one have pairs; each changes its own outputs.
  @Test(arguments: TapeLaboratory.precisions)
  func stackedMatrices(_ precision: Precision) throws {
    let lab = try TapeLaboratory(precision)
    let type = lab.operand
    let weights = [3, 4, 5].map { DoubleMatrix.random($0, 6, seed: $0, type: type) }
    let downs = [6, 7].map { DoubleMatrix.random(2, 6, seed: $0, type: type) }
    let ups = [DoubleMatrix.random(3, 2, seed: 8, type: type), .random(5, 2, seed: 9, type: type)]
    let x = DoubleMatrix.random(10, 6, seed: 1, type: type)
    let matrices = weights.map { lab.parameter($0) }
    let (down, up) = (downs.map { lab.parameter($0) }, ups.map { lab.parameter($0) })
    lab.tape.adapt([
      LowRankPair(matrix: matrices[0], down: down[0], up: up[0], scale: 2),
      LowRankPair(matrix: matrices[2], down: down[1], up: up[1], scale: 2),
    ])
    lab.tape.freeze([0..<matrices.reduce(0) { $0 + $1.count }])
    lab.tape.begin(training: true, recording: true, key: Self.key)
    let input = lab.tensor(x)
    let y = lab.tape.linear(input, .stacked(matrices))
    let upstream = DoubleMatrix.random(10, 12, seed: 2, type: type)
    lab.backward(y, upstream)
    let ones = DoubleMatrix(10, 6, [Double](repeating: 1, count: 60))
    let tolerance = TapeLaboratory.tolerance(precision)
    let twin = Twin.lowRank(scale: 2, mask: ones)
    var sum = Twin.linear.backward([x, weights[1]], upstream.columns(3..<7))[0].values
    for (pair, (matrix, columns)) in [(0, 0..<3), (2, 7..<12)].enumerated() {
      let inputs = [x, weights[matrix], downs[pair], ups[pair]]
      #expect(relativeDifference(lab.value(y).columns(columns), twin.forward(inputs)) < tolerance)
      let expected = twin.backward(inputs, upstream.columns(columns))
      sum = zip(sum, expected[0].values).map { $0 + $1 }
      #expect(relativeDifference(lab.gradient(down[pair]), expected[2]) < tolerance)
      #expect(relativeDifference(lab.gradient(up[pair]), expected[3]) < tolerance)
    }
    #expect(relativeDifference(lab.gradient(input), DoubleMatrix(10, 6, sum)) < tolerance)
    for matrix in matrices { #expect(lab.gradient(matrix).largest == 0) }
  }

  /// What is read before the first trained parameter has no backward pass, and leaves its result in memory only.
  @Test func frozenLayersAreNeitherKeptNorGoneBackThrough() throws {
    let lab = try TapeLaboratory(.f32)
    let weights = (0..<3).map { lab.parameter(.random(8, 8, seed: $0)) }
    let x = DoubleMatrix.random(16, 8, seed: 5)
    func run(_ frozen: [Range<Int>]) -> (input: DoubleMatrix, gradients: [DoubleMatrix], kept: Int) {
      lab.tape.freeze(frozen)
      lab.tape.begin(training: true, recording: true, key: Self.key)
      let input = lab.tensor(x)
      let mark = lab.arena.mark
      let middle = lab.tape.settled { lab.tape.linear(lab.tape.linear(input, weights[0]), weights[1]) }
      let kept = lab.arena.mark - mark
      lab.backward(lab.tape.linear(middle, weights[2]), .random(16, 8, seed: 6))
      return (lab.gradient(input), weights.map(lab.gradient), kept)
    }
    let frozen = run([0..<128])
    #expect(frozen.input.largest == 0 && frozen.gradients[0].largest == 0 && frozen.gradients[1].largest == 0)
    #expect(frozen.kept == 16 * 8 * 4)
    let last = frozen.gradients[2]
    #expect(last.largest > 0)
    // Gradients add up in this laboratory.
    let whole = run([])
    #expect(whole.input.largest > 0 && whole.gradients[0].largest > 0 && whole.kept == 2 * 16 * 8 * 4)
    #expect(relativeDifference(whole.gradients[2], DoubleMatrix(8, 8, last.values.map { 2 * $0 })) < 1e-6)
  }

  /// A part of a stack is frozen: its gradient stays 0 though one product makes that of the whole.
  @Test func frozenPartsOfAStackHaveNoGradient() throws {
    let lab = try TapeLaboratory(.f32)
    let matrices = [3, 4].map { lab.parameter(.random($0, 5, seed: $0)) }
    lab.tape.freeze([0..<15])
    lab.tape.begin(training: true, recording: true, key: Self.key)
    lab.backward(lab.tape.linear(lab.tensor(.random(6, 5, seed: 1)), .stacked(matrices)), .random(6, 7, seed: 2))
    #expect(lab.gradient(matrices[0]).largest == 0 && lab.gradient(matrices[1]).largest > 0)
  }
}

extension DoubleMatrix {
  fileprivate func columns(_ range: Range<Int>) -> DoubleMatrix {
    DoubleMatrix(rows, range.count, (0..<rows).flatMap { row in range.map { self[row, $0] } })
  }
}
