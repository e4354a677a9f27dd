import Records
import Support

/// Finds the names of added tokens in text: the leftmost, of those that begin there the longest.
///
/// Worked example: "a <mask> b" has, if `<mask>` takes the space before it along, the parts `a`, `<mask>`, ` b`.
final class AddedTokenScanner: Sendable {
  enum Part: Hashable {
    case text(Range<Int>)
    case token(TokenID)
  }

  /// Whether some of the tokens are not special.
  let hasPlain: Bool
  private let names = ByteTrie()
  private let tokens: [TokenID: AddedToken]

  /// - Parameter names: of the tokens, as they stand in the text; empty ones are never found.
  /// - Returns: nil if there is nothing to find.
  init?(_ tokens: [(token: AddedToken, name: [UInt8])]) {
    guard tokens.contains(where: { !$0.name.isEmpty }) else { return nil }
    for (token, name) in tokens where !name.isEmpty { names.insert(name, token.id) }
    hasPlain = tokens.contains { !$0.token.isSpecial }
    self.tokens = Dictionary(tokens.map { ($0.token.id, $0.token) }, uniquingKeysWith: { first, _ in first })
  }

  /// The parts of some UTF-8 text in order, none of them empty.
  /// - Parameter specials: whether special tokens are parts. If not, they are text, in which no other name is found.
  func parts(of bytes: UnsafeRawBufferPointer, specials: Bool) -> [Part] {
    locatedParts(of: bytes, specials: specials).map { part in part.token.map { .token($0) } ?? .text(part.range) }
  }

  /// The parts of some UTF-8 text in order, none of them empty, with their places; texts have no token.
  func locatedParts(
    of bytes: UnsafeRawBufferPointer, specials: Bool
  ) -> [(token: TokenID?, range: Range<Int>)] {
    guard let base = bytes.bindMemory(to: UInt8.self).baseAddress else { return [] }
    var parts: [(token: TokenID?, range: Range<Int>)] = []
    var textStart = 0
    var offset = 0
    while offset < bytes.count {
      let match = names.longestMatch(in: base, bytes.count, from: offset)
      guard match.token >= 0, let token = tokens[match.token] else {
        offset += 1
        continue
      }
      var (start, end) = (offset, offset + match.length)
      offset = end
      if token.isSpecial, !specials { continue }
      if token.isSingleWord, Self.isWord(bytes, before: start) || Self.isWord(bytes, after: end) { continue }
      if token.stripsLeft { start = max(textStart, Self.spaceStart(bytes, from: min(textStart, start), to: start)) }
      if token.stripsRight { end = Self.spaceEnd(base, bytes.count, from: end) }
      if textStart < start { parts.append((nil, textStart..<start)) }
      // The next name may begin within the white space that this one takes along, as in the peer; where nothing is left
      // of it, it is none.
      if start < end { parts.append((match.token, start..<end)) }
      textStart = end
    }
    if textStart < bytes.count { parts.append((nil, textStart..<bytes.count)) }
    return parts
  }

  private static func isWord(_ bytes: UnsafeRawBufferPointer, before end: Int) -> Bool {
    var start = end
    while start > max(0, end - 4) {
      start -= 1
      if bytes[start] & 0xC0 != 0x80 { break }
    }
    return isWord(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), after: 0)
  }

  private static func isWord(_ bytes: UnsafeRawBufferPointer, after start: Int) -> Bool {
    guard start < bytes.count, let base = bytes.bindMemory(to: UInt8.self).baseAddress,
      let scalar = UTF8Decoding.scalar(in: base, count: bytes.count, at: start)
    else { return false }
    return ScalarTable.plainWords.contains(scalar.value)
  }

  /// Where the white space that ends at `end` starts, not before `limit`.
  private static func spaceStart(_ bytes: UnsafeRawBufferPointer, from limit: Int, to end: Int) -> Int {
    let flags = TextCharacters.shared.flags
    var start = limit
    UnsafeRawBufferPointer(rebasing: bytes[limit..<end]).forEachScalar { scalar, range in
      let isSpace = scalar.map { flags[Int($0)] & TextCharacters.space != 0 } ?? false
      if !isSpace { start = limit + range.upperBound }
    }
    return start
  }

  /// Where the white space that starts at `start` ends.
  private static func spaceEnd(_ base: UnsafePointer<UInt8>, _ count: Int, from start: Int) -> Int {
    let flags = TextCharacters.shared.flags
    var end = start
    while end < count, let scalar = UTF8Decoding.scalar(in: base, count: count, at: end),
      flags[Int(scalar.value)] & TextCharacters.space != 0
    {
      end += scalar.length
    }
    return end
  }
}
