/// UTF-8 over raw bytes, where a malformed byte is something to see rather than to repair.
public enum UTF8Decoding {
  /// The scalar that starts at `offset` and how many bytes it takes, or nil if the bytes there are not
  /// well-formed UTF-8 (Unicode 15, table 3-7: no surrogates, no overlong forms, nothing above U+10FFFF).
  /// - Precondition: `offset < count`.
  @inlinable
  public static func scalar(
    in bytes: UnsafePointer<UInt8>, count: Int, at offset: Int
  ) -> (value: UInt32, length: Int)? {
    let lead = bytes[offset]
    if lead < 0x80 { return (UInt32(lead), 1) }
    let available = count - offset
    guard lead >= 0xC2, lead <= 0xF4, available >= 2 else { return nil }
    let second = bytes[offset + 1]
    guard second & 0xC0 == 0x80 else { return nil }
    let low = UInt32(second & 0x3F)
    if lead < 0xE0 { return (UInt32(lead & 0x1F) << 6 | low, 2) }
    guard available >= 3 else { return nil }
    let third = bytes[offset + 2]
    guard third & 0xC0 == 0x80 else { return nil }
    if lead < 0xF0 {
      if lead == 0xE0 && second < 0xA0 || lead == 0xED && second > 0x9F { return nil }
      return (UInt32(lead & 0x0F) << 12 | low << 6 | UInt32(third & 0x3F), 3)
    }
    guard available >= 4 else { return nil }
    let fourth = bytes[offset + 3]
    guard fourth & 0xC0 == 0x80 else { return nil }
    if lead == 0xF0 && second < 0x90 || lead == 0xF4 && second > 0x8F { return nil }
    return (
      UInt32(lead & 0x07) << 18 | low << 12 | UInt32(third & 0x3F) << 6 | UInt32(fourth & 0x3F), 4
    )
  }

  /// The offset of the first byte at or after `start` that is not ASCII, or `bytes.count`.
  public static func firstNonASCII(in bytes: UnsafeRawBufferPointer, from start: Int = 0) -> Int {
    var offset = start
    while offset + 8 <= bytes.count {
      let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      let high = UInt64(littleEndian: word) & 0x8080_8080_8080_8080
      if high != 0 { return offset + high.trailingZeroBitCount / 8 }
      offset += 8
    }
    while offset < bytes.count, bytes[offset] < 0x80 { offset += 1 }
    return offset
  }

  /// The offset of the first malformed byte at or after `start`, or nil if there is none.
  public static func firstInvalid(in bytes: UnsafeRawBufferPointer, from start: Int = 0) -> Int? {
    guard let base = bytes.bindMemory(to: UInt8.self).baseAddress else { return nil }
    var offset = start
    while true {
      offset = firstNonASCII(in: bytes, from: offset)
      if offset >= bytes.count { return nil }
      while offset < bytes.count, base[offset] >= 0x80 {
        guard let next = scalar(in: base, count: bytes.count, at: offset) else { return offset }
        offset += next.length
      }
    }
  }
}
