/// Cuts bytes into words by the rule of cl100k, Llama 3 and Qwen 2, `n` being the length of the longest number:
///
///     (?i:'s|'t|'re|'ve|'m|'ll|'d) | [^\r\n\p{L}\p{N}]?\p{L}+ | \p{N}{1,n} | ?[^\s\p{L}\p{N}]+[\r\n]*
///     | \s*[\r\n]+ | \s+(?!\S) | \s+
///
/// Worked example: "I'VE  (1234) cats\n" is cut into `I` `'VE` ` ` ` (` `123` `4` `)` ` cats` `\n`.
struct GroupScanner {
  private let text: ClassifiedText
  private let longestNumber: Int

  init(_ buffer: UnsafeRawBufferPointer, base: UnsafePointer<UInt8>, longestNumber: Int) {
    text = ClassifiedText(buffer, base: base)
    self.longestNumber = longestNumber
  }

  @inline(__always)
  private func isLineEnd(_ offset: Int) -> Bool { text.bytes[offset] == 0x0A || text.bytes[offset] == 0x0D }

  /// A letter in lower case if it is of ASCII; 0 at the end of the text.
  @inline(__always)
  private func small(_ offset: Int) -> UInt8 { offset < text.count ? text.bytes[offset] | 0x20 : 0 }

  /// How many bytes the contraction that starts with the apostrophe at `offset` takes, or 0.
  private func contraction(_ offset: Int) -> Int {
    switch small(offset + 1) {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return 2
    case UInt8(ascii: "r"), UInt8(ascii: "v"): return small(offset + 2) == UInt8(ascii: "e") ? 3 : 0
    case UInt8(ascii: "l"): return small(offset + 2) == UInt8(ascii: "l") ? 3 : 0
    // ſ, the long s, is an s to who does not mind the case.
    case 0xC5 | 0x20:
      return offset + 2 < text.count && text.bytes[offset + 1] == 0xC5 && text.bytes[offset + 2] == 0xBF
        ? 3 : 0
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
    let (kind, length) = text.classify(start)
    let offset = start + length
    if kind == CharacterClasses.letter { return text.end(of: CharacterClasses.letter, from: offset) }
    if kind == CharacterClasses.number { return end(ofNumberFrom: offset) }
    let next = offset < text.count ? text.classify(offset).kind : CharacterClasses.space
    if next == CharacterClasses.letter, !isLineEnd(start) {
      return text.end(of: CharacterClasses.letter, from: offset)
    }
    if kind == CharacterClasses.other || first == 0x20 && next == CharacterClasses.other {
      return end(ofSymbolsFrom: offset)
    }
    return end(ofSpaceAt: start)
  }

  private func end(ofNumberFrom start: Int) -> Int {
    var offset = start
    var digits = 1
    while digits < longestNumber, offset < text.count {
      let next = text.classify(offset)
      if next.kind != CharacterClasses.number { break }
      offset += next.length
      digits += 1
    }
    return offset
  }

  private func end(ofSymbolsFrom start: Int) -> Int {
    var offset = text.end(of: CharacterClasses.other, from: start)
    while offset < text.count, isLineEnd(offset) { offset += 1 }
    return offset
  }

  /// White space up to its last line end if it has one; else all of it at the end of the text; else all but the last
  /// character, which the next word may want (or which is a word of its own if it is alone).
  private func end(ofSpaceAt start: Int) -> Int {
    var offset = start
    var last = start
    var lineEnd = start
    while offset < text.count {
      let next = text.classify(offset)
      if next.kind != CharacterClasses.space { break }
      last = offset
      offset += next.length
      if isLineEnd(last) { lineEnd = offset }
    }
    if lineEnd > start { return lineEnd }
    return offset == text.count || last == start ? offset : last
  }
}
