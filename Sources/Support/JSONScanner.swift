/// A place where bytes are not the JSON they should be.
public struct JSONSyntaxError: Error, Sendable {
  /// What is wrong, for people.
  public var message: String
  /// In bytes from the start of the text.
  public var offset: Int

  /// - Parameter offset: in bytes from the start of the text.
  public init(_ message: String, at offset: Int) {
    self.message = message
    self.offset = offset
  }

  /// The same as an error for people, with the line and column that `offset` stands at.
  /// - Parameter firstLine: the number of the text's first line within `file`.
  public func graftError(
    in text: UnsafeRawBufferPointer, file: String, firstLine: Int = 1, hint: String? = nil
  ) -> GraftError {
    GraftError(
      .badData, message, hint: hint,
      location: SourceLocation(offset: offset, in: text, file: file, firstLine: firstLine))
  }
}

extension SourceLocation {
  /// Line and column (in bytes, from 1) of a byte offset.
  public init(
    offset: Int, in text: UnsafeRawBufferPointer, file: String, firstLine: Int = 1
  ) {
    var line = firstLine
    var lineStart = 0
    for position in 0..<min(offset, text.count) where text[position] == 0x0A {
      line += 1
      lineStart = position + 1
    }
    self.init(file: file, line: line, column: min(offset, text.count) - lineStart + 1)
  }
}

/// Reads JSON (RFC 8259) from bytes from left to right, for callers that want a part of it fast (a field of
/// each line of a corpus) or exact positions in their errors. Strings come out as bytes, as they stand in
/// the file.
public struct JSONScanner {
  /// Nesting beyond this is refused, so that no file can exhaust the stack.
  static let maximumDepth = 256

  let bytes: UnsafeRawBufferPointer
  /// How far the scanner has read.
  public private(set) var offset = 0
  /// Turns an unpaired surrogate escape into U+FFFD instead of refusing it.
  public var replacesUnpairedSurrogates = false

