import Support

/// A character of UTF-8, or the longest beginning of one that is broken off there (Unicode 15, section 3.9, "maximal
/// subpart"), which decoding replaces by one U+FFFD.
struct UTF8Part: Hashable {
  var length: Int
  var isCharacter: Bool
  /// Whether more bytes could make it a character: it is broken off by the end of the bytes only.
  var isUnfinished = false

  /// - Precondition: `offset < bytes.count`.
  static func next(in bytes: UnsafeBufferPointer<UInt8>, at offset: Int) -> UTF8Part {
    guard let base = bytes.baseAddress else { return UTF8Part(length: 1, isCharacter: false) }
    if let scalar = UTF8Decoding.scalar(in: base, count: bytes.count, at: offset) {
      return UTF8Part(length: scalar.length, isCharacter: true)
    }
    let lead = bytes[offset]
    guard lead >= 0xC2, lead <= 0xF4 else { return UTF8Part(length: 1, isCharacter: false) }
    let wanted = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch lead {
    case 0xE0: second = 0xA0...0xBF
    case 0xED: second = 0x80...0x9F
    case 0xF0: second = 0x90...0xBF
    case 0xF4: second = 0x80...0x8F
    default: break
    }
    var length = 1
    while length < wanted, offset + length < bytes.count {
      let byte = bytes[offset + length]
      guard length == 1 ? second.contains(byte) : byte & 0xC0 == 0x80 else { break }
      length += 1
    }
    return UTF8Part(length: length, isCharacter: false, isUnfinished: offset + length == bytes.count)
  }
}
