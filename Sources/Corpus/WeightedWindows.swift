import Examples
import Randomness
import Support

/// A mixture of several streams by weight. A pure function of the index: in every 10,000 samples each stream
/// has its exact share (rounded), in random order, and each stream's own windows come in its own order.
///
/// Worked example: weights 3 and 1 give the first stream 7,500 and the second 2,500 of the samples 0 ..<
/// 10,000.
public struct WeightedWindows: Sendable {
  /// How many samples have exact shares.
  static let period = 10_000

  public let streams: [TokenWindows]
  /// How many of `period` samples each stream gives.
  private let quotas: [Int]
  /// The sums of `quotas` before each stream.
  private let quotaStarts: [Int]
  private let key: RandomKey

  /// - Parameter weights: one per stream, not negative; only their proportions matter.
  /// - Throws: `.usage` if there are no streams with a weight, or a weight belongs to a stream without
  /// tokens.
  public init(_ streams: [TokenWindows], weights: [Double], key: RandomKey) throws(GraftError) {
    precondition(streams.count == weights.count, "\(streams.count) streams, \(weights.count) weights")
    let sum = weights.reduce(0, +)
    guard weights.allSatisfy({ $0 >= 0 }), sum > 0, sum.isFinite else {
      throw GraftError(
        .usage, "the weights of a mixture must not be negative and not all 0",
        hint: "they are \(weights.map { String($0) }.joined(separator: ", ")).")
    }
    for (stream, weight) in zip(streams, weights) where weight > 0 && stream.windowsPerEpoch == 0 {
      throw GraftError(.badData, "a corpus of the mixture has no tokens")
    }
    guard streams.count <= Self.period else {
      throw GraftError(.usage, "a mixture of \(streams.count) corpora; at most \(Self.period)")
    }
    self.streams = streams
    self.key = key
    quotas = Self.quotas(weights.map { $0 / sum })
    var starts = [0]
    for quota in quotas { starts.append(starts[starts.count - 1] + quota) }
    quotaStarts = starts
  }

  /// Every stream as often as its length says, times a repetition: `a.txt:1` and `b.txt:2` read b twice
  /// while a is read once.
  public init(_ streams: [TokenWindows], repetitions: [Double], key: RandomKey) throws(GraftError) {
    precondition(
      streams.count == repetitions.count, "\(streams.count) streams, \(repetitions.count) repetitions")
    try self.init(
      streams, weights: zip(streams, repetitions).map { Double($0.windowsPerEpoch) * $1 }, key: key)
  }

  /// The shares of the period by largest remainder; whatever has a weight has at least one sample.
  private static func quotas(_ shares: [Double]) -> [Int] {
    var quotas = shares.map { $0 > 0 ? max(1, Int($0 * Double(period))) : 0 }
    let byRemainder = shares.indices.filter { shares[$0] > 0 }.sorted {
      let (left, right) = (shares[$0] * Double(period), shares[$1] * Double(period))
      return (left - left.rounded(.down), -$0) > (right - right.rounded(.down), -$1)
    }
    var missing = period - quotas.reduce(0, +)
    var turn = 0
    while missing > 0 {
      quotas[byRemainder[turn % byRemainder.count]] += 1
      missing -= 1
      turn += 1
    }
    while missing < 0, let largest = quotas.indices.max(by: { quotas[$0] < quotas[$1] }) {
      quotas[largest] -= 1
      missing += 1
    }
    return quotas
  }

  /// The share of the samples that each stream really gives.
  public var rates: [Double] { quotas.map { Double($0) / Double(Self.period) } }

  /// How often each stream has been read through after so many samples.
  public func epochs(after samples: Int) -> [Double] {
    zip(streams, rates).map { stream, rate in
      stream.windowsPerEpoch == 0 ? 0 : Double(samples) * rate / Double(stream.windowsPerEpoch)
    }
  }

  /// Which stream the `index`-th sample comes from, and which of its windows it is.
  public func source(at index: Int) -> (stream: Int, window: Int) {
    precondition(index >= 0, "sample \(index)")
    let (block, position) = index.quotientAndRemainder(dividingBy: Self.period)
    let slot = KeyedPermutation(count: Self.period, key: key.folded(block))[position]
    // Streams without a share have equal starts; the last of equals is the one with the slot.
    let stream = lastIndex(in: quotaStarts, notAbove: slot)
    return (stream, block * quotas[stream] + slot - quotaStarts[stream])
  }

  /// The `index`-th sample.
  public func window(at index: Int) -> [TokenID] {
    let source = source(at: index)
    return streams[source.stream].window(at: source.window)
  }
}
