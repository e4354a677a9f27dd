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
