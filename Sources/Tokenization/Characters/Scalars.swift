import Support

extension [UInt8] {
  /// Appends a character as UTF-8.
  mutating func append(scalar: UInt32) {
    switch scalar {
    case ..<0x80: append(UInt8(scalar))
    case ..<0x800:
      append(UInt8(0xC0 | scalar >> 6))
      append(UInt8(0x80 | scalar & 0x3F))
    case ..<0x10000:
      append(UInt8(0xE0 | scalar >> 12))
      append(UInt8(0x80 | scalar >> 6 & 0x3F))
      append(UInt8(0x80 | scalar & 0x3F))
    default:
      append(UInt8(0xF0 | scalar >> 18))
      append(UInt8(0x80 | scalar >> 12 & 0x3F))
      append(UInt8(0x80 | scalar >> 6 & 0x3F))
      append(UInt8(0x80 | scalar & 0x3F))
    }
  }
}

extension UnsafeRawBufferPointer {
  /// Calls `body` with each character of UTF-8 and its bytes' offsets; nil for a byte that is none's.
  @inline(__always)
  func forEachScalar(_ body: (_ scalar: UInt32?, _ range: Range<Int>) -> Void) {
    guard let base = bindMemory(to: UInt8.self).baseAddress else { return }
    var offset = 0
    while offset < count {
      if base[offset] < 0x80 {
        body(UInt32(base[offset]), offset..<offset + 1)
        offset += 1
      } else if let scalar = UTF8Decoding.scalar(in: base, count: count, at: offset) {
        body(scalar.value, offset..<offset + scalar.length)
        offset += scalar.length
      } else {
        body(nil, offset..<offset + 1)
        offset += 1
      }
    }
  }

  /// The text with every character replaced by what `body` appends for it; other bytes stay.
  @inline(__always)
  func mappingScalars(_ body: (UInt32, inout [UInt8]) -> Void) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(count + count / 8)
    forEachScalar { scalar, range in
      if let scalar { body(scalar, &result) } else { result.append(self[range.lowerBound]) }
    }
    return result
  }
}
