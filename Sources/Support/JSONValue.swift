/// JSON as a tree that remembers where each value stood and keeps members in the file's order.
public struct JSONValue: Sendable {
  /// What JSON knows, with its content.
  public enum Kind: Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case boolean(Bool)
    /// Any number, as a double.
    case number(Double)
    /// With its escapes resolved.
    case string(String)
    /// Values in their order.
    case array([JSONValue])
    /// Members in the order of the file; no two keys have the same bytes.
    case object([(key: String, value: JSONValue)])

    /// What a message calls a value of this kind.
    public var name: String {
      switch self {
      case .null: "null"
      case .boolean: "a boolean"
      case .number: "a number"
      case .string: "a string"
      case .array: "an array"
      case .object: "an object"
      }
    }
  }

  /// What the value is.
  public var kind: Kind
  /// In bytes from the start of the text.
  public var offset: Int

  /// A value that was not read from anywhere has offset 0.
  public init(_ kind: Kind, offset: Int = 0) {
    self.kind = kind
    self.offset = offset
  }

  /// Reads a whole text.
  /// - Throws: for what is no JSON, an object with a key twice, text that is not UTF-8, nesting beyond 256 levels, and
  ///   whatever follows the value.
  public init(parsing bytes: UnsafeRawBufferPointer) throws(JSONSyntaxError) {
    var scanner = JSONScanner(bytes)
    self = try scanner.value(depth: 0)
    try scanner.expectEnd()
  }
}

extension JSONScanner {
  /// The value that comes next. A key that an object has twice is an error, as is text that is not UTF-8.
  public mutating func value(depth: Int = 0) throws(JSONSyntaxError) -> JSONValue {
    guard depth < Self.maximumDepth else { throw JSONSyntaxError("the JSON nests too deeply", at: offset) }
    let first = peek()
    let start = offset
    switch first {
    case UInt8(ascii: "{"):
      var members: [(key: String, value: JSONValue)] = []
      var seen = ByteStringTable(capacity: 8)
      try forEachMember { (key, scanner) throws(JSONSyntaxError) in
        guard let name = String(validating: key, as: UTF8.self) else {
          throw JSONSyntaxError("invalid UTF-8 in a JSON key", at: start)
        }
        guard seen.insert(key) == members.count else {
          throw JSONSyntaxError("the key '\(name)' occurs twice in one object", at: scanner.offset)
        }
        members.append((name, try scanner.value(depth: depth + 1)))
      }
      return JSONValue(.object(members), offset: start)
    case UInt8(ascii: "["):
      var elements: [JSONValue] = []
      try forEachElement { (scanner) throws(JSONSyntaxError) in
        elements.append(try scanner.value(depth: depth + 1))
      }
      return JSONValue(.array(elements), offset: start)
    case UInt8(ascii: "\""):
      guard let string = try string() else {
        throw JSONSyntaxError("invalid UTF-8 in a JSON string", at: start)
      }
      return JSONValue(.string(string), offset: start)
    default:
      return JSONValue(try scalar(), offset: start)
    }
  }
}

extension String {
  /// The string as a JSON literal, quotes included.
  public var jsonLiteral: String {
    var result = "\""
    for scalar in unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\0"..<" ":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
