import Randomness
import Records
import Support
import Testing

@testable import Objectives

@Suite struct ObjectiveTests {
  private let vocabulary = Vocabulary(size: 400, sentinels: (0..<100).map { TokenID(399 - $0) })

  @Test func causalLanguageModelingPredictsTheTextItself() throws {
    let objective = try Objectives.make("causal-lm", vocabulary: vocabulary)
    #expect(
      objective.example(from: [5, 6, 7], key: RandomKey(seed: 0))
        == TokenExample(inputs: [], targets: [5, 6, 7]))
    #expect(objective.example(from: [], key: RandomKey(seed: 0)) == nil)
    #expect(objective.rawLength(forSequenceLength: 128, .decoder) == (128, 128))
    #expect(type(of: objective).layouts == [.decoder])
  }

  @Test func anUnknownObjectiveIsAnsweredWithTheClosest() {
    let error = #expect(throws: GraftError.self) {
      try Objectives.make("span-coruption", vocabulary: vocabulary)
    }
    #expect(error?.code == .usage)
    #expect(error?.hint?.contains("'span-corruption'") == true)
  }

  @Test func anUnknownParameterIsAnsweredWithTheClosest() {
    let error = #expect(throws: GraftError.self) {
      try Objectives.make("span-corruption", ["noise-densty": 0.2], vocabulary: vocabulary)
    }
    #expect(error?.code == .usage)
    #expect(error?.hint?.contains("'noise-density'") == true)
  }

  @Test(arguments: [0, 0.95, -1, Double.nan, Double.infinity])
  func aParameterOutOfRangeIsRefused(_ value: Double) {
    let error = #expect(throws: GraftError.self) {
      try Objectives.make("span-corruption", ["noise-density": value], vocabulary: vocabulary)
    }
    #expect(error?.code == .usage)
    #expect(error?.hint?.contains("0.01 … 0.9") == true)
  }
}
