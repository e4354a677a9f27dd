import CKernels
import Randomness
import Testing

@Suite struct PhiloxTests {
  struct KnownAnswer: Sendable {
    let counter: SIMD4<UInt32>
    let key: SIMD2<UInt32>
    let bits: SIMD4<UInt32>
  }

  /// The known answers that Random123 publishes for philox4x32-10.
  static let knownAnswers = [
    KnownAnswer(counter: .zero, key: .zero, bits: SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)),
    KnownAnswer(
      counter: SIMD4(repeating: .max), key: SIMD2(repeating: .max),
      bits: SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)),
    KnownAnswer(
      counter: SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344),
      key: SIMD2(0xa409_3822, 0x299f_31d0),
      bits: SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)),
  ]

  @Test(arguments: knownAnswers)
  func knownAnswer(_ answer: KnownAnswer) {
    #expect(philox4x32(counter: answer.counter, key: answer.key) == answer.bits)
  }

  /// Run r of the mask takes blocks 16 r … 16 r + 15; word j of block i gives draws 32 j + i (low half) and
  /// 32 j + 16 + i (high half).
  private func multiplier(_ dropout: graft_dropout, at index: Int) -> Float {
    let (run, place) = index.quotientAndRemainder(dividingBy: 128)
    let (word, rest) = place.quotientAndRemainder(dividingBy: 32)
    let block = UInt64(run * 16 + rest % 16)
    let bits = RandomKey(word0: dropout.key0, word1: dropout.key1).bits(block)[word]
    return (rest < 16 ? bits & 0xffff : bits >> 16) < dropout.threshold ? 0 : dropout.scale
  }

  private func multipliers(_ dropout: graft_dropout, first: Int, count: Int) -> [Float] {
    var dropout = dropout
    var result = [Float](repeating: .nan, count: count)
    graft_dropout_multipliers(&dropout, UInt64(first), &result, Int64(count))
    return result
  }

  @Test(arguments: [(0, 1), (0, 128), (0, 300), (128, 129), (128 << 30, 200)])
  func maskIsThePhiloxOfTheRandomnessModule(_ first: Int, _ count: Int) {
    let dropout = graft_dropout(key0: 0xdead_beef, key1: 42, threshold: 6554, scale: 65536 / (65536 - 6554))
    let got = multipliers(dropout, first: first, count: count)
    #expect(got == (first..<first + count).map { multiplier(dropout, at: $0) })
  }

  @Test func maskDoesNotDependOnWhereItIsReadFrom() {
    let dropout = graft_dropout(key0: 3, key1: 4, threshold: 32768, scale: 2)
    let whole = multipliers(dropout, first: 0, count: 1000)
    #expect(multipliers(dropout, first: 256, count: 500) == Array(whole[256..<756]))
  }

  /// Four standard errors around the rate; kept values are scaled so that the mean stays.
  @Test(arguments: [0.01, 0.1, 0.5, 0.9])
  func rateAndScale(_ rate: Double) {
    let threshold = UInt32((rate * 65536).rounded())
    let scale = Float(65536 / (65536 - Double(threshold)))
    let count = 100_000
    let mask = multipliers(
      graft_dropout(key0: 11, key1: 12, threshold: threshold, scale: scale), first: 0, count: count)
    #expect(Set(mask) == [0, scale])
    let dropped = Double(mask.count { $0 == 0 }) / Double(count)
    #expect(abs(dropped - rate) < 4 * (rate * (1 - rate) / Double(count)).squareRoot())
    let mean = mask.reduce(0.0) { $0 + Double($1) } / Double(count)
    #expect(abs(mean - 1) < 4 * (rate / (1 - rate) / Double(count)).squareRoot())
  }

  @Test func keysGiveUnrelatedMasks() {
    let a = multipliers(graft_dropout(key0: 1, key1: 0, threshold: 32768, scale: 2), first: 0, count: 20_000)
    let b = multipliers(graft_dropout(key0: 2, key1: 0, threshold: 32768, scale: 2), first: 0, count: 20_000)
    let equal = Double(zip(a, b).count { $0 == $1 }) / 20_000
    #expect(abs(equal - 0.5) < 4 * 0.5 / 20_000.0.squareRoot())
  }
}
