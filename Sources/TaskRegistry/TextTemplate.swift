import Support

/// Literal text with single-brace field names: `"sst2 sentence: {sentence}"`. Nothing else.
public struct TextTemplate: Sendable, Hashable {
  private enum Segment: Sendable, Hashable {
    case literal(String)
    case field(String)
  }

  /// As written.
  public let text: String
  private let segments: [Segment]

  /// - Throws: `.badData` for a brace without partner or an ill-formed field name.
  public init(_ text: String, location: SourceLocation? = nil) throws(GraftError) {
    self.text = text
    var segments: [Segment] = []
    var literal = ""
    var field: String?
    // By scalars: a brace with a combining mark after it is one character.
    for character in text.unicodeScalars {
      switch (character, field) {
      case ("{", nil): field = ""
      case ("}", let name?):
        guard Self.isFieldName(name) else {
          throw GraftError(
            .badData, "'{\(name)}' in a template is not a field",
            hint: "a template is literal text and field names in single braces; see Docs/ADDING-A-TASK.md.",
            location: location)
        }
        if !literal.isEmpty { segments.append(.literal(literal)) }
        literal = ""
        segments.append(.field(name))
        field = nil
      case ("{", _), ("}", _):
        throw GraftError(
          .badData, "a '\(character)' without its partner in the template '\(text)'", location: location)
      case (_, let name?): field = name + String(character)
      default: literal.unicodeScalars.append(character)
      }
    }
    if field != nil {
      throw GraftError(
        .badData, "a '{' without its '}' in the template '\(text)'", location: location)
    }
    if !literal.isEmpty { segments.append(.literal(literal)) }
    self.segments = segments
  }

  /// The fields, in order of appearance.
  public var fields: [String] {
    segments.compactMap { if case .field(let name) = $0 { name } else { nil } }
  }

  /// - Throws: `.badData` if a field is missing.
  public func rendered(_ fields: [String: String]) throws(GraftError) -> String {
    var result = ""
    for segment in segments {
      switch segment {
      case .literal(let text): result += text
      case .field(let name):
        guard let value = fields[name] else {
          throw .unknownName("field", name, known: fields.keys)
        }
        result += value
      }
    }
    return result
  }

  /// The fields of a text that a template could have made: the template backwards. A field ends where the literal
  /// after it first occurs; what is literal at the end must be the end.
  ///
  /// Worked example: `{label} {sentence}` takes `0 not bad` apart into label `0` and sentence `not bad`.
  ///
  /// - Returns: nil for a text that is not of this form.
  func matched(_ text: String) -> [String: String]? {
    let bytes = Array(text.utf8)
    var position = 0
    var open: String?
    var result: [String: String] = [:]
    func close(at end: Int) {
      if let name = open { result[name] = String(decoding: bytes[position..<end], as: UTF8.self) }
      open = nil
    }
    for (index, segment) in segments.enumerated() {
      switch segment {
      case .field(let name): open = name
      case .literal(let literal):
        let wanted = Array(literal.utf8)
        let last = bytes.count - wanted.count
        guard position <= last else { return nil }
        let start: Int
        if index == segments.count - 1 {
          start = last
        } else if open == nil {
          start = position
        } else {
          guard let found = (position...last).first(where: { bytes[$0...].starts(with: wanted) }) else {
            return nil
          }
          start = found
        }
        guard bytes[start...].starts(with: wanted), open != nil || start == position else { return nil }
        close(at: start)
        position = start + wanted.count
      }
    }
    if open != nil {
      close(at: bytes.count)
      position = bytes.count
    }
    return position == bytes.count ? result : nil
  }

  /// Whether `matched` could tell where one field ends and the next begins.
  var isPattern: Bool {
    !fields.isEmpty && Set(fields).count == fields.count
      && !zip(segments, segments.dropFirst()).contains { pair in
        if case (.field, .field) = pair { true } else { false }
      }
  }

  static func isFieldName(_ name: String) -> Bool {
    guard let first = name.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first) else {
      return false
    }
    return name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
  }
}
