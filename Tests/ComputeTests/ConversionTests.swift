import CKernels
import Testing

@Suite struct ConversionTests {
  private func rounded(_ values: [Float]) -> [Float] {
    var bits = [UInt16](repeating: 0, count: values.count)
    var back = [Float](repeating: 0, count: values.count)
    graft_convert(0, values, 1, &bits, Int64(values.count))
    graft_convert(1, bits, 0, &back, Int64(values.count))
    return back
  }

  /// bf16 keeps eight significant bits. Worked example: 1 + 1/256 lies half way between 1 and 1 + 1/128 and
  /// goes to the even 1; 1 + 3/256 goes up to 1 + 4/256.
  @Test func roundsToNearestEven() {
    #expect(rounded([1, 1 + 1 / 256, 1 + 3 / 256, 1.00392, -2.5]) == [1, 1, 1 + 4 / 256, 1.0078125, -2.5])
  }

  @Test func specialValuesSurvive() {
    let got = rounded([.infinity, -.infinity, .nan, 0, -0.0, .greatestFiniteMagnitude])
    #expect(got[0] == .infinity && got[1] == -.infinity && got[2].isNaN)
    #expect(got[3] == 0 && got[4].sign == .minus && got[5] == .infinity)
  }

  @Test(arguments: [0, 1, 15, 16, 17, 100])
  func everyLengthIsCovered(_ count: Int) {
    let values = (0..<count).map { Float($0) / 4 - 10 }
    #expect(rounded(values) == values)
    var sums = [Float](repeating: 1, count: count)
    graft_add(&sums, values, Int64(count))
    #expect(sums == values.map { $0 + 1 })
  }
}
