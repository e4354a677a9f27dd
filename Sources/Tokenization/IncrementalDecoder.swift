import Records

/// Decodes one token after the other and hands out text as soon as it is whole: no character is ever split, and all
/// that is handed out is together what `Tokenizer.decodeText` makes of all tokens.
///
/// Worked example: a byte-level tokenizer may have `é` as two tokens, of the bytes C3 and A9. The first gives nothing,
/// the second `é`. If another character comes in between, the first byte comes out as U+FFFD before it.
public struct IncrementalDecoder: Sendable {
  private let tokenizer: Tokenizer
  private let skipsSpecialTokens: Bool
  private var isFirst = true
  /// The beginning of a character that is not whole yet, at most three bytes.
  private var pending: [UInt8] = []
  /// Tokens of which it is not certain yet what they stand for.
  private var held: [[UInt8]] = []

  /// - Parameter skippingSpecialTokens: if not, special tokens come out by name.
  public init(_ tokenizer: Tokenizer, skippingSpecialTokens: Bool = true) {
    self.tokenizer = tokenizer
    skipsSpecialTokens = skippingSpecialTokens
  }

  /// The text that is whole now that `id` has come.
  public mutating func append(_ id: TokenID) -> String {
    if skipsSpecialTokens, tokenizer.isSpecial(id) { return "" }
    if let chain = tokenizer.pipeline.decoder as? DecoderChain {
      held.append(tokenizer.piece(id))
      let certain = chain.certainCount(of: held)
      if certain > 0 { take(certain, by: chain, isLast: false) }
    } else {
      tokenizer.appendText(of: id, isFirst: isFirst, to: &pending)
      isFirst = false
    }
    let whole = pending.withUnsafeBufferPointer { bytes in
      // A character that is broken off is one of the last three bytes at the latest.
      for offset in max(0, bytes.count - 3)..<bytes.count where bytes[offset] >= 0xC2 {
        if UTF8Part.next(in: bytes, at: offset).isUnfinished { return offset }
      }
      return bytes.count
    }
    let text = String(decoding: pending[..<whole], as: UTF8.self)
    pending.removeFirst(whole)
    return text
  }

  /// What is left when no more tokens come: U+FFFD for a character that never became whole, else nothing. The decoder
  /// is then as new.
  public mutating func finish() -> String {
    if let chain = tokenizer.pipeline.decoder as? DecoderChain { take(held.count, by: chain, isLast: true) }
    defer {
      pending = []
      isFirst = true
    }
    return String(decoding: pending, as: UTF8.self)
  }

  private mutating func take(_ count: Int, by chain: DecoderChain, isLast: Bool) {
    pending += chain.decoded(Array(held.prefix(count)), isFirst: isFirst, isLast: isLast)
    held.removeFirst(count)
    isFirst = false
  }
}
