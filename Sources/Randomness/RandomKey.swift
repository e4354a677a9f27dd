/// A place in the tree of random streams. Keys are folded by names and coordinates (seed, stream, step,
/// index), so the same coordinate always gives the same numbers, whatever was drawn before it.
public struct RandomKey: Sendable, Hashable {
  /// The lower half of the key of Philox 4×32 (Salmon et al. 2011).
  public let word0: UInt32
  /// The upper half of the key of Philox 4×32.
  public let word1: UInt32

  /// A key by its words; `init(seed:)` and `folded` make keys for all ordinary use.
  @inlinable
  public init(word0: UInt32, word1: UInt32) {
    self.word0 = word0
    self.word1 = word1
  }

  /// The root of a tree of streams; different seeds have independent ones.
  @inlinable
  public init(seed: UInt64) {
    self.init(word0: UInt32(truncatingIfNeeded: seed), word1: UInt32(truncatingIfNeeded: seed >> 32))
  }

  /// A key for the child `coordinate`; children of one key, and the draws of the key itself, are independent.
  @inlinable
  public func folded(_ coordinate: Int) -> RandomKey {
    let value = UInt64(bitPattern: Int64(coordinate))
    let block = philox4x32(
      counter: SIMD4(
        UInt32(truncatingIfNeeded: value), UInt32(truncatingIfNeeded: value >> 32), 0, 0x464F_4C44),
      key: SIMD2(word0, word1))
    return RandomKey(word0: block.x, word1: block.y)
  }

  /// A key for the child called `name` (FNV-1a of its UTF-8 bytes).
  public func folded(_ name: String) -> RandomKey {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return folded(Int(Int64(bitPattern: hash)))
  }

  /// Both words as one number, for ranking things by their keys.
  public var order: UInt64 { UInt64(word0) << 32 | UInt64(word1) }

  /// The `index`-th block of 128 random bits of this key.
  @inlinable
  public func bits(_ index: UInt64) -> SIMD4<UInt32> {
    philox4x32(
      counter: SIMD4(UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32), 0, 0),
      key: SIMD2(word0, word1))
  }

  /// A sequential reader of this key's bits, for algorithms written against `RandomNumberGenerator`.
  @inlinable
  public func generator() -> KeyedGenerator { KeyedGenerator(key: self) }
}

/// Reads a key's blocks one after another, 64 bits at a time.
public struct KeyedGenerator: RandomNumberGenerator, Sendable {
  @usableFromInline let key: RandomKey
  @usableFromInline var index: UInt64 = 0
  @usableFromInline var spare: UInt64?

  /// A reader at the key's first block.
  @inlinable
  public init(key: RandomKey) { self.key = key }

  /// The next 64 bits: the lower half of a block, then its upper half.
  @inlinable
  public mutating func next() -> UInt64 {
    if let value = spare {
      spare = nil
      return value
    }
    let block = key.bits(index)
    index += 1
    spare = UInt64(block.z) | UInt64(block.w) << 32
    return UInt64(block.x) | UInt64(block.y) << 32
  }

  /// Uniform in [0, 1) with 53 bits.
  @inlinable
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Uniform in 0..<bound by Lemire's multiply-and-reject method, so that results do not depend on the
  /// standard library's own choice of algorithm.
  @inlinable
  public mutating func below(_ bound: Int) -> Int {
    precondition(bound > 0, "below(\(bound)): the bound must be positive")
    let range = UInt64(bound)
    var product = next().multipliedFullWidth(by: range)
    if product.low < range {
      let threshold = (0 &- range) % range
      while product.low < threshold { product = next().multipliedFullWidth(by: range) }
    }
    return Int(product.high)
  }

  /// A uniformly random permutation of 0..<count (Fisher–Yates).
  public mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    shuffle(&order)
    return order
  }

  /// Shuffles in place (Fisher–Yates); like `below`, stable across standard library versions.
  public mutating func shuffle<Element>(_ elements: inout [Element]) {
    guard elements.count > 1 else { return }
    for i in stride(from: elements.count - 1, to: 0, by: -1) { elements.swapAt(i, below(i + 1)) }
  }
}
