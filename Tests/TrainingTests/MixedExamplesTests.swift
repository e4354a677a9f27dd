import Corpus
import Randomness
import Records
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
    for index in 0..<10_000 { counts[source.example(at: index, progress: 0), default: 0] += 1 }
    for example in tasks[0] { #expect(counts[example] == 500) }
    for example in tasks[1] { #expect(counts[example] == 5) }
    #expect(source.example(at: 77, progress: 0) == source.example(at: 77, progress: 0))
  }

  /// What is said to have been drawn is what was drawn, in whole periods and passes and in parts of them.
  @Test(arguments: [0, 1, 37, 130, 10_000, 12_345]) func drawnExamplesAreCounted(_ samples: Int) throws {
    let tasks = [10, 0, 50].enumerated().map { task, count in
      (0..<count).map { TokenExample(inputs: [TokenID(task)], targets: [TokenID($0)]) }
    }
    let key = RandomKey(seed: 5)
    let sources: [any TaskSamples] = [
      PooledExamples(tasks, key: key), try MixedExamples(tasks, weights: [1, 0, 2], key: key),
    ]
    for source in sources {
      var drawn = [0, 0, 0]
      for index in 0..<samples { drawn[Int(source.example(at: index, progress: 0).inputs[0])] += 1 }
      #expect(source.counts(ofFirst: samples) == drawn)
    }
    #expect(sources.map { $0.rates[1] } == [0, 0])
    // A pass is in the same order as without tasks.
    let flat = ShuffledExamples(Array(tasks.joined()), key: key)
    for index in 0..<min(samples, 100) {
      #expect(sources[0].example(at: index, progress: 0) == flat.example(at: index, progress: 0))
    }
  }
}
