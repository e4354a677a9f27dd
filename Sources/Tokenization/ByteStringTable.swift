#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// Distinct byte strings numbered 0, 1, 2 … in order of first appearance.
struct ByteStringTable: ~Copyable {
  private var slots: UnsafeMutablePointer<(hash: UInt32, index: Int32)>
  private var mask: Int
  private var bytes: UnsafeMutablePointer<UInt8>
  private var byteCapacity: Int
  private var ends: [Int] = []

  init() {
    mask = 1023
    slots = .allocate(capacity: 1024)
    slots.initialize(repeating: (0, -1), count: 1024)
    byteCapacity = 1 << 13
    bytes = .allocate(capacity: byteCapacity)
  }

  deinit {
    slots.deallocate()
    bytes.deallocate()
  }

  var count: Int { ends.count }

  func string(_ index: Int) -> UnsafeBufferPointer<UInt8> {
    let start = index == 0 ? 0 : ends[index - 1]
    return UnsafeBufferPointer(start: bytes + start, count: ends[index] - start)
  }

  @inline(__always)
  private func matches(_ index: Int, _ word: UnsafePointer<UInt8>, _ length: Int) -> Bool {
    let start = index == 0 ? 0 : ends[index - 1]
    return ends[index] - start == length && memcmp(bytes + start, word, length) == 0
  }

  /// The number of the word, or `-1 - slot` where it would go.
  @inline(__always)
  private func find(_ word: UnsafePointer<UInt8>, _ length: Int, _ hash: UInt32) -> Int {
    var slot = Int(hash) & mask
    while slots[slot].index >= 0 {
      if slots[slot].hash == hash, matches(Int(slots[slot].index), word, length) {
        return Int(slots[slot].index)
      }
      slot = (slot + 1) & mask
    }
    return -1 - slot
  }

  /// The number of the word, nil if it has none.
  @inline(__always)
  func index(of word: UnsafePointer<UInt8>, _ length: Int, hash: UInt32) -> Int? {
    let found = find(word, length, hash)
    return found >= 0 ? found : nil
  }

  /// The number of the word, a new one if it was not there.
  @inline(__always)
  mutating func insert(_ word: UnsafePointer<UInt8>, _ length: Int, hash: UInt32) -> Int {
    let found = find(word, length, hash)
    return found >= 0 ? found : append(word, length, hash, slot: -1 - found)
  }

  @inline(never)
  private mutating func append(
    _ word: UnsafePointer<UInt8>, _ length: Int, _ hash: UInt32, slot: Int
  ) -> Int {
    let start = ends.last ?? 0
    if start + length > byteCapacity {
      byteCapacity = max(2 * byteCapacity, start + length)
      let grown = UnsafeMutablePointer<UInt8>.allocate(capacity: byteCapacity)
      grown.update(from: bytes, count: start)
      bytes.deallocate()
      bytes = grown
    }
    (bytes + start).update(from: word, count: length)
    ends.append(start + length)
    slots[slot] = (hash, Int32(ends.count - 1))
    if 2 * ends.count > mask { growSlots() }
    return ends.count - 1
  }

  private mutating func growSlots() {
    let (old, size) = (slots, mask + 1)
    mask = 2 * size - 1
    slots = .allocate(capacity: 2 * size)
    slots.initialize(repeating: (0, -1), count: 2 * size)
    for index in 0..<size where old[index].index >= 0 {
      var slot = Int(old[index].hash) & mask
      while slots[slot].index >= 0 { slot = (slot + 1) & mask }
      slots[slot] = old[index]
    }
    old.deallocate()
  }

  mutating func removeAll() {
    ends.removeAll(keepingCapacity: true)
    slots.update(repeating: (0, -1), count: mask + 1)
  }

  /// Eight bytes at a time, multiplied into both halves of a 128-bit product.
  @inline(__always)
  static func hash(_ word: UnsafePointer<UInt8>, _ length: Int) -> UInt32 {
    let raw = UnsafeRawPointer(word)
    var state = UInt64(truncatingIfNeeded: length) &* 0x9E37_79B9_7F4A_7C15
    var offset = 0
    while offset + 8 <= length {
      state = mix(state ^ raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      offset += 8
    }
    var tail: UInt64 = 0
    if length - offset >= 4 {
      tail = UInt64(raw.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
      offset += 4
    }
    while offset < length {
      tail = tail << 8 | UInt64(word[offset])
      offset += 1
    }
    state = mix(state ^ tail)
    return UInt32(truncatingIfNeeded: state ^ state >> 32)
  }

  @inline(__always)
  private static func mix(_ value: UInt64) -> UInt64 {
    let product = (value ^ 0xE703_7ED1_A0B4_28DB).multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
    return product.high ^ product.low
  }
}
