/// One of a family's sizes and choices, as JSON has it.
public enum SizeValue: Sendable, Hashable {
  case boolean(Bool)
  case number(Double)
  case text(String)
}

extension SizeValue: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(Bool.self) {
      self = .boolean(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "it is no number, no word and not true or false")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .boolean(let value): try container.encode(value)
    case .number(let value):
      if let integer = Int(exactly: value) { try container.encode(integer) } else { try container.encode(value) }
    case .text(let value): try container.encode(value)
    }
  }
}

extension SizeValue: ExpressibleByBooleanLiteral, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByStringLiteral
{
  public init(booleanLiteral value: Bool) { self = .boolean(value) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(integerLiteral value: Int) { self = .number(Double(value)) }
  public init(stringLiteral value: String) { self = .text(value) }
}

extension SizeValue: CustomStringConvertible {
  public var description: String {
    switch self {
    case .boolean(let value): "\(value)"
    case .number(let value): Int(exactly: value).map(String.init) ?? "\(value)"
    case .text(let value): "'\(value)'"
    }
  }

  /// A whole number.
  public init(_ value: Int) { self = .number(Double(value)) }
  /// A word for a choice.
  public init(_ value: some RawRepresentable<String>) { self = .text(value.rawValue) }
}

/// Bounds of sizes, far above any sensible model: with them no product of sizes overflows, and no count of layers
/// makes names without end.
public enum SizeLimit {
  /// Of `width` and other columns of states.
  public static let width = 1 << 16
  /// Of `order` and `kernel`, in tokens that are read at once.
  public static let order = 1 << 10
  /// Of `heads`.
  public static let heads = 1 << 10
  /// Of `headDimension`.
  public static let headDimension = 1 << 12
  /// Of `feedForward`.
  public static let feedForward = 1 << 20
  /// Of `vocabularySize`.
  public static let vocabularySize = 1 << 24
  /// Of `maximumLength`, in tokens.
  public static let maximumLength = 1 << 20
  /// Of `layers`, of each stack.
  public static let layers = 1 << 10
  /// Of `segments`.
  public static let segments = 1 << 10
}
