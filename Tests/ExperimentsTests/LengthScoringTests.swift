import Testing

@testable import Experiments

@Suite struct LengthScoringTests {
  /// The worked example.
  @Test func aFewLongTextsShareTheLastBucket() {
    let lengths = [4, 9, 12, 28] + (0..<100).map { 10 + $0 % 6 }
    let (names, order) = LengthScoring.buckets(lengths)
    #expect(order == ["1-5", "6-10", "11-15", "16+"])
    #expect(names.prefix(4) == ["1-5", "6-10", "11-15", "16+"] && names[4] == "6-10" && names[5] == "11-15")
  }

  /// At most eight up to the longest hundredth, of any lengths.
  @Test(arguments: [1, 5, 40, 41, 80, 81, 3000, 100_000]) func bucketsStayFew(_ longest: Int) {
    let lengths = (1...400).map { max(1, $0 * longest / 400) }
    let (names, order) = LengthScoring.buckets(lengths)
    #expect(names.count == lengths.count && order.count <= 9 && Set(order).count == order.count)
    for (name, length) in zip(names, lengths) {
      let bounds = name.split(whereSeparator: { $0 == "-" || $0 == "+" }).compactMap { Int($0) }
      #expect(bounds[0] <= length && (bounds.count < 2 || length <= bounds[1]), "\(length) in \(name)")
    }
  }

  @Test func emptyTextsAndNoneAtAll() {
    #expect(LengthScoring.buckets([]).order.isEmpty)
    #expect(LengthScoring.buckets([0, 0]).names == ["1-5", "1-5"])
  }
}
