import Support

/// A value in an event. A number that is not finite is written as `JSONFile` does, so that a diverged run's log stays
/// readable.
public enum EventValue: Sendable, Hashable {
  /// A JSON number without a fraction.
  case integer(Int)
  /// A JSON number; a text such as `NaN` where it is not finite.
  case number(Double)
  /// A JSON string.
  case text(String)
  /// `true` or `false`.
  case flag(Bool)
  /// A JSON array.
  case list([EventValue])

  var json: String {
    switch self {
    case .integer(let value): return String(value)
    case .number(let value):
      if value.isNaN { return JSONFile.nan.jsonLiteral }
      if value.isInfinite { return (value < 0 ? JSONFile.negativeInfinity : JSONFile.infinity).jsonLiteral }
      return value.description
    case .text(let value): return value.jsonLiteral
    case .flag(let value): return value ? "true" : "false"
    case .list(let values): return "[" + values.map(\.json).joined(separator: ",") + "]"
    }
  }
}

extension EventValue: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
  ExpressibleByBooleanLiteral
{
  /// So that fields can say `"step": 10`.
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// So that fields can say `"loss": 4.2`.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// So that fields can say `"phase": "pretrain"`.
  public init(stringLiteral value: String) { self = .text(value) }
  /// So that fields can say `"done": true`.
  public init(booleanLiteral value: Bool) { self = .flag(value) }
}
