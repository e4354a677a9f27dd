import Compute
import Foundation
import Records
import Support

/// A neural cache (Grave, Joulin & Usunier 2017): a token is likely that stood where the model was in a similar
/// state. The probability of token w in state h is (1 - weight) p(w) + weight · Σ exp(flatness h·hᵢ) over the
/// remembered states hᵢ that w came after, divided by the sum over all of them.
public struct NeuralCacheOptions: Sendable, Hashable {
  /// Of the cache, from 0 to below 1: λ of the paper.
  public var weight: Double
  /// How many states it remembers.
  public var size: Int
  /// How sharply it looks for similar states: θ of the paper.
  public var flatness: Double

  /// - Throws: `.usage` for impossible values.
  public init(weight: Double, size: Int, flatness: Double) throws(GraftError) {
    guard weight >= 0, weight < 1, size > 0, flatness >= 0, flatness.isFinite else {
      throw GraftError(
        .usage, "a cache of \(size) states with weight \(weight) and flatness \(flatness) is impossible",
        hint: "give a weight from 0 to below 1, at least one state, and a flatness that is not negative.")
    }
    (self.weight, self.size, self.flatness) = (weight, size, flatness)
  }
}

/// What a neural cache remembers of the text so far.
struct NeuralCache {
  private let options: NeuralCacheOptions
  /// Remembered states one after the other, the oldest first, and the token that came after each.
  private var states: [Float] = []
  private var tokens: [TokenID] = []

  init(_ options: NeuralCacheOptions) { self.options = options }

  /// Queries whose products with all states are made at once.
  private static let block = 128

  /// Log-probabilities of tokens with the cache, each of which then enters it.
  /// - Parameters:
  ///   - logProbabilities: by the model alone, in nats.
  ///   - found: the state before each token, [tokens, width].
  ///   - model: whose threads compute.
  mutating func mixed(
    _ logProbabilities: [Double], _ targets: [TokenID], states found: [Float], on model: ShardedModel
  ) -> [Double] {
    guard !targets.isEmpty else { return [] }
    let width = found.count / targets.count
    var result = logProbabilities
    for start in stride(from: 0, to: targets.count, by: Self.block) {
      let range = start..<min(start + Self.block, targets.count)
      let before = tokens.count
      states += found[range.lowerBound * width..<range.upperBound * width]
      tokens += targets[range]
      let products = products(range.count, width, on: model)
      for (place, index) in range.enumerated() {
        let end = before + place
        let remembered = max(0, end - options.size)..<end
        guard !remembered.isEmpty else { continue }
        let row = products[place * tokens.count..<(place + 1) * tokens.count]
        let share = share(of: targets[index], row, remembered)
        result[index] = log((1 - options.weight) * exp(logProbabilities[index]) + options.weight * share)
      }
      let excess = max(0, tokens.count - options.size)
      tokens.removeFirst(excess)
      states.removeFirst(excess * width)
    }
    return result
  }

  /// Of a token in a row of products with the states.
  private func share(of token: TokenID, _ products: ArraySlice<Float>, _ remembered: Range<Int>) -> Double {
    let first = products.startIndex
    var greatest = -Float.infinity
    for place in remembered { greatest = max(greatest, products[first + place]) }
    var (own, all) = (0.0, 0.0)
    for place in remembered {
      let value = exp(options.flatness * Double(products[first + place] - greatest))
      all += value
      if tokens[place] == token { own += value }
    }
    return own / all
  }

  /// The products of the last `count` states with all, [count, all].
  private func products(_ count: Int, _ width: Int, on model: ShardedModel) -> [Float] {
    let all = tokens.count
    return [Float](unsafeUninitializedCapacity: count * all) { buffer, initialized in
      states.withUnsafeBufferPointer { states in
        nonisolated(unsafe) let (target, keys) = (buffer.baseAddress!, states.baseAddress!)
        model.onEachShard { shard, matrices in
          let rows = ShardExecutor.slice(count, shard: shard, of: model.shardCount)
          guard !rows.isEmpty else { return }
          matrices.multiply(
            rows.count, all, width, .rows(keys + (all - count + rows.lowerBound) * width, stride: width),
            .transposed(keys, stride: width), into: target + rows.lowerBound * all, resultStride: all,
            operands: .float32,
            result: .float32, accumulate: false)
        }
      }
      initialized = count * all
    }
  }
}

/// What changes a model while a text is scored.
public protocol ModelAdaptation: Sendable {
  /// Makes the model what it was; before every text.
  func begin()
  /// Learns from what was just scored.
  /// - Throws: `.internalError` for a loss or gradient that is not finite.
  func adapt(to batch: Batch) throws(GraftError)
}

/// What the scoring of a text makes of the text before.
public struct ScoringMemory: Sendable {
  public var cache: NeuralCacheOptions?
  public var adaptation: (any ModelAdaptation)?

  public init(cache: NeuralCacheOptions? = nil, adaptation: (any ModelAdaptation)? = nil) {
    (self.cache, self.adaptation) = (cache, adaptation)
  }
}
