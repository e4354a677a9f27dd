import Foundation
import Randomness
import Support
import Testing

@testable import Corpus

@Suite struct MixtureTests {
  /// Scale, cap and temperature in this order: another order gives other weights.
  @Test func ratesFollowTheReference() {
    let counts = [100, 10_000, 0]
    #expect(MixtureRates().weights(counts: counts) == [100, 10_000, 0])
    #expect(MixtureRates(cap: 1000).weights(counts: counts) == [100, 1000, 0])
    let hot = MixtureRates(cap: 1000, temperature: 2).weights(counts: counts)
    #expect(hot[0] == 10 && abs(hot[1] - 31.6228) < 1e-3 && hot[2] == 0)
    #expect(MixtureRates(isEqual: true).weights(counts: counts) == [1, 1, 0])
    let scaled = MixtureRates(cap: 1000, temperature: 2).weights(counts: counts, scales: [20, 1, 1])
    #expect(abs(scaled[0] - 31.6228) < 1e-3 && abs(scaled[1] - 31.6228) < 1e-3)
  }

  @Test(arguments: [0, -1, Double.nan, .infinity]) func impossibleTemperaturesAreRefused(
    _ temperature: Double
  ) {
    #expect(throws: GraftError.self) { try MixtureRates(temperature: temperature).validate() }
    #expect(throws: GraftError.self) { try MixtureRates(cap: -1).validate() }
  }

  /// Shares are exact in every period, each source's samples come once and in order.
  @Test func everyPeriodHasItsShares() throws {
    let mixture = try PeriodicMixture(weights: [3, 0, 1], key: RandomKey(seed: 4))
    #expect(mixture.rates == [0.75, 0, 0.25])
    var seen: [[Int]] = [[], [], []]
    for index in 0..<20_000 {
      let (source, sample) = mixture.source(at: index)
      seen[source].append(sample)
    }
    #expect(seen.map(\.count) == [15_000, 0, 5_000])
    for samples in seen { #expect(samples.sorted() == Array(0..<samples.count)) }
    #expect(throws: GraftError.self) { try PeriodicMixture(weights: [0, 0], key: RandomKey(seed: 4)) }
  }
}
