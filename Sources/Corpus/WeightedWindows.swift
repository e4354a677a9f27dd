import Randomness
import Records
import Support

/// A mixture of the windows of several streams by weight; see `PeriodicMixture`.
public struct WeightedWindows: Sendable {
  /// The windows of each stream, in the order of the weights.
  public let streams: [TokenWindows]
  private let mixture: PeriodicMixture

  /// - Parameter weights: one per stream, not negative; only their proportions matter.
  /// - Throws: `.usage` if there are no streams with a weight; `.badData` if a weight belongs to a stream without
  ///   tokens.
  public init(_ streams: [TokenWindows], weights: [Double], key: RandomKey) throws(GraftError) {
    precondition(streams.count == weights.count, "\(streams.count) streams, \(weights.count) weights")
    for (stream, weight) in zip(streams, weights) where weight > 0 && stream.windowsPerEpoch == 0 {
      throw GraftError(.badData, "a corpus of the mixture has no tokens")
    }
    self.streams = streams
    mixture = try PeriodicMixture(weights: weights, key: key)
  }

  /// Every stream as often as its length says, times a repetition: `a.txt:1` and `b.txt:2` read b twice
  /// while a is read once.
  public init(_ streams: [TokenWindows], repetitions: [Double], key: RandomKey) throws(GraftError) {
    precondition(
      streams.count == repetitions.count, "\(streams.count) streams, \(repetitions.count) repetitions")
    try self.init(
      streams, weights: zip(streams, repetitions).map { Double($0.windowsPerEpoch) * $1 }, key: key)
  }

  /// The share of the samples that each stream really gives.
  public var rates: [Double] { mixture.rates }

  /// How often each stream has been read through after so many samples.
  public func epochs(after samples: Int) -> [Double] {
    zip(streams, rates).map { stream, rate in
      stream.windowsPerEpoch == 0 ? 0 : Double(samples) * rate / Double(stream.windowsPerEpoch)
    }
  }

  /// Which stream the `index`-th sample comes from, and which of its windows it is.
  public func source(at index: Int) -> (stream: Int, window: Int) {
    let (stream, window) = mixture.source(at: index)
    return (stream, window)
  }

  /// The `index`-th sample.
  public func window(at index: Int) -> [TokenID] {
    let source = source(at: index)
    return streams[source.stream].window(at: source.window)
  }
}
