/// Text after some stages of encoding, with the bytes of the source that each of its bytes comes from.
///
/// Worked example: "ﬁx" after NFKC is `fix`; `f` and `i` come from the bytes 0 ..< 3, `x` from 3 ..< 4.
struct TracedText {
  private(set) var bytes: [UInt8] = []
  /// For each byte, where what it comes from starts and ends in the source. Both ascend.
  private(set) var starts: [Int] = []
  private(set) var ends: [Int] = []

  init() {}

  /// The source itself: every byte comes from itself.
  init(source: UnsafeRawBufferPointer, offset: Int = 0) {
    bytes = Array(source)
    starts = Array(offset..<offset + bytes.count)
    ends = Array(offset + 1..<offset + bytes.count + 1)
  }

  var count: Int { bytes.count }

  /// What a range that is not empty comes from.
  func source(of range: Range<Int>) -> Range<Int> { starts[range.lowerBound]..<ends[range.upperBound - 1] }

  /// Appends a part of another text as it is.
  mutating func append(_ other: TracedText, _ range: Range<Int>) {
    bytes += other.bytes[range]
    starts += other.starts[range]
    ends += other.ends[range]
  }

  /// Appends what a part of another text, not empty, was replaced by; if by the same, byte for byte.
  mutating func append(_ other: TracedText, _ range: Range<Int>, replacedBy replacement: [UInt8]) {
    if other.bytes[range].elementsEqual(replacement) { return append(other, range) }
    append(replacement, from: other.source(of: range))
  }

  /// Appends bytes that all come from one place.
  mutating func append(_ added: some Collection<UInt8>, from source: Range<Int>) {
    bytes += added
    starts += repeatElement(source.lowerBound, count: added.count)
    ends += repeatElement(source.upperBound, count: added.count)
  }

  /// How many bytes the first character has; the text must not be empty.
  var firstCharacterLength: Int { bytes.withUnsafeBufferPointer { UTF8Part.next(in: $0, at: 0).length } }

  subscript(range: Range<Int>) -> TracedText {
    var part = TracedText()
    part.append(self, range)
    return part
  }

  /// Every character replaced by what `body` appends for it.
  func mappingScalars(_ body: (UInt32, inout [UInt8]) -> Void) -> TracedText {
    var result = TracedText()
    var replacement: [UInt8] = []
    bytes.withUnsafeBytes { bytes in
      bytes.forEachScalar { scalar, range in
        guard let scalar else { return result.append(self, range) }
        replacement.removeAll(keepingCapacity: true)
        body(scalar, &replacement)
        result.append(self, range, replacedBy: replacement)
      }
    }
    return result
  }

  /// The text with U+FFFD for what is not UTF-8, as the standard library decodes it.
  func repaired() -> TracedText {
    var result = TracedText()
    bytes.withUnsafeBufferPointer { buffer in
      var offset = 0
      while offset < buffer.count {
        let part = UTF8Part.next(in: buffer, at: offset)
        let range = offset..<offset + part.length
        if part.isCharacter {
          result.append(self, range)
        } else {
          result.append(self, range, replacedBy: [0xEF, 0xBF, 0xBD])
        }
        offset = range.upperBound
      }
    }
    return result
  }
}
