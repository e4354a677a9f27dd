import Corpus
import Examples
import Randomness
import Testing

@testable import Training

@Suite struct MixedExamplesTests {
  /// Ten examples against a thousand: seen equally often, the ten come round again and again, each as often as the
  /// others.
  @Test func everyTaskIsReadPassByPass() throws {
    let tasks = [10, 1000].enumerated().map { task, count in
      (0..<count).map { TokenExample(inputs: [TokenID(task)], targets: [TokenID($0)]) }
    }
    let weights = MixtureRates(isEqual: true).weights(counts: tasks.map(\.count))
    let source = try MixedExamples(tasks, weights: weights, key: RandomKey(seed: 3))
    #expect(source.rates == [0.5, 0.5])
    var counts: [TokenExample: Int] = [:]
    for index in 0..<10_000 { counts[source.example(at: index), default: 0] += 1 }
    for example in tasks[0] { #expect(counts[example] == 500) }
    for example in tasks[1] { #expect(counts[example] == 5) }
    #expect(source.example(at: 77) == source.example(at: 77))
  }
}
