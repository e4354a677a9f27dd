/// What SentencePiece itself does to text before it looks for pieces (Kudo and Richardson 2018, section 3.2): its
/// character map, by the longest key at each place; then one `▁` for every run of spaces and before the text, none
/// behind it. A language code in front stays as it is.
///
/// Worked example: " two  cats " becomes `▁two▁cats`, ">>de<< ﬁn" becomes `>>de<<▁fin`.
struct SentencePieceNormalizer: TextNormalizer {
  private static let space = Array("▁".utf8)

  /// Nil if no character changes.
  var map: CharacterMapNormalizer?

  var name: String { "sentencepiece" }

  var keepsBeginning: Bool { false }

  func normalized(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + bytes.count / 2)
    forEachPart(of: bytes) { part, _ in result += part }
    result.removeLast(result.count - Self.keptCount(result))
    return result
  }

  func traced(_ text: TracedText) -> TracedText {
    var result = TracedText()
    text.bytes.withUnsafeBytes { bytes in
      forEachPart(of: bytes) { part, range in result.append(text, range, replacedBy: Array(part)) }
    }
    return result[0..<Self.keptCount(result.bytes)]
  }

  /// Without the spaces at the end.
  private static func keptCount(_ bytes: [UInt8]) -> Int {
    var kept = bytes[...]
    while kept.suffix(space.count).elementsEqual(space) { kept.removeLast(space.count) }
    return kept.count
  }

  /// Calls `body` with what the text becomes, part by part, and the bytes each part comes from; a `▁` before the text
  /// comes from its first character.
  private func forEachPart(
    of bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer, Range<Int>) -> Void
  ) {
    guard let base = bytes.bindMemory(to: UInt8.self).baseAddress else { return }
    var start = LanguageCode.length(in: base, bytes.count)
    if start > 0 { body(UnsafeRawBufferPointer(rebasing: bytes[..<start]), 0..<start) }
    var (isFirst, isBehindSpace) = (true, true)
    func append(_ part: UnsafeRawBufferPointer, _ range: Range<Int>) {
      var rest = part[...]
      if isBehindSpace { rest = rest.drop { $0 == 0x20 } }
      guard let last = rest.last else { return }
      isBehindSpace = last == 0x20
      Self.space.withUnsafeBytes { space in
        if isFirst { body(space, range) }
        isFirst = false
        while let place = rest.firstIndex(of: 0x20) {
          if place > rest.startIndex { body(UnsafeRawBufferPointer(rebasing: rest[..<place]), range) }
          body(space, range)
          rest = rest[(place + 1)...]
        }
      }
      if !rest.isEmpty { body(UnsafeRawBufferPointer(rebasing: rest), range) }
    }
    while start < bytes.count {
      if let map, let (length, replacement) = map.longestKey(base + start, bytes.count - start) {
        map.replacements[replacement].withUnsafeBytes { append($0, start..<start + length) }
        start += length
      } else {
        let length = UTF8Part.next(in: UnsafeBufferPointer(start: base, count: bytes.count), at: start).length
        append(UnsafeRawBufferPointer(rebasing: bytes[start..<start + length]), start..<start + length)
        start += length
      }
    }
  }
}

/// The name of a language in front of a text that is to be translated into it, as in `>>de<< Hello`.
enum LanguageCode {
  /// How many bytes it has; 0 if there is none.
  static func length(in text: UnsafePointer<UInt8>, _ count: Int) -> Int {
    let (open, close) = (UInt8(ascii: ">"), UInt8(ascii: "<"))
    guard count >= 4, text[0] == open, text[1] == open else { return 0 }
    var end = 4
    while end <= count {
      if text[end - 2] == close, text[end - 1] == close { return end }
      end += 1
    }
    return 0
  }
}
