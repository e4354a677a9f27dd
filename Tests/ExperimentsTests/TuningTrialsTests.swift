import Testing

@testable import Experiments

/// What learning rates are tried.
@Suite struct TuningTrialsTests {
  @Test func drawsDependOnTheSeedAlone() {
    let factors = TuningTrials.factors(seed: 3, count: 200)
    #expect(factors.allSatisfy { $0 >= 0.316 && $0 < 3.163 })
    // Log-uniform: as many below the plan's rate as above it.
    let below = factors.count { $0 < 1 }
    #expect(below > 75 && below < 125 && factors.contains { $0 < 0.4 } && factors.contains { $0 > 2.5 })
    // More trials are the same ones and others.
    #expect(TuningTrials.factors(seed: 3, count: 5) == Array(factors.prefix(5)))
    #expect(TuningTrials.factors(seed: 4, count: 5) != Array(factors.prefix(5)))
  }
}
