import Randomness

/// A pseudo-random permutation of `0 ..< count` that needs no memory: a Feistel network of four rounds
/// (Luby and Rackoff 1988) over the next power of four, walked until it lands inside (Black and Rogaway
/// 2002).
public struct KeyedPermutation: Sendable {
  /// How many elements are permuted.
  public let count: Int
  private let key: RandomKey
  private let halfBits: UInt64

  /// - Precondition: `count` is positive.
  public init(count: Int, key: RandomKey) {
    precondition(count > 0, "a permutation of \(count) elements")
    self.count = count
    self.key = key
    let bits = Int.bitWidth - (count - 1).leadingZeroBitCount
    halfBits = UInt64(max(1, (bits + 1) / 2))
  }

  /// The element at `position`. O(1): on average fewer than four walks of four rounds.
  public subscript(position: Int) -> Int {
    precondition(position >= 0 && position < count, "position \(position) of a permutation of \(count)")
    var value = UInt64(position)
    repeat { value = encrypt(value) } while value >= UInt64(count)
    return Int(value)
  }

  private func encrypt(_ value: UInt64) -> UInt64 {
    let mask: UInt64 = 1 << halfBits - 1
    var (left, right) = (value >> halfBits, value & mask)
    for round: UInt32 in 0..<4 {
      let block = philox4x32(
        counter: SIMD4(
          UInt32(truncatingIfNeeded: right), UInt32(truncatingIfNeeded: right >> 32), round, 0x5045_524D),
        key: SIMD2(key.word0, key.word1))
      let mixed = (UInt64(block.x) | UInt64(block.y) << 32) & mask
      (left, right) = (right, left ^ mixed)
    }
    return left << halfBits | right
  }
}
