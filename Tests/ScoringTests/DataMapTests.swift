import Scoring
import Testing

/// Figures of dataset cartography, worked out by hand.
@Suite struct DataMapTests {
  func near(_ first: Double, _ second: Double) -> Bool { abs(first - second) < 1e-12 }

  @Test func figuresOfOneExample() {
    let point = DataMapPoint(identifier: "t/train/1", gold: [0.2, 0.6, 0.7], right: [false, true, true])
    #expect(near(point.confidence, 0.5))
    #expect(near(point.variability, (0.14 / 3).squareRoot()))
    #expect(point.correctness == 2)
    #expect(point.forgetfulness == 0)
    #expect(near(point.thresholdCloseness, 0.25))
  }

  @Test(arguments: [
    ([true], 0), ([false], 1000), ([false, false, false], 1000), ([true, false], 1),
    ([true, false, false], 1), ([false, true, false, true, false], 2), ([true, true, true], 0),
  ])
  func forgetting(_ right: [Bool], _ expected: Int) {
    let point = DataMapPoint(
      identifier: "", gold: right.map { $0 ? 0.9 : 0.1 }, right: right)
    #expect(point.forgetfulness == expected)
  }

  @Test func regionsAreSharesOfARanking() {
    func point(_ name: String, _ gold: [Double]) -> DataMapPoint {
      DataMapPoint(identifier: name, gold: gold, right: gold.map { $0 > 0.5 })
    }
    let map = DataMap(
      [
        point("hard", [0.1, 0.1]), point("easy", [0.9, 1]), point("ambiguous", [0.1, 0.9]),
        point("easy too", [0.9, 1]), point("between", [0.4, 0.5]), point("rest", [0.5, 0.6]),
      ], measurements: 2)
    func names(_ region: DataMap.Region, _ fraction: Double) -> [String] {
      map.region(region, fraction: fraction).map(\.identifier)
    }
    // A third of six, rounded down as the authors do: int(.34 * 6) = 2.
    #expect(names(.easy, 0.34) == ["easy", "easy too"])
    #expect(names(.hard, 0.34) == ["hard", "between"])
    #expect(names(.ambiguous, 0.17) == ["ambiguous"])
    #expect(names(.hard, 0.1) == [])
    #expect(names(.hard, 1).count == 6)
    #expect(DataMap([], measurements: 1).region(.easy, fraction: 0.5).isEmpty)
  }
}
