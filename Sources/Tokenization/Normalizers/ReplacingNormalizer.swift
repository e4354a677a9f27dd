/// Replaces every match of a pattern, or every run of two spaces or more.
struct ReplacingNormalizer: TextNormalizer {
  enum Pattern: Sendable {
    case pattern(TextPattern)
    /// The regular expression ` {2,}`.
    case spaces
  }

  var pattern: Pattern
  var replacement: [UInt8]

  var name: String { "replacing" }

  var keepsBeginning: Bool { !replacement.isEmpty }

  func normalized(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
    switch pattern {
    case .pattern(let pattern): pattern.replacing(in: Array(bytes), by: replacement)
    case .spaces: replacingSpaces(bytes)
    }
  }

  func traced(_ text: TracedText) -> TracedText {
    var result = TracedText()
    var last = 0
    func replace(_ start: Int, _ end: Int) {
      result.append(text, last..<start)
      if start < end {
        result.append(text, start..<end, replacedBy: replacement)
      } else if text.count > 0 {
        // What an empty match becomes belongs to what stands before it.
        result.append(replacement, from: text.source(of: max(0, start - 1)..<max(1, start)))
      }
      last = end
    }
    text.bytes.withUnsafeBufferPointer { bytes in
      switch pattern {
      case .pattern(let pattern): pattern.withFinder { find in find(bytes, replace) }
      case .spaces:
        var offset = 0
        while offset < bytes.count {
          let length = bytes[offset...].prefix { $0 == 0x20 }.count
          if length >= 2 { replace(offset, offset + length) }
          offset += max(1, length)
        }
      }
    }
    result.append(text, last..<text.count)
    return result
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
