import Examples
import Randomness
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

  /// With one seed it is the comparison of two systems.
  @Test func oneSeedIsTheComparisonOfTwoSystems() throws {
    let (first, second) = (answers(right: 0..<60), answers(right: 8..<75))
    let plain = try Accuracy().compare(
      first, second, references, bootstrap: BootstrapOptions(resamples: 4000))
    let found = try #require(
      try Accuracy().compare(
        seeds: [first], [second], references, bootstrap: BootstrapOptions(resamples: 4000)))
    #expect(abs(found.p - (try #require(plain.permutationP))) < 0.03)
    #expect(abs(try #require(found.interval).lower - (try #require(plain.interval)).lower) < 0.02)
  }

  @Test func tasksAreAveragedDrawByDraw() throws {
    let mean = try #require(
      SeededComparison.mean([
        SeededComparison(difference: 1, resampled: [1, 2], exchanged: [0, 4]),
        SeededComparison(difference: 3, resampled: [3, 6], exchanged: [2, 2]),
      ]))
    #expect(mean == SeededComparison(difference: 2, resampled: [2, 4], exchanged: [1, 3]))
    #expect(mean.p == 2.0 / 3)
    #expect(SeededComparison.mean([]) == nil)
  }

  @Test func holm() {
    #expect(zip(holmAdjusted([0.01, 0.04, 0.03]), [0.03, 0.06, 0.06]).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(holmAdjusted([0.9, 0.8]) == [1, 1])
    #expect(holmAdjusted([]) == [])
  }
}
