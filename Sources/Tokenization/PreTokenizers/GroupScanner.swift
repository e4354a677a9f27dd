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

  /// Where the word that starts at `start` ends. Always advances.
  @inline(__always)
  func end(ofWordAt start: Int) -> Int {
    let first = text.bytes[start]
    if first == UInt8(ascii: "'") {
      let length = text.contraction(at: start, ignoringCase: true)
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
