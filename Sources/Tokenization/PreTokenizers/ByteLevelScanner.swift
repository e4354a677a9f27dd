import Support

/// Cuts bytes into the words that merges never cross, by the rule of GPT-2:
///
///     's | 't | 're | 've | 'm | 'll | 'd | ?\p{L}+ | ?\p{N}+ | ?[^\s\p{L}\p{N}]+ | \s+(?!\S) | \s+
///
/// A byte that is not part of well-formed UTF-8 counts as a character of the last bracket.
///
/// Worked example: "I've  2 cats" is cut into `I` `'ve` ` ` ` 2` ` cats`.
struct ByteLevelScanner {
  let bytes: UnsafePointer<UInt8>
  let count: Int
  let classes: UnsafePointer<UInt8>

  init(_ buffer: UnsafeRawBufferPointer, base: UnsafePointer<UInt8>) {
    bytes = base
    count = buffer.count
    classes = CharacterClasses.shared.table
  }

  @inline(__always)
  private func classify(_ offset: Int) -> (kind: UInt8, length: Int) {
    let byte = bytes[offset]
    if byte < 0x80 { return (classes[Int(byte)], 1) }
    return classifyScalar(offset)
  }

  @inline(never)
  private func classifyScalar(_ offset: Int) -> (kind: UInt8, length: Int) {
    guard let scalar = UTF8Decoding.scalar(in: bytes, count: count, at: offset) else {
      return (CharacterClasses.other, 1)
    }
    return (classes[Int(scalar.value)], scalar.length)
  }

  /// How many bytes the contraction that starts with the apostrophe at `offset` takes, or 0.
  private func contraction(_ offset: Int) -> Int {
    guard offset + 1 < count else { return 0 }
    switch bytes[offset + 1] {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return 2
    case UInt8(ascii: "r"), UInt8(ascii: "v"):
      return offset + 2 < count && bytes[offset + 2] == UInt8(ascii: "e") ? 3 : 0
    case UInt8(ascii: "l"):
      return offset + 2 < count && bytes[offset + 2] == UInt8(ascii: "l") ? 3 : 0
    default: return 0
    }
  }

  /// Where the word that starts at `start` ends. Always advances.
  @inline(__always)
  func end(ofWordAt start: Int) -> Int {
    let first = bytes[start]
    if first == UInt8(ascii: "'") {
      let length = contraction(start)
      if length > 0 { return start + length }
    }
    var (kind, length) = classify(start)
    var offset = start + length
    if first == 0x20, offset < count {
      let (nextKind, nextLength) = classify(offset)
      if nextKind != CharacterClasses.space {
        kind = nextKind
        offset += nextLength
      }
    }
    if kind != CharacterClasses.space {
      while offset < count {
        let next = classify(offset)
        if next.kind != kind { break }
        offset += next.length
      }
      return offset
    }
    // White space: all of it at the end of the text, else all but the last character, which the next word may
    // want (or which is a word of its own if it is alone).
    var last = start
    while offset < count {
      let next = classify(offset)
      if next.kind != CharacterClasses.space { return last == start ? offset : last }
      last = offset
      offset += next.length
    }
    return offset
  }
}
