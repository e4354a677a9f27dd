import Randomness
import Records
import Support
import TestSupport
import Testing

@testable import Scoring

@Suite struct ResamplingTests {
  func answers(right: Int, wrong: Int) -> ([Prediction], [Reference]) {
    let predictions = (0..<right + wrong).map { Prediction(text: "", choice: $0 < right ? 0 : 1) }
    return (predictions, predictions.map { _ in Reference(text: "a", choice: 0) })
  }

  /// 80 of 100: the normal approximation gives .8 ± 1.96 · .04.
  @Test func accuracyInterval() throws {
    let (predictions, references) = answers(right: 80, wrong: 20)
    let score = try Accuracy().measure(
      predictions, references, bootstrap: BootstrapOptions(resamples: 4000))
    let interval = try #require(score.interval)
    #expect(score.value == 0.8)
    #expect(abs(interval.lower - 0.7216) < 0.015)
    #expect(abs(interval.upper - 0.8784) < 0.015)
  }

  @Test(.tags(.slow)) func sameKeySameInterval() throws {
    let fixture = MetricFixtures.shared.correlation[0]
    let predictions = fixture.predicted.map { Prediction(text: "\($0)") }
    let references = fixture.gold.map { Reference(text: "\($0)", number: $0) }
    func interval(_ seed: UInt64) throws -> Interval? {
      try Pearson().measure(
        predictions, references, bootstrap: BootstrapOptions(resamples: 200, key: RandomKey(seed: seed))
      ).interval
    }
    #expect(try interval(1) == interval(1))
    #expect(try interval(1) != interval(2))
  }

  /// Both ways of drawing a resample, chain of binomials and element by element, draw the multinomial.
  @Test(.tags(.slow)) func resamplesHaveTheRightMoments() {
    for kinds in [3, 80] {
      var pool = Pool<Int>()
      for element in 0..<kinds * (kinds + 1) / 2 {
        var kind = 0
        while (kind + 1) * (kind + 2) / 2 <= element { kind += 1 }
        pool.append(kind)
      }
      let count = pool.elements.count
      var resampler = Resampler(pool, key: RandomKey(seed: 3), resamples: 4000)
      var sum = 0.0
      var squares = 0.0
      while let multiplicities = resampler.next() {
        #expect(multiplicities.reduce(0, +) == count)
        let value = Double(multiplicities[kinds - 1])
        sum += value
        squares += value * value
      }
      let mean = sum / 4000
      let share = Double(kinds) / Double(count)
      let variance = Double(count) * share * (1 - share)
      #expect(abs(mean - Double(kinds)) < 4 * (variance / 4000).squareRoot(), "\(kinds) kinds")
      #expect(abs((squares / 4000 - mean * mean) / variance - 1) < 0.12, "\(kinds) kinds")
    }
  }

  @Test func binomialEdges() {
    var generator = RandomKey(seed: 1).generator()
    #expect(binomial(0, 0.5, &generator) == 0)
    #expect(binomial(5, 0, &generator) == 0)
    #expect(binomial(5, 1, &generator) == 5)
    for _ in 0..<1000 { #expect((0...1_000_000).contains(binomial(1_000_000, 1e-9, &generator))) }
  }

  /// What explains a score has an interval of its own, from the same resamples.
  @Test func detailsHaveIntervals() throws {
    let predictions = (0..<200).map { Prediction(text: "", choice: $0 % 3 == 0 ? 0 : 1) }
    let references = (0..<200).map { Reference(text: "\($0 % 2)", choice: $0 % 2) }
    let score = try F1().measure(predictions, references, bootstrap: BootstrapOptions())
    #expect(score.detailIntervals.keys.sorted() == ["precision", "recall"])
    for (key, value) in score.details {
      let interval = try #require(score.detailIntervals[key])
      #expect(interval.lower < value && value < interval.upper)
    }
  }

  @Test func oneExampleHasNoInterval() throws {
    let (predictions, references) = answers(right: 1, wrong: 0)
    let score = try Accuracy().measure(predictions, references, bootstrap: BootstrapOptions())
    #expect(score.value == 1 && score.interval == nil)
  }

  @Test func unequalCountsAreRefused() {
    let error = #expect(throws: GraftError.self) {
      try Accuracy().measure([], [Reference(text: "a")], bootstrap: noBootstrap)
    }
    #expect(error?.code == .badData)
  }

  @Test func nothingToScoreIsUndefined() throws {
    for entry in Metrics.registry.entries {
      let score = try entry.plugin.measure([], [], bootstrap: BootstrapOptions())
      #expect(score.value == nil && score.interval == nil, "\(entry.name)")
    }
  }

  @Test func weightedRanks() {
    #expect(ranks([7, 3, 7], [1, 2, 1]) == [3.5, 1.5, 3.5])
    #expect(ranks([1, 2, 3], [1, 1, 1]) == [1, 2, 3])
  }

  /// Multiplicities mean repetition: the score of a pooled collection is that of the written-out one.
  @Test func multiplicitiesAreRepetition() throws {
    let fixture = MetricFixtures.shared.correlation[0]
    let pairs = zip(fixture.predicted, fixture.gold).map { NumberPair(prediction: $0, reference: $1) }
    let multiplicities = pairs.indices.map { $0 % 4 }
    let written = zip(pairs, multiplicities).flatMap { Array(repeating: $0, count: $1) }
    let ones = written.map { _ in 1 }
    #expect(
      equal(
        Pearson().score(pairs, multiplicities: multiplicities),
        Pearson().score(written, multiplicities: ones), within: 1e-10))
    #expect(
      equal(
        Spearman().score(pairs, multiplicities: multiplicities),
        Spearman().score(written, multiplicities: ones), within: 1e-10))
  }

  @Test func seeds() throws {
    let summary = try #require(SeedSummary([0.8, 0.82, 0.78]))
    #expect(equal(summary.mean, 0.8))
    #expect(equal(summary.standardDeviation, 0.02, within: 1e-9))
    // 4.302653 · .02 / √3
    #expect(equal(summary.interval?.upper, 0.8 + 0.0496827, within: 1e-6))
    #expect(summary.minimum == 0.78 && summary.maximum == 0.82 && summary.median == 0.8)
    #expect(SeedSummary([]) == nil)
    #expect(SeedSummary([1])?.interval == nil)
  }
}
