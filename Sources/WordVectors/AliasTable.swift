import Randomness

/// Draws numbers by given weights in constant time (Walker 1977, in the form of Vose 1991).
struct AliasTable: Sendable {
  /// Of 2³², how often a place keeps its own number.
  private let thresholds: [UInt32]
  private let aliases: [Int32]

  /// - Precondition: weights are positive and finite.
  init(_ weights: [Double]) {
    let mean = weights.reduce(0, +) / Double(weights.count)
    var shares = weights.map { $0 / mean }
    var thresholds = [UInt32](repeating: .max, count: weights.count)
    var aliases = weights.indices.map { Int32($0) }
    var low = shares.indices.filter { shares[$0] < 1 }
    var high = shares.indices.filter { shares[$0] >= 1 }
    while let small = low.popLast(), let large = high.last {
      thresholds[small] = UInt32(shares[small] * 0x1p32)
      aliases[small] = Int32(large)
      shares[large] -= 1 - shares[small]
      if shares[large] < 1 {
        high.removeLast()
        low.append(large)
      }
    }
    (self.thresholds, self.aliases) = (thresholds, aliases)
  }

  /// The high half of 64 bits chooses a place, the low half between its number and its alias.
  @inline(__always)
  func draw(_ generator: inout KeyedGenerator) -> Int32 {
    let bits = generator.next()
    let place = Int(((bits >> 32) * UInt64(thresholds.count)) >> 32)
    return UInt32(truncatingIfNeeded: bits) < thresholds[place] ? Int32(place) : aliases[place]
  }
}
