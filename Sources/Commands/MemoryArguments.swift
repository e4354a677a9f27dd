import ArgumentParser
import Counting
import Inference
import Support
import Training

/// What `graft score --file` makes of the text before.
struct MemoryArguments: ParsableArguments {
  @Option(
    help: """
      With --file: mix in a cache with this weight, such as 0.1: the tokens that stood where the model was in similar \
      states (neural cache, Grave et al. 2017); of a model of n-grams the last words.
      """)
  var cache: Double?

  @Option(help: "How many tokens the cache remembers (default: 2000; of n-grams 500).")
  var cacheSize: Int?

  @Option(help: "How sharply the cache looks for similar states (default: 0.05).")
  var cacheFlatness: Double?

  @Option(
    help: """
      With --file: dynamic evaluation (Krause et al. 2018) at this rate, such as 0.1: after each window a step of \
      gradient descent on what was scored in it.
      """)
  var dynamic: Double?

  @Option(help: "How far each of these steps goes back to the model as it is, from 0 to 1 (default: 0).")
  var dynamicDecay: Double?

  var isGiven: Bool { cache != nil || dynamic != nil }

  /// - Throws: `.usage` for settings of what was not asked for.
  func check() throws(GraftError) {
    guard cache != nil || (cacheSize == nil && cacheFlatness == nil) else {
      throw GraftError(.usage, "--cache-size and --cache-flatness belong to a cache", hint: "add --cache WEIGHT.")
    }
    guard dynamic != nil || dynamicDecay == nil else {
      throw GraftError(.usage, "--dynamic-decay belongs to dynamic evaluation", hint: "add --dynamic RATE.")
    }
  }

  func neuralCache() throws(GraftError) -> NeuralCacheOptions? {
    guard let cache else { return nil }
    return try NeuralCacheOptions(weight: cache, size: cacheSize ?? 2000, flatness: cacheFlatness ?? 0.05)
  }

  /// - Throws: `.usage` for what a model of n-grams does not have.
  func unigramCache() throws(GraftError) -> UnigramCache? {
    guard dynamic == nil, cacheFlatness == nil else {
      throw GraftError(
        .usage, "--dynamic and --cache-flatness have no bearing on an n-gram model", hint: "leave them out.")
    }
    return try CacheArguments.unigramCache(weight: cache, size: cacheSize)
  }
}
