/// Two adjacent tokens as one integer, ordered by left id, then right id.
@inline(__always)
func pairKey(_ left: Int32, _ right: Int32) -> UInt64 {
  UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
}

/// A hash table from token pairs to 64-bit values, open addressing with linear probing. Nothing is ever
/// removed.
struct PairTable: ~Copyable {
  /// No pair has this key (both ids would be -1).
  static let absent = UInt64.max

  private var slots: UnsafeMutablePointer<(key: UInt64, value: UInt64)>
  private var shift: UInt64
  private var mask: Int
  private(set) var count = 0

  /// Room for `capacity` pairs before the table has to grow.
  init(capacity: Int) {
    var bits = 4
    while 1 << bits < 2 * capacity { bits += 1 }
    mask = 1 << bits - 1
    shift = UInt64(64 - bits)
    slots = .allocate(capacity: 1 << bits)
    slots.initialize(repeating: (Self.absent, Self.absent), count: 1 << bits)
  }

  deinit { slots.deallocate() }

  @inline(__always)
  private func slot(_ key: UInt64) -> Int {
    var index = Int(truncatingIfNeeded: ((key ^ key >> 29) &* 0x9E37_79B9_7F4A_7C15) >> shift)
    while slots[index].key != key, slots[index].key != Self.absent { index = (index + 1) & mask }
    return index
  }

  /// The value of `key`, `absent` if it has none.
  @inline(__always)
  func value(_ key: UInt64) -> UInt64 { slots[slot(key)].value }

  mutating func insert(_ key: UInt64, _ value: UInt64) {
    if 2 * (count + 1) > mask { grow() }
    let index = slot(key)
    if slots[index].key == Self.absent { count += 1 }
    slots[index] = (key, value)
  }

  private mutating func grow() {
    let (old, size) = (slots, mask + 1)
    mask = 2 * size - 1
    shift -= 1
    slots = .allocate(capacity: 2 * size)
    slots.initialize(repeating: (Self.absent, Self.absent), count: 2 * size)
    for index in 0..<size where old[index].key != Self.absent { slots[slot(old[index].key)] = old[index] }
    old.deallocate()
  }
}
