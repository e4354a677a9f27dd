import Corpus
import Foundation
import ModelKit
import Randomness
import Records
import Support
import TestSupport
import Testing

@testable import Inference

@Suite struct NeuralCacheTests {
  private func model() throws -> (ShardedModel, TextCodec) {
    let model = try ShardedModel(
      SmallModels.configuration("gpt"), key: RandomKey(seed: 4), precision: .f32, shardCount: 2, training: false)
    var codec = TextCodec(try SmallModels.tokenizer.get())
    codec.layout = .continuation
    return (model, codec)
  }

  /// By the formula, one token after the other.
  private func naive(
    _ logProbabilities: [Double], _ targets: [TokenID], _ states: [[Float]], _ options: NeuralCacheOptions
  ) -> [Double] {
    targets.indices.map { index in
      let remembered = max(0, index - options.size)..<index
      if remembered.isEmpty { return logProbabilities[index] }
      let weights = remembered.map { other in
        exp(options.flatness * zip(states[index], states[other]).reduce(0) { $0 + Double($1.0) * Double($1.1) })
      }
      let own = zip(remembered, weights).reduce(0) { $0 + (targets[$1.0] == targets[index] ? $1.1 : 0) }
      let share = own / weights.reduce(0, +)
      return log((1 - options.weight) * exp(logProbabilities[index]) + options.weight * share)
    }
  }

  /// In one call and in several, with a cache that forgets and one that does not.
  @Test(arguments: [(20, 0.7), (1000, 0.7), (1000, 0.0)]) func mixesByTheFormula(_ size: Int, _ flatness: Double) throws
  {
    let (model, _) = try model()
    let options = try NeuralCacheOptions(weight: 0.3, size: size, flatness: flatness)
    var generator = RandomKey(seed: 2).generator()
    let (count, width) = (300, 24)
    let states = (0..<count).map { _ in (0..<width).map { _ in Float(generator.uniform() * 2 - 1) } }
    let targets = (0..<count).map { _ in TokenID(generator.below(12)) }
    let scores = (0..<count).map { _ in log(0.05 + 0.9 * generator.uniform()) }
    let expected = naive(scores, targets, states, options)
    var cache = NeuralCache(options)
    var found: [Double] = []
    for range in [0..<1, 1..<170, 170..<300] {
      found += cache.mixed(
        Array(scores[range]), Array(targets[range]), states: Array(states[range].joined()), on: model)
    }
    for (found, expected) in zip(found, expected) { #expect(abs(found - expected) < 1e-5) }
  }

  /// Through the scorer of files: the states are those that predict the tokens, in the order of the text.
  @Test func filesAreScoredWithIt() throws {
    let (model, codec) = try model()
    let options = try NeuralCacheOptions(weight: 0.2, size: 50, flatness: 0.5)
    func scorer(_ memory: ScoringMemory) throws -> TextFileScorer {
      try TextFileScorer(model: model, codec: codec, length: 16, stride: 8, memory: memory)
    }
    let text = String(try SmallModels.text.get().prefix(600))
    let ids = codec.tokenizer.encode(text)
    let plain = try scorer(ScoringMemory()).logProbabilities(ids)
    let cached = try scorer(ScoringMemory(cache: options)).logProbabilities(ids)
    let textScorer = try TextScorer(model: model, codec: codec)
    // The same windows: start token, eight to sixteen tokens of context.
    var states: [[Float]] = []
    for part in TextWindows(length: 16, stride: 8).windows(count: ids.count, context: 0) {
      var example = TokenExample(
        inputs: Array(ids[part.held.lowerBound..<part.scored.lowerBound]), targets: Array(ids[part.scored]))
      example.isContinuation = true
      let reading = try textScorer.readings([example], needsStates: true)[0]
      let width = reading.states.count / part.scored.count
      states += part.scored.indices.map { place in
        let first = (place - part.scored.lowerBound) * width
        return Array(reading.states[first..<first + width])
      }
    }
    for (found, expected) in zip(cached, naive(plain, ids, states, options)) { #expect(abs(found - expected) < 1e-4) }
    let none = try NeuralCacheOptions(weight: 0, size: 50, flatness: 0.5)
    for (found, plain) in zip(try scorer(ScoringMemory(cache: none)).logProbabilities(ids), plain) {
      #expect(abs(found - plain) < 1e-9)
    }
  }

  @Test func impossibleCachesAreRefused() {
    for (weight, size, flatness) in [(1.0, 5, 0.3), (-0.1, 5, 0.3), (0.1, 0, 0.3), (0.1, 5, -1), (0.1, 5, .infinity)] {
      #expect(throws: GraftError.self) {
        try NeuralCacheOptions(weight: weight, size: size, flatness: flatness)
      }
    }
  }
}
