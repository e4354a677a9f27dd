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
