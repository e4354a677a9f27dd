import Support

/// Text as the scanners see it: the kind of character at each place. A byte that is not part of well-formed UTF-8 is a
/// character of the kind `other`.
struct ClassifiedText {
  let bytes: UnsafePointer<UInt8>
  let count: Int
  private let classes: UnsafePointer<UInt8>

  init(_ buffer: UnsafeRawBufferPointer, base: UnsafePointer<UInt8>) {
    bytes = base
    count = buffer.count
    classes = CharacterClasses.shared.table
  }

  @inline(__always)
  func classify(_ offset: Int) -> (kind: UInt8, length: Int) {
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

  /// Where characters of a kind from `start` on end.
  @inline(__always)
  func end(of kind: UInt8, from start: Int) -> Int {
    var offset = start
    while offset < count {
      let next = classify(offset)
      if next.kind != kind { break }
      offset += next.length
    }
    return offset
  }

  /// How many bytes the contraction that starts with the apostrophe at `offset` takes, `'s|'t|'re|'ve|'m|'ll|'d`, or 0.
  func contraction(at offset: Int, ignoringCase: Bool = false) -> Int {
    // A letter of ASCII becomes small; 0 stands for the end of the text.
    let fold: UInt8 = ignoringCase ? 0x20 : 0
    func letter(_ place: Int) -> UInt8 { place < count ? bytes[place] | fold : 0 }
    switch letter(offset + 1) {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return 2
    case UInt8(ascii: "r"), UInt8(ascii: "v"): return letter(offset + 2) == UInt8(ascii: "e") ? 3 : 0
    case UInt8(ascii: "l"): return letter(offset + 2) == UInt8(ascii: "l") ? 3 : 0
    // ſ, the long s, is an s to who does not mind the case.
    case 0xC5 | fold where ignoringCase:
      return offset + 2 < count && bytes[offset + 1] == 0xC5 && bytes[offset + 2] == 0xBF ? 3 : 0
    default: return 0
    }
  }

  /// White space that starts at `start`, `\s+(?!\S)|\s+`: all of it at the end of the text, else all but the last
  /// character, which the next word may want (or which is a word of its own if it is alone).
  @inline(__always)
  func end(ofSpaceAt start: Int) -> Int {
    var offset = start
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
