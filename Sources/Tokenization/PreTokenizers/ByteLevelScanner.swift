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

  /// Where the word that starts at `start` ends. Always advances.
  @inline(__always)
  func end(ofWordAt start: Int) -> Int {
    let first = text.bytes[start]
    if first == UInt8(ascii: "'") {
      let length = text.contraction(at: start)
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
