/// A text that is the same as another only if it has the same bytes, for whatever is decided by a text of data: labels,
/// columns, keys, words that are counted.
///
/// Swift's `String` compares and hashes by canonical equivalence: `é` as one scalar and as `e` with a combining accent
/// are one key there, as are `K` and the Kelvin sign, `;` and the Greek question mark, `Å` and the Ångström sign.
/// Nobody else's tables, metrics or tokenizers do so. The order is that of the bytes, too, which is that of the
/// scalars.
public struct ByteString: Hashable, Comparable, Sendable {
  /// The text itself, with contiguous bytes in UTF-8.
  public let text: String

  /// The text with the bytes it has; nothing is normalised.
  public init(_ text: some StringProtocol) {
    var text = String(text)
    text.makeContiguousUTF8()
    self.text = text
  }

  /// Whether the bytes are the same.
  public static func == (left: ByteString, right: ByteString) -> Bool { left.text.isExactly(right.text) }

  /// Whether the bytes come first, which is the order of the scalars.
  public static func < (left: ByteString, right: ByteString) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }

  /// Equal for equal bytes.
  public func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    // No text has this byte, so that the texts of a pair do not run into each other.
    hasher.combine(UInt8.max)
  }
}

extension ByteString: ExpressibleByStringLiteral, CustomStringConvertible {
  /// So that a literal can stand where one is wanted.
  public init(stringLiteral text: String) { self.init(text) }

  /// The text.
  public var description: String { text }
}

extension ByteString: Codable, CodingKeyRepresentable {
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Makes a dictionary with such keys an object in JSON.
  public var codingKey: any CodingKey { Key(stringValue: text) }

  /// Any key is such a text; never nil.
  public init?(codingKey: some CodingKey) { self.init(codingKey.stringValue) }

  /// Reads a JSON string.
  public init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode(String.self))
  }

  /// Writes a JSON string.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}

extension StringProtocol {
  /// Whether two texts have the same bytes in UTF-8.
  public func isExactly(_ other: some StringProtocol) -> Bool {
    utf8.withContiguousStorageIfAvailable { own in
      other.utf8.withContiguousStorageIfAvailable { $0.count == own.count && $0.elementsEqual(own) }
    }?.flatMap(\.self) ?? utf8.elementsEqual(other.utf8)
  }
}

extension Sequence where Element: StringProtocol {
  /// Whether one of the texts has the bytes of another.
  public func containsExactly(_ text: some StringProtocol) -> Bool { contains { $0.isExactly(text) } }

  /// Those with different bytes, each once, in their order.
  public var exactlyDistinct: [Element] {
    var seen: Set<ByteString> = []
    return filter { seen.insert(ByteString($0)).inserted }
  }

  /// In the order of their bytes, which no normalisation changes.
  public var sortedByBytes: [Element] { sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }

  /// The texts as they go into files whose keys are compared by canonical equivalence, as Foundation's JSON is: where
  /// two are different only to the byte, each of them says which scalars it has, `é [65 301]`.
  public var canonicallyDistinct: [String] {
    let texts = map { String($0) }
    let counts = Dictionary(texts.exactlyDistinct.map { ($0, 1) }, uniquingKeysWith: +)
    return texts.map { text in
      guard counts[text, default: 0] > 1 else { return text }
      return "\(text) [\(text.unicodeScalars.map { String($0.value, radix: 16) }.joined(separator: " "))]"
    }
  }
}

extension Collection where Element: StringProtocol {
  /// The place of the first text with the bytes of another.
  public func exactIndex(of text: some StringProtocol) -> Index? { firstIndex { $0.isExactly(text) } }
}

extension String {
  /// The parts between the places where a byte of ASCII stands, empty ones included: a line feed after a carriage
  /// return, or a comma before a combining mark, is a `Character` of its own and would not be found.
  public func split(atEach byte: Unicode.Scalar) -> [String] {
    utf8.split(separator: UInt8(ascii: byte), omittingEmptySubsequences: false).map { String(Substring($0)) }
  }
}
