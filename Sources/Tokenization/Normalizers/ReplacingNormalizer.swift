/// Replaces every occurrence of some bytes, or every run of two spaces or more.
struct ReplacingNormalizer: TextNormalizer {
  enum Pattern: Sendable, Hashable {
    case text([UInt8])
    /// The regular expression ` {2,}`.
    case spaces
  }

  var pattern: Pattern
  var replacement: [UInt8]

  var name: String { "replacing" }

  func normalized(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
    switch pattern {
    case .text(let text): Array(bytes).replacing(text, with: replacement)
    case .spaces: replacingSpaces(bytes)
    }
  }

  func traced(_ text: TracedText) -> TracedText {
    var result = TracedText()
    var offset = 0
    while offset < text.count {
      let length = matchLength(text.bytes, at: offset)
      if length > 0 {
        result.append(text, offset..<offset + length, replacedBy: replacement)
      } else {
        result.append(text, offset..<offset + 1)
      }
      offset += max(1, length)
    }
    return result
  }

  /// How many bytes of `text` the pattern matches at an offset where the last match is over.
  private func matchLength(_ text: [UInt8], at offset: Int) -> Int {
    switch pattern {
    case .text(let wanted): return text[offset...].starts(with: wanted) ? wanted.count : 0
    case .spaces:
      let length = text[offset...].prefix { $0 == 0x20 }.count
      return length >= 2 ? length : 0
    }
  }

  private func replacingSpaces(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var offset = 0
    while offset < bytes.count {
      let start = offset
      while offset < bytes.count, bytes[offset] == 0x20 { offset += 1 }
      if offset - start >= 2 { result += replacement } else if offset > start { result.append(0x20) }
      if offset < bytes.count {
        result.append(bytes[offset])
        offset += 1
      }
    }
    return result
  }
}
