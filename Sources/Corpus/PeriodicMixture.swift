import Randomness
import Support

/// Which of several sources each sample of a mixture comes from. A pure function of the sample's number: in every
/// 10,000 samples each source has its exact share (rounded), in random order, and its own samples come in their own
/// order.
///
/// Worked example: weights 3 and 1 give the first source 7,500 and the second 2,500 of the samples 0 ..< 10,000.
public struct PeriodicMixture: Sendable {
  /// How many samples have exact shares.
  static let period = 10_000

  /// How many of `period` samples each source gives.
  private let quotas: [Int]
  /// The sums of `quotas` before each source.
  private let quotaStarts: [Int]
  private let key: RandomKey

  /// - Parameter weights: one per source, not negative; only their proportions matter.
  /// - Throws: `.usage` if no source has a weight, or there are more than 10,000.
  public init(weights: [Double], key: RandomKey) throws(GraftError) {
    let sum = weights.reduce(0, +)
    guard weights.allSatisfy({ $0 >= 0 }), sum > 0, sum.isFinite else {
      throw GraftError(
        .usage, "the weights of a mixture must not be negative and not all 0",
        hint: "they are \(weights.map { String($0) }.joined(separator: ", ")).")
    }
    guard weights.count <= Self.period else {
      throw GraftError(.usage, "a mixture of \(weights.count) sources; at most \(Self.period)")
    }
    self.key = key
    quotas = Self.quotas(weights.map { $0 / sum })
    var starts = [0]
    for quota in quotas { starts.append(starts[starts.count - 1] + quota) }
    quotaStarts = starts
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

  /// The share of the samples that each source really gives.
  public var rates: [Double] { quotas.map { Double($0) / Double(Self.period) } }

  /// How many of the samples 0 ..< `count` each source gives.
  public func counts(ofFirst count: Int) -> [Int] {
    precondition(count >= 0, "\(count) samples")
    let (blocks, rest) = count.quotientAndRemainder(dividingBy: Self.period)
    var counts = quotas.map { $0 * blocks }
    for index in count - rest..<count { counts[source(at: index).source] += 1 }
    return counts
  }

  /// Which source the `index`-th sample comes from, and which of the source's samples it is.
  public func source(at index: Int) -> (source: Int, sample: Int) {
    precondition(index >= 0, "sample \(index)")
    let (block, position) = index.quotientAndRemainder(dividingBy: Self.period)
    let slot = KeyedPermutation(count: Self.period, key: key.folded(block))[position]
    // Sources without a share have equal starts; the last of equals is the one with the slot.
    let source = lastIndex(in: quotaStarts, notAbove: slot)
    return (source, block * quotas[source] + slot - quotaStarts[source])
  }
}