  /// Text that begins with a byte-order mark is read from behind it.
  public init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    if bytes.starts(with: byteOrderMark) { offset = byteOrderMark.count }
  }

  /// The next byte that is not white space, not consumed; nil at the end.
  public mutating func peek() -> UInt8? {
    while offset < bytes.count {
      let byte = bytes[offset]
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
      offset += 1
    }
    return nil
  }

  /// Consumes `byte` if it comes next.
  public mutating func consume(_ byte: UInt8) -> Bool {
    guard peek() == byte else { return false }
    offset += 1
    return true
  }

  /// Consumes `byte`, which must come next.
  /// - Parameter what: what an error calls what was expected.
  public mutating func expect(_ byte: UInt8, _ what: String) throws(JSONSyntaxError) {
    guard consume(byte) else { throw unexpected(what) }
  }

  /// Nothing but white space may follow.
  public mutating func expectEnd() throws(JSONSyntaxError) {
    guard peek() == nil else { throw unexpected("the end of the JSON value") }
  }

  func unexpected(_ wanted: String) -> JSONSyntaxError {
    guard offset < bytes.count else {
      return JSONSyntaxError("the JSON ends where \(wanted) was expected", at: bytes.count)
    }
    let byte = bytes[offset]
    let found = byte >= 0x21 && byte < 0x7F ? "'\(Character(UnicodeScalar(byte)))'" : "byte \(byte)"
    return JSONSyntaxError("invalid JSON: expected \(wanted), found \(found)", at: offset)
  }

  /// Walks the members of an object; `body` gets each key and must consume its value.
  public mutating func forEachMember(
    _ body: (_ key: [UInt8], _ scanner: inout JSONScanner) throws(JSONSyntaxError) -> Void
  ) throws(JSONSyntaxError) {
    try expect(0x7B, "'{'")
    if consume(0x7D) { return }
    var key: [UInt8] = []
    repeat {
      key.removeAll(keepingCapacity: true)
      try string(into: &key)
      try expect(0x3A, "':'")
      try body(key, &self)
    } while consume(0x2C)
    try expect(0x7D, "',' or '}'")
  }

  /// Reads over what stands for itself in a string.
  private mutating func plainText() -> UnsafeRawBufferPointer {
    let start = offset
    while offset < bytes.count, bytes[offset] != 0x22, bytes[offset] != 0x5C, bytes[offset] >= 0x20 {
      offset += 1
    }
    return UnsafeRawBufferPointer(rebasing: bytes[start..<offset])
  }

  /// The string that comes next, nil if it is not UTF-8.
  mutating func string() throws(JSONSyntaxError) -> String? {
    let start = offset
    try expect(0x22, "'\"'")
    let plain = plainText()
    if offset < bytes.count, bytes[offset] == 0x22 {
      offset += 1
      // Of plain bytes the standard library has a fast way.
      return plain.withMemoryRebound(to: UInt8.self) { String(validating: $0, as: UTF8.self) }
    }
    offset = start
    var text: [UInt8] = []
    try string(into: &text)
    return String(validating: text, as: UTF8.self)
  }

  /// Appends the string that comes next, its escapes resolved.
  public mutating func string(into text: inout [UInt8]) throws(JSONSyntaxError) {
    try expect(0x22, "'\"'")
    while true {
      text.append(contentsOf: plainText())
      guard offset < bytes.count else { throw unexpected("the end of a string") }
      switch bytes[offset] {
      case 0x22:
        offset += 1
        return
      case 0x5C: try escape(into: &text)
      default: throw JSONSyntaxError("invalid JSON: control character in a string", at: offset)
      }
    }
  }

  private mutating func escape(into text: inout [UInt8]) throws(JSONSyntaxError) {
    let start = offset
    offset += 1
    guard offset < bytes.count else { throw unexpected("an escape") }
    let letter = bytes[offset]
    offset += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      var value = try hexadecimal()
      if value & 0xF800 == 0xD800 {
        let afterFirst = offset
        if value < 0xDC00, offset + 1 < bytes.count, bytes[offset] == 0x5C, bytes[offset + 1] == 0x75 {
          offset += 2
          let low = try hexadecimal()
          if low & 0xFC00 == 0xDC00 {
            value = 0x10000 + (value & 0x3FF) << 10 + (low & 0x3FF)
          } else {
            offset = afterFirst
          }
        }
        if value < 0x10000 {
          guard replacesUnpairedSurrogates else {
            throw JSONSyntaxError("invalid JSON: unpaired surrogate escape", at: start)
          }
          value = 0xFFFD
        }
      }
      if let scalar = Unicode.Scalar(value) { text.append(contentsOf: String(Character(scalar)).utf8) }
    default: throw JSONSyntaxError("invalid JSON: unknown escape in a string", at: start)
    }
  }

  private mutating func hexadecimal() throws(JSONSyntaxError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard offset < bytes.count, let digit = Character(UnicodeScalar(bytes[offset])).hexDigitValue,
        bytes[offset] < 0x80
      else { throw unexpected("four hexadecimal digits") }
      value = value << 4 | UInt32(digit)
      offset += 1
    }
    return value
  }

  /// Reads over the value that comes next, checking its syntax.
  public mutating func skipValue(depth: Int = 0) throws(JSONSyntaxError) {
    guard depth < Self.maximumDepth else { throw JSONSyntaxError("the JSON nests too deeply", at: offset) }
    var scratch: [UInt8] = []
    switch peek() {
    case UInt8(ascii: "{"):
      try forEachMember { (_, scanner) throws(JSONSyntaxError) in try scanner.skipValue(depth: depth + 1) }
    case UInt8(ascii: "["):
      try forEachElement { (scanner) throws(JSONSyntaxError) in try scanner.skipValue(depth: depth + 1) }
    case UInt8(ascii: "\""): try string(into: &scratch)
    default: _ = try scalar()
    }
  }

  /// Walks the elements of an array; `body` must consume each.
  public mutating func forEachElement(
    _ body: (_ scanner: inout JSONScanner) throws(JSONSyntaxError) -> Void
  ) throws(JSONSyntaxError) {
    try expect(0x5B, "'['")
    if consume(0x5D) { return }
    repeat { try body(&self) } while consume(0x2C)
    try expect(0x5D, "',' or ']'")
  }

  /// A number, `true`, `false` or `null`.
  mutating func scalar() throws(JSONSyntaxError) -> JSONValue.Kind {
    guard let first = peek() else { throw unexpected("a JSON value") }
    for (word, kind) in [("true", JSONValue.Kind.boolean(true)), ("false", .boolean(false)), ("null", .null)]
    where first == word.utf8.first {
      let end = offset + word.utf8.count
      guard end <= bytes.count, bytes[offset..<end].elementsEqual(word.utf8) else {
        throw unexpected("a JSON value")
      }
      offset = end
      return kind
    }
    return .number(try number())
  }

  private mutating func number() throws(JSONSyntaxError) -> Double {
    let start = offset
    func isDigit(_ position: Int) -> Bool {
      position < bytes.count && bytes[position] >= 0x30 && bytes[position] <= 0x39
    }
    if offset < bytes.count, bytes[offset] == UInt8(ascii: "-") { offset += 1 }
    guard isDigit(offset) else { throw unexpected("a JSON value") }
    if bytes[offset] == 0x30 { offset += 1 } else { while isDigit(offset) { offset += 1 } }
    let isWhole =
      offset == bytes.count || bytes[offset] != UInt8(ascii: ".") && bytes[offset] | 0x20 != UInt8(ascii: "e")
    // What a double holds exactly needs no rounding.
    if isWhole, bytes[start] != UInt8(ascii: "-"), offset - start <= 15 {
      return Double(bytes[start..<offset].reduce(0) { 10 * $0 + Int($1 - 0x30) })
    }
    if offset < bytes.count, bytes[offset] == UInt8(ascii: ".") {
      offset += 1
      guard isDigit(offset) else { throw unexpected("a digit") }
      while isDigit(offset) { offset += 1 }
    }
    if offset < bytes.count, bytes[offset] | 0x20 == UInt8(ascii: "e") {
      offset += 1
      if offset < bytes.count, bytes[offset] == UInt8(ascii: "+") || bytes[offset] == UInt8(ascii: "-") {
        offset += 1
      }
      guard isDigit(offset) else { throw unexpected("a digit") }
      while isDigit(offset) { offset += 1 }
    }
    let text = String(decoding: bytes[start..<offset], as: UTF8.self)
    guard let value = Double(text) else { throw JSONSyntaxError("invalid JSON: bad number", at: start) }
    // No double is that large; taken for infinity, it would pass for a number in all that is reckoned with it.
    guard value.isFinite else {
      throw JSONSyntaxError("a number that is larger than any double", at: start)
    }
    return value
  }
}
