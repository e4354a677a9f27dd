/// Removes white space at the ends of the text.
struct WhitespaceStripper: TextNormalizer {
  var left: Bool
  var right: Bool

  var name: String { "stripped" }

  var keepsBeginning: Bool { !left }

  func normalized(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? { Array(bytes[keptRange(bytes)]) }

  func traced(_ text: TracedText) -> TracedText { text[text.bytes.withUnsafeBytes { keptRange($0) }] }

  private func keptRange(_ bytes: UnsafeRawBufferPointer) -> Range<Int> {
    let flags = TextCharacters.shared.flags
    var kept: Range<Int>?
    bytes.forEachScalar { scalar, range in
      guard scalar.map({ flags[Int($0)] & TextCharacters.space == 0 }) ?? true else { return }
      kept = (kept?.lowerBound ?? range.lowerBound)..<range.upperBound
    }
    let start = left ? kept?.lowerBound ?? bytes.count : 0
    let end = right ? kept?.upperBound ?? 0 : bytes.count
    return start < end ? start..<end : 0..<0
  }
}
