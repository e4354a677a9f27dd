import Randomness
import Records
import TestSupport
import Testing

@testable import Scoring

@Suite struct SeededComparisonTests {
  private let references = (0..<100).map { _ in Reference(text: "a", choice: 0) }
  private let bootstrap = BootstrapOptions(resamples: 1000)

  private func answers(right: Range<Int>) -> [Prediction] {
    (0..<100).map { Prediction(text: "", choice: right.contains($0) ? 0 : 1) }
  }

  @Test func equalSystemsDoNotDiffer() throws {
    let same = [answers(right: 0..<60), answers(right: 10..<70)]
    let found = try #require(
      try Accuracy().compare(seeds: same, same, references, bootstrap: bootstrap))
    #expect(found.difference == 0)
    #expect(found.p == 1)
    #expect(found.interval == Interval(lower: 0, upper: 0))
  }

  /// Seed by seed .6 → .8 and .5 → .7: a difference of .2, carried by 20 examples that none contradicts.
  @Test func theDifferenceIsThatOfTheMeans() throws {
    let found = try #require(
      try Accuracy().compare(
        seeds: [answers(right: 0..<60), answers(right: 0..<50)],
        [answers(right: 0..<80), answers(right: 0..<70)], references, bootstrap: bootstrap))
    #expect(abs(found.difference - 0.2) < 1e-12)
    #expect(found.p < 0.01)
    let interval = try #require(found.interval)
    #expect(interval.lower > 0.1 && interval.upper < 0.3)
    #expect(abs(found.scaled(by: 100).difference - 20) < 1e-9)
  }

  @Test func exampleByExample() throws {
    let references = (0..<400).map { _ in Reference(text: "a", choice: 0) }
    func system(_ isRight: (Int) -> Bool) -> [[Prediction]] {
      [(0..<400).map { Prediction(text: "", choice: isRight($0) ? 0 : 1) }]
    }
    func comparison(_ first: [[Prediction]], _ second: [[Prediction]]) throws -> SeededComparison {
      try #require(
        try Accuracy().compare(
          seeds: first, second, references, bootstrap: BootstrapOptions(resamples: 2000)))
    }
    // The second is right wherever the first is, and on 40 further examples.
    let better = try comparison(system { $0 < 200 }, system { $0 < 240 })
    #expect(equal(better.first, 0.5) && equal(better.second, 0.6) && equal(better.difference, 0.1))
    #expect(better.p < 0.01 && better.bootstrapP < 0.01)
    #expect(try #require(better.interval).lower > 0.05)
    // 100 wins each: no difference at all.
    let even = try comparison(system { $0 < 200 }, system { $0 >= 100 && $0 < 300 })
    #expect(even.difference == 0)
    #expect(even.p == 1 && even.bootstrapP == 1)
    // 55 wins to 45 is p = .37 by the exact sign test.
    let close = try comparison(system { $0 < 45 }, system { $0 >= 45 && $0 < 100 })
    #expect(abs(close.p - 0.368) < 0.04)
  }

  /// Against the exact permutation test and the percentile bootstrap of scipy.
  @Test(.tags(.slow), arguments: MetricFixtures.shared.paired)
  func smallSetsAsInScipy(_ fixture: MetricFixtures.Paired) throws {
    let metric: any Metric = fixture.name == "pearson" ? Pearson() : Accuracy()
    func answers(_ values: [Double]) -> [Prediction] { values.map { Prediction(text: "\($0)") } }
    let found = try #require(
      try metric.compare(
        seeds: [answers(fixture.first)], [answers(fixture.second)],
        fixture.gold.map { Reference(text: "\($0)", number: $0) },
        bootstrap: BootstrapOptions(resamples: 8000)))
    #expect(equal(found.difference, fixture.difference))
    // Four standard errors of a share of 8000 draws.
    #expect(abs(found.p - fixture.p) < 4 * (fixture.p * (1 - fixture.p) / 8000).squareRoot() + 1e-3)
    let interval = try #require(found.interval)
    #expect(abs(interval.lower - fixture.lower) < 0.03 && abs(interval.upper - fixture.upper) < 0.03)
  }

  /// Against the paired tests of sacrebleu; its p and ours are shares of random draws.
  @Test(.tags(.slow), arguments: ["bleu", "chrf"]) func textsAsInSacreBLEU(_ name: String) throws {
    let fixture = MetricFixtures.shared.pairedTexts
    func answers(_ texts: [String]) -> [Prediction] { texts.map { Prediction(text: $0) } }
    let found = try #require(
      try Metrics.registry(name).compare(
        seeds: [answers(fixture.first)], [answers(fixture.second)],
        fixture.references.map { Reference(text: $0) }, bootstrap: BootstrapOptions(resamples: 4000)))
    #expect(found.difference > 0)
    #expect(abs(found.p - (try #require(fixture.p["\(name) ar"]))) < 0.015)
    #expect(abs(found.bootstrapP - (try #require(fixture.p["\(name) bs"]))) < 0.015)
  }

  @Test func tasksAreAveragedDrawByDraw() throws {
    let mean = try #require(
      SeededComparison.mean([
        SeededComparison(first: 4, second: 5, resampled: [1, 2], exchanged: [0, 4]),
        SeededComparison(first: 2, second: 5, resampled: [3, 6], exchanged: [2, 2]),
      ]))
    #expect(mean == SeededComparison(first: 3, second: 5, resampled: [2, 4], exchanged: [1, 3]))
    #expect(mean.difference == 2)
    #expect(mean.p == 2.0 / 3)
    #expect(SeededComparison.mean([]) == nil)
  }

  @Test func holm() {
    #expect(zip(holmAdjusted([0.01, 0.04, 0.03]), [0.03, 0.06, 0.06]).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(holmAdjusted([0.9, 0.8]) == [1, 1])
    #expect(holmAdjusted([]) == [])
  }
}
