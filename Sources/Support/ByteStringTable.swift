#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// Distinct byte strings numbered 0, 1, 2 … in order of first appearance.
@frozen
public struct ByteStringTable: ~Copyable {
  @usableFromInline var slots: UnsafeMutablePointer<(hash: UInt32, index: Int32)>
  @usableFromInline var mask: Int
  @usableFromInline var bytes: UnsafeMutablePointer<UInt8>
  @usableFromInline var byteCapacity: Int
  @usableFromInline var ends: [Int] = []

  /// - Parameter capacity: room for so many before the table has to grow.
  public init(capacity: Int = 512) {
    var size = 16
    while size < 2 * capacity { size *= 2 }
    mask = size - 1
    slots = .allocate(capacity: size)
    slots.initialize(repeating: (0, -1), count: size)
    byteCapacity = 8 * size
    bytes = .allocate(capacity: byteCapacity)
  }

  deinit {
    slots.deallocate()
    bytes.deallocate()
  }

  /// How many byte strings have a number; the numbers are those below it.
  @inlinable
  public var count: Int { ends.count }

  /// The bytes of a number.
  @inlinable
  public func string(_ index: Int) -> UnsafeBufferPointer<UInt8> {
    let start = index == 0 ? 0 : ends[index - 1]
    return UnsafeBufferPointer(start: bytes + start, count: ends[index] - start)
  }

  @inlinable @inline(__always)
  func matches(_ index: Int, _ word: UnsafePointer<UInt8>, _ length: Int) -> Bool {
    let start = index == 0 ? 0 : ends[index - 1]
    return ends[index] - start == length && memcmp(bytes + start, word, length) == 0
  }

  /// The number of the word, or `-1 - slot` where it would go.
  @inlinable @inline(__always)
  func find(_ word: UnsafePointer<UInt8>, _ length: Int, _ hash: UInt32) -> Int {
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
  @inlinable @inline(__always)
  public func index(of word: UnsafePointer<UInt8>, _ length: Int, hash: UInt32) -> Int? {
    let found = find(word, length, hash)
    return found >= 0 ? found : nil
  }

  /// The number of the word, a new one if it was not there.
  @inlinable @inline(__always)
  public mutating func insert(_ word: UnsafePointer<UInt8>, _ length: Int, hash: UInt32) -> Int {
    let found = find(word, length, hash)
    return found >= 0 ? found : append(word, length, hash, slot: -1 - found)
  }

  @usableFromInline @inline(never)
  mutating func append(
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

  /// Takes every number away and keeps the memory.
  public mutating func removeAll() {
    ends.removeAll(keepingCapacity: true)
    slots.update(repeating: (0, -1), count: mask + 1)
  }

  /// Eight bytes at a time, multiplied into both halves of a 128-bit product.
  @inlinable @inline(__always)
  public static func hash(_ word: UnsafePointer<UInt8>, _ length: Int) -> UInt32 {
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

  @inlinable @inline(__always)
  static func mix(_ value: UInt64) -> UInt64 {
    let product = (value ^ 0xE703_7ED1_A0B4_28DB).multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
    return product.high ^ product.low
  }

  /// The number of some bytes, nil if they have none.
  public func index(of bytes: [UInt8]) -> Int? {
    bytes.withUnsafeBufferPointer { index(of: $0) }
  }

  /// The number of a text's bytes in UTF-8, nil if they have none.
  public func index(of text: String) -> Int? {
    var text = text
    return text.withUTF8 { index(of: $0) }
  }

  private func index(of buffer: UnsafeBufferPointer<UInt8>) -> Int? {
    // The empty string has no address of its own.
    guard let base = buffer.baseAddress else { return withUnsafePointer(to: UInt8(0)) { index(of: $0, 0) } }
    return index(of: base, buffer.count)
  }

  private func index(of base: UnsafePointer<UInt8>, _ count: Int) -> Int? {
    index(of: base, count, hash: Self.hash(base, count))
  }

  /// The number of some bytes, a new one if they were not there.
  @discardableResult
  public mutating func insert(_ bytes: [UInt8]) -> Int { bytes.withUnsafeBufferPointer { insert($0) } }

  /// The number of a text's bytes in UTF-8, a new one if they were not there.
  @discardableResult
  public mutating func insert(_ text: String) -> Int {
    var text = text
    return text.withUTF8 { insert($0) }
  }

  private mutating func insert(_ buffer: UnsafeBufferPointer<UInt8>) -> Int {
    guard let base = buffer.baseAddress else {
      return withUnsafePointer(to: UInt8(0)) { insert($0, 0, hash: Self.hash($0, 0)) }
    }
    return insert(base, buffer.count, hash: Self.hash(base, buffer.count))
  }
}
