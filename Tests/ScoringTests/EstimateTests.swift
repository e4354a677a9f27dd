import Foundation
import Randomness
import Records
import Scoring
import Testing

@Suite struct EstimateTests {
  /// Figures of R's prop.test without continuity correction.
  @Test func wilson() throws {
    let tenth = try #require(Estimate.proportion(1, of: 10))
    #expect(tenth.value == 0.1)
    #expect(abs((tenth.lower ?? 0) - 0.01787621) < 1e-7)
    #expect(abs((tenth.upper ?? 0) - 0.40415002) < 1e-7)
    let none = try #require(Estimate.proportion(0, of: 20))
    #expect(none.lower == 0 && abs((none.upper ?? 0) - 0.1611252) < 1e-6)
    let all = try #require(Estimate.proportion(20, of: 20))
    #expect(all.upper == 1 && abs((all.lower ?? 0) - 0.8388748) < 1e-6)
    #expect(Estimate.proportion(0, of: 0) == nil)
  }

  @Test func binomialTails() {
    #expect(abs(BinomialTest.upperTail(2, of: 3, probability: 1.0 / 3) - 7.0 / 27) < 1e-14)
    #expect(BinomialTest.upperTail(0, of: 3, probability: 0.2) == 1)
    #expect(BinomialTest.upperTail(4, of: 3, probability: 0.2) == 0)
    #expect(BinomialTest.upperTail(1, of: 3, probability: 0) == 0)
    #expect(BinomialTest.upperTail(3, of: 3, probability: 1) == 1)
    // All of the distribution but the smallest count.
    #expect(abs(BinomialTest.upperTail(1, of: 1000, probability: 0.001) - (1 - pow(0.999, 1000))) < 1e-12)
    // By hand: 1 / 3^20.
    #expect(abs(BinomialTest.upperTail(20, of: 20, probability: 1.0 / 3) * pow(3, 20) - 1) < 1e-9)
  }

  @Test func bootstrapOfAMean() throws {
    let values = (0..<400).map { Double($0 % 2) }
    let estimate = try #require(Estimate.bootstrapMean(values, options: BootstrapOptions()))
    #expect(estimate.value == 0.5)
    // 1.96 √(.25 / 400) = .049.
    #expect(abs((estimate.lower ?? 0) - 0.451) < 0.006 && abs((estimate.upper ?? 0) - 0.549) < 0.006)
    #expect(Estimate.bootstrapMean([1], options: BootstrapOptions()) == Estimate(1))
    #expect(Estimate.bootstrapMean([], options: BootstrapOptions()) == nil)
    #expect(Estimate.mean([]) == nil)
    #expect(Estimate.mean([3])?.interval == nil)
  }

  /// Two seeds with 3 and 4 of 4 right: .875 on average.
  @Test func meanOfSeeds() throws {
    let references = [0, 1, 0, 1].map { Reference(text: "", choice: $0) }
    func answers(_ choices: [Int]) -> [Prediction] { choices.map { Prediction(text: "", choice: $0) } }
    let estimate = try Accuracy().estimate(
      seeds: [answers([0, 1, 0, 0]), answers([0, 1, 0, 1])], references, bootstrap: BootstrapOptions())
    #expect(estimate?.value == 0.875)
    #expect(throws: (any Error).self) {
      try Accuracy().estimate(seeds: [answers([0])], references, bootstrap: BootstrapOptions())
    }
  }
}
