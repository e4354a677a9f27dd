/// Cuts bytes into the words that merges never cross, by the rule of GPT-2:
///
///     's | 't | 're | 've | 'm | 'll | 'd | ?\p{L}+ | ?\p{N}+ | ?[^\s\p{L}\p{N}]+ | \s+(?!\S) | \s+
///
/// Worked example: "I've  2 cats" is cut into `I` `'ve` ` ` ` 2` ` cats`.
struct ByteLevelScanner {
  private let text: ClassifiedText

  init(_ buffer: UnsafeRawBufferPointer, base: UnsafePointer<UInt8>) {
    text = ClassifiedText(buffer, base: base)
  }

  /// How many bytes the contraction that starts with the apostrophe at `offset` takes, or 0.
  private func contraction(_ offset: Int) -> Int {
    guard offset + 1 < text.count else { return 0 }
    switch text.bytes[offset + 1] {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return 2
    case UInt8(ascii: "r"), UInt8(ascii: "v"):
      return offset + 2 < text.count && text.bytes[offset + 2] == UInt8(ascii: "e") ? 3 : 0
    case UInt8(ascii: "l"):
      return offset + 2 < text.count && text.bytes[offset + 2] == UInt8(ascii: "l") ? 3 : 0
    default: return 0
    }
  }

  /// Where the word that starts at `start` ends. Always advances.
  @inline(__always)
  func end(ofWordAt start: Int) -> Int {
    let first = text.bytes[start]
    if first == UInt8(ascii: "'") {
      let length = contraction(start)
      if length > 0 { return start + length }
    }
    var (kind, length) = text.classify(start)
    var offset = start + length
    if first == 0x20, offset < text.count {
      let (nextKind, nextLength) = text.classify(offset)
      if nextKind != CharacterClasses.space {
        kind = nextKind
        offset += nextLength
      }
    }
    return kind == CharacterClasses.space ? text.end(ofSpaceAt: start) : text.end(of: kind, from: offset)
  }
}
