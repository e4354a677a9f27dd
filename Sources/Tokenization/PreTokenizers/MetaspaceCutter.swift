/// Writes a visible character for each space, and for one before the text, as SentencePiece does (Kudo & Richardson
/// 2018); cuts before each.
///
/// Worked example: "two  cats" is cut into `▁two` `▁` `▁cats`.
struct MetaspaceCutter: WordCutter {
  /// Where a space is added in front if there is none.
  enum Prepending: String, Sendable, CaseIterable {
    case always
    /// At the beginning of what is encoded, not after a special token.
    case first
    case never
  }

  /// What is written for a space: one character.
  var replacement: [UInt8]
  var prepending: Prepending
  /// Whether words are cut at all.
  var splits: Bool

  func cut(_ text: inout WordList, isStart: Bool) {
    var bytes: [UInt8] = []
    var words: [Range<Int>] = []
    var trace = text.trace.map { _ in TracedText() }
    bytes.reserveCapacity(text.bytes.count + text.bytes.count / 2)
    for word in text.words {
      var start = bytes.count
      let begins = text.bytes[word].starts(with: replacement) || text.bytes[word.lowerBound] == 0x20
      if !begins, prepending == .always || prepending == .first && isStart {
        bytes += replacement
        if let source = text.trace?[word] {
          trace?.append(replacement, from: source.source(of: 0..<source.firstCharacterLength))
        }
      }
      var offset = word.lowerBound
      while offset < word.upperBound {
        let isSpace = text.bytes[offset] == 0x20
        guard isSpace || text.bytes[offset..<word.upperBound].starts(with: replacement) else {
          bytes.append(text.bytes[offset])
          if let source = text.trace { trace?.append(source, offset..<offset + 1) }
          offset += 1
          continue
        }
        if splits, bytes.count > start {
          words.append(start..<bytes.count)
          start = bytes.count
        }
        bytes += replacement
        let length = isSpace ? 1 : replacement.count
        if let source = text.trace {
          trace?.append(source, offset..<offset + length, replacedBy: replacement)
        }
        offset += length
      }
      words.append(start..<bytes.count)
    }
    text.bytes = bytes
    text.words = words
    text.trace = trace
  }
}
