import Compute
import Records
import Testing

@testable import Autograd

/// Rotary positions: the kernel against the twin, and what they are for.
@Suite struct RotaryTests {
  private func rows(_ lengths: [Int], after past: [Int] = []) -> SequenceRows {
    var sequences = TokenSequences()
    for length in lengths { sequences.append([TokenID](repeating: 1, count: length)) }
    return SequenceRows(sequences, after: past)
  }

  /// - Parameters:
  ///   - spare: columns beside the heads that are turned: those of the values.
  ///   - components: how many of a head are turned; nil for all.
  private func check(
    _ precision: Precision, _ rows: SequenceRows, heads: Int, headDimension: Int, spare: Int, components: Int? = nil
  ) throws {
    let lab = try TapeLaboratory(precision)
    let positions = RotaryPositions(base: 500, components: components)
    let input = DoubleMatrix.random(rows.rowCount, heads * headDimension + spare, seed: 1, type: lab.operand)
    let x = lab.tensor(input)
    let out = lab.tape.rotate(x, rows, positions, heads: heads, headDimension: headDimension)
    let twin = Twin.rotary(
      positions: rows.positions.map { Int($0) }, heads: heads, headDimension: headDimension,
      frequencies: positions.frequencies(headDimension: headDimension).map { Double($0) },
      turned: components)
    let tolerance = TapeLaboratory.tolerance(precision)
    #expect(relativeDifference(lab.value(out), twin.forward([input])) < tolerance)
    let upstream = DoubleMatrix.random(out.rows, out.columns, seed: 2, type: out.gradientType)
    lab.backward(out, upstream)
    #expect(relativeDifference(lab.gradient(x), twin.backward([input], upstream)[0]) < tolerance)
  }

  @Test(arguments: TapeLaboratory.precisions, [[1], [3, 10], [0, 70, 1], []])
  func kernel(_ precision: Precision, _ lengths: [Int]) throws {
    for (heads, headDimension, spare) in [(1, 2, 0), (3, 6, 5), (2, 64, 64)] {
      try check(precision, rows(lengths), heads: heads, headDimension: headDimension, spare: spare)
    }
    for (heads, headDimension, components) in [(1, 3, 2), (3, 7, 4), (2, 64, 16)] {
      try check(
        precision, rows(lengths), heads: heads, headDimension: headDimension, spare: 3, components: components)
    }
  }

  /// Rows that continue sequences are turned by the positions they have there.
  @Test(arguments: TapeLaboratory.precisions)
  func continuedSequences(_ precision: Precision) throws {
    try check(precision, rows([1, 1, 1], after: [40, 0, 7]), heads: 2, headDimension: 8, spare: 3)
  }

  /// The product of a turned query and a turned key depends on their distance only.
  @Test func productsDependOnTheDistance() throws {
    let lab = try TapeLaboratory(.f32, recording: false)
    let rows = rows([30])
    let pair = [DoubleMatrix.random(1, 8, seed: 1), .random(1, 8, seed: 2)]
    let turned = pair.map { vector in
      let same = DoubleMatrix(rows.rowCount, 8, (0..<rows.rowCount).flatMap { _ in vector.values })
      return lab.value(
        lab.tape.rotate(lab.tensor(same), rows, RotaryPositions(base: 100), heads: 1, headDimension: 8))
    }
    func product(_ query: Int, _ key: Int) -> Double {
      (0..<8).reduce(0) { $0 + turned[0][query, $1] * turned[1][key, $1] }
    }
    for distance in [0, 1, 9] {
      let products = (distance..<30).map { product($0, $0 - distance) }
      #expect(products.allSatisfy { abs($0 - products[0]) < 1e-5 })
    }
    #expect(abs(product(9, 0) - product(0, 0)) > 0.01)
  }

  /// The worked example, and a table that grows keeps what it had.
  @Test func frequencies() throws {
    #expect(RotaryPositions().frequencies(headDimension: 4) == [1, 0.01])
    #expect(RotaryPositions(components: 4).frequencies(headDimension: 11) == [1, 0.01])
    #expect(RotaryPositions(scaling: .linear(factor: 4)).frequencies(headDimension: 4) == [0.25, 0.0025])
    let lab = try TapeLaboratory(.f32)
    let small = lab.tape.rotaryTable(RotaryPositions(), headDimension: 4, length: 3)
    let large = lab.tape.rotaryTable(RotaryPositions(), headDimension: 4, length: 1000)
    #expect(small.length == 64 && large.length == 1000)
    #expect(Array(large.sines.prefix(small.sines.count)) == small.sines)
    #expect(lab.tape.rotaryTable(RotaryPositions(), headDimension: 4, length: 7) === large)
  }
}
