/// What is looked for in text: some bytes, or what a regular expression matches.
enum TextPattern: Sendable {
  /// These bytes, one or more.
  case text([UInt8])
  case expression(RegularExpression)

  /// Finds matches in some bytes, from left to right, none over another.
  typealias Finder = (_ bytes: UnsafeBufferPointer<UInt8>, _ body: (_ start: Int, _ end: Int) -> Void) -> Void

  /// Gives `body` a finder, which serves for many texts.
  func withFinder(_ body: (Finder) -> Void) {
    switch self {
    case .text(let wanted):
      body { bytes, report in
        var offset = 0
        while offset + wanted.count <= bytes.count {
          guard bytes[offset] == wanted[0], bytes[offset..<offset + wanted.count].elementsEqual(wanted) else {
            offset += 1
            continue
          }
          report(offset, offset + wanted.count)
          offset += wanted.count
        }
      }
    case .expression(let expression):
      expression.withMatcher { matcher in
        body { bytes, report in matcher.forEachMatch(in: bytes, report) }
      }
    }
  }

  /// The text with all matches replaced.
  func replacing(in text: [UInt8], by content: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.count + text.count / 4)
    var last = 0
    text.withUnsafeBufferPointer { buffer in
      withFinder { find in
        find(buffer) { start, end in
          result += buffer[last..<start]
          result += content
          last = end
        }
      }
    }
    return result + text[last...]
  }
}
