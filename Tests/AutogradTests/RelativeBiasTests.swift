import Testing

@testable import Autograd

@Suite struct RelativeBiasTests {
  /// Values of Mesh TensorFlow's function; the distance is key − query.
  @Test func bidirectionalBuckets() {
    let buckets = RelativePositionBuckets(bidirectional: true)
    let expected = [
      0: 0, -1: 1, -7: 7, -8: 8, -9: 8, -12: 9, -16: 10, -32: 12, -64: 14, -91: 15, -127: 15, -128: 15,
      -100_000: 15, 1: 17, 7: 23, 8: 24, 9: 24, 12: 25, 64: 30, 91: 31, 100_000: 31,
    ]
    for (distance, bucket) in expected { #expect(buckets.bucket(distance) == bucket, "\(distance)") }
  }

  @Test func causalBuckets() {
    let buckets = RelativePositionBuckets(bidirectional: false)
    let expected = [
      0: 0, -1: 1, -15: 15, -16: 16, -18: 16, -19: 17, -32: 21, -64: 26, -100: 30, -112: 30, -113: 31,
      -128: 31, -100_000: 31, 1: 0, 50: 0,
    ]
    for (distance, bucket) in expected { #expect(buckets.bucket(distance) == bucket, "\(distance)") }
  }

  @Test(arguments: [1, 2, 9, 40], [false, true])
  func biasesAreLookedUpAndGradientsAddUp(_ length: Int, _ bidirectional: Bool) throws {
    let lab = try TapeLaboratory(.f32)
    let table = DoubleMatrix.random(32, 3, seed: 1)
    let parameter = lab.parameter(table)
    let buckets = RelativePositionBuckets(bidirectional: bidirectional)
    let out = lab.tape.relativeBias(parameter, buckets, length: length)
    #expect(out.rows == 3 && out.columns == 2 * length - 1)
    let upstream = DoubleMatrix.random(out.rows, out.columns, seed: 2)
    lab.backward(out, upstream)
    var gradient = DoubleMatrix(32, 3)
    let value = lab.value(out)
    for head in 0..<3 {
      for column in 0..<out.columns {
        let bucket = buckets.bucket(column - (length - 1))
        #expect(value[head, column] == table[bucket, head])
        gradient[bucket, head] += upstream[head, column]
      }
    }
    #expect(relativeDifference(lab.gradient(parameter), gradient) < 1e-5)
  }
}
