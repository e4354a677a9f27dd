/// Cuts bytes before white space only, a single space staying with the word that follows it:
///
///     ?\S+ | \s+(?!\S) | \s+
///
/// Worked example: "I've  2 cats.\n" is cut into `I've` ` ` ` 2` ` cats.` `\n`.
struct WhitespaceScanner {
  private let text: ClassifiedText

  init(_ buffer: UnsafeRawBufferPointer, base: UnsafePointer<UInt8>) {
    text = ClassifiedText(buffer, base: base)
  }

  /// Where the word that starts at `start` ends. Always advances.
  @inline(__always)
  func end(ofWordAt start: Int) -> Int {
    var offset = start
    if text.bytes[start] == 0x20 { offset += 1 }
    let wordStart = offset
    while offset < text.count {
      let next = text.classify(offset)
      if next.kind == CharacterClasses.space { break }
      offset += next.length
    }
    return offset > wordStart ? offset : text.end(ofSpaceAt: start)
  }
}
