/// Several decoders one after the other, or one that looks at more than a token, as Hugging Face tokenizers has them:
/// each makes a list of texts of a list of texts.
///
/// Worked example: by `[.bpe(suffix: "</w>")]` the tokens `a</w>` `cat</w>` are `a ` `cat`.
struct DecoderChain: TokenDecoder {
  enum Step: Sendable {
    case replace(TextPattern, by: [UInt8])
    /// `<0x41>` is a byte; neighbouring bytes that are no text are U+FFFD, one each.
    case byteFallback
    /// All texts become one.
    case fuse
    /// Takes away a character at the beginning (end), at most so often.
    case strip([UInt8], start: Int, stop: Int)
    /// A suffix stands for a space, in the last token for nothing.
    case bpe(suffix: [UInt8])
    case wordPiece(WordPieceDecoder)
    case metaspace(MetaspaceDecoder)
    /// All texts become one, whose characters are bytes.
    case byteLevel
  }

  var steps: [Step]

  var showsWordStarts: Bool {
    !steps.contains { step in if case .bpe = step { true } else { false } }
  }

  /// What tokens stand for.
  /// - Parameters:
  ///   - isFirst: whether no token stands before them.
  ///   - isLast: whether no token follows.
  func decoded(_ tokens: [[UInt8]], isFirst: Bool, isLast: Bool) -> [UInt8] {
    var texts = tokens
    var isWhole = false
    for step in steps {
      texts = Self.apply(step, to: texts, isFirst: isFirst, isLast: isLast, isWhole: isWhole)
      if case .fuse = step { isWhole = true }
    }
    return Array(texts.joined())
  }

  func append(_ piece: some RandomAccessCollection<UInt8>, isFirst: Bool, to text: inout [UInt8]) {
    text += decoded([Array(piece)], isFirst: isFirst, isLast: false)
  }

  func byteCount(of piece: some RandomAccessCollection<UInt8>) -> Int {
    decoded([Array(piece)], isFirst: false, isLast: false).count
  }

  /// How many of some tokens, from the first, are decoded alike whatever follows.
  func certainCount(of tokens: [[UInt8]]) -> Int {
    var count = tokens.count
    for step in steps {
      switch step {
      case .fuse, .byteLevel: return 0
      case .bpe: count = min(count, tokens.count - 1)
      case .byteFallback:
        count = min(count, tokens.lastIndex { ByteFallbackDecoder.byte($0) == nil }.map { $0 + 1 } ?? 0)
      default: break
      }
    }
    return count
  }

  /// - Parameter isWhole: whether the texts have become one, of which only the ends of the whole are stripped.
  private static func apply(
    _ step: Step, to texts: [[UInt8]], isFirst: Bool, isLast: Bool, isWhole: Bool
  ) -> [[UInt8]] {
    switch step {
    case .replace(let pattern, let content): return texts.map { pattern.replacing(in: $0, by: content) }
    case .byteFallback: return readingBytes(texts)
    case .fuse: return [Array(texts.joined())]
    case .strip(let content, let start, let stop):
      return texts.map { stripped($0, content, !isWhole || isFirst ? start : 0, !isWhole || isLast ? stop : 0) }
    case .bpe(let suffix):
      return texts.enumerated().map { index, text in
        text.replacing(suffix, with: isLast && index == texts.count - 1 ? [] : [0x20])
      }
    case .wordPiece(let decoder): return each(texts, by: decoder, isFirst: isFirst)
    case .metaspace(let decoder): return each(texts, by: decoder, isFirst: isFirst)
    case .byteLevel:
      let bytes = texts.flatMap { text in ByteAlphabet.bytes(of: String(decoding: text, as: UTF8.self)) ?? text }
      return [Array(String(decoding: bytes, as: UTF8.self).utf8)]
    }
  }

  private static func each(_ texts: [[UInt8]], by decoder: some TokenDecoder, isFirst: Bool) -> [[UInt8]] {
    texts.enumerated().map { index, piece in
      var text: [UInt8] = []
      decoder.append(piece, isFirst: isFirst && index == 0, to: &text)
      return text
    }
  }

  private static func readingBytes(_ texts: [[UInt8]]) -> [[UInt8]] {
    var result: [[UInt8]] = []
    var bytes: [UInt8] = []
    func flush() {
      if bytes.isEmpty { return }
      let isText = String(validating: bytes, as: UTF8.self) != nil
      result += isText ? [bytes] : bytes.map { _ in [0xEF, 0xBF, 0xBD] }
      bytes = []
    }
    for text in texts {
      if let byte = ByteFallbackDecoder.byte(text) {
        bytes.append(byte)
      } else {
        flush()
        result.append(text)
      }
    }
    flush()
    return result
  }

  private static func stripped(_ text: [UInt8], _ content: [UInt8], _ start: Int, _ stop: Int) -> [UInt8] {
    var rest = text[...]
    var count = 0
    while count < start, rest.starts(with: content) {
      rest = rest.dropFirst(content.count)
      count += 1
    }
    count = 0
    while count < stop, rest.suffix(content.count).elementsEqual(content) {
      rest = rest.dropLast(content.count)
      count += 1
    }
    return Array(rest)
  }
}
