import Support

/// The value of one named hyper-parameter: `beta2: 0.95`, `relative-step: true`.
public enum OptionValue: Sendable, Hashable, Codable, CustomStringConvertible {
  case number(Double)
  case flag(Bool)

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let flag = try? container.decode(Bool.self) {
      self = .flag(flag)
    } else {
      self = .number(try container.decode(Double.self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let value): try container.encode(value)
    case .flag(let value): try container.encode(value)
    }
  }

  public var description: String {
    switch self {
    case .number(let value): "\(value)"
    case .flag(let value): "\(value)"
    }
  }
}

extension OptionValue: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(integerLiteral value: Int) { self = .number(Double(value)) }
  public init(booleanLiteral value: Bool) { self = .flag(value) }
}

/// One hyper-parameter an optimizer declares: its name, default and the values that make sense.
public struct OptimizerOption: Sendable, Hashable {
  /// Values a number may take, both ends included unless `excludesUpper`.
  public struct Bounds: Sendable, Hashable {
    public let lower: Double
    public let upper: Double
    public let excludesUpper: Bool

    public static func closed(_ range: ClosedRange<Double>) -> Bounds {
      Bounds(lower: range.lowerBound, upper: range.upperBound, excludesUpper: false)
    }
    public static func halfOpen(_ range: Range<Double>) -> Bounds {
      Bounds(lower: range.lowerBound, upper: range.upperBound, excludesUpper: true)
    }

    // False for NaN, as every comparison with it is.
    func contains(_ value: Double) -> Bool {
      value >= lower && (excludesUpper ? value < upper : value <= upper)
    }

    var text: String { "\(lower) ≤ value \(excludesUpper ? "<" : "≤") \(upper)" }
  }

  public let name: String
  public let summary: String
  public let defaultValue: OptionValue
  /// nil for a flag.
  public let bounds: Bounds?

  public static func number(
    _ name: String, default value: Double, _ bounds: Bounds, _ summary: String
  ) -> OptimizerOption {
    OptimizerOption(name: name, summary: summary, defaultValue: .number(value), bounds: bounds)
  }

  public static func flag(_ name: String, default value: Bool, _ summary: String) -> OptimizerOption {
    OptimizerOption(name: name, summary: summary, defaultValue: .flag(value), bounds: nil)
  }
}

/// Hyper-parameters by name; what is not given takes the optimizer's default.
public struct OptimizerOptions: Sendable, Hashable, Codable, ExpressibleByDictionaryLiteral {
  public var values: [String: OptionValue]

  public init(_ values: [String: OptionValue] = [:]) { self.values = values }

  /// - Precondition: no name stands twice.
  public init(dictionaryLiteral elements: (String, OptionValue)...) {
    values = Dictionary(uniqueKeysWithValues: elements)
  }

  public init(from decoder: any Decoder) throws {
    values = try decoder.singleValueContainer().decode([String: OptionValue].self)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(values)
  }

  /// Reads flags of the form `name=value`, such as `beta2=0.95` or `relative-step=true`.
  /// - Throws: `.usage` for text of another form.
  public init(parsing assignments: [String]) throws(GraftError) {
    values = [:]
    for text in assignments {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else {
        throw GraftError(
          .usage, "cannot read the optimizer option '\(text)'", hint: "write it as name=value: beta2=0.95")
      }
      switch parts[1] {
      case "true": values[parts[0]] = true
      case "false": values[parts[0]] = false
      default:
        guard let number = Double(parts[1]) else {
          throw GraftError(
            .usage, "the value of '\(text)' is neither a number nor true or false",
            hint: "write it as name=value: beta2=0.95")
        }
        values[parts[0]] = .number(number)
      }
    }
  }

  /// These options checked against what an optimizer declares, with its defaults filled in.
  /// - Throws: `.usage` for an unknown name (with the closest one), a value out of bounds, or a number where
  ///   a flag is due.
  public func resolved(
    for optimizer: String, declared: [OptimizerOption]
  ) throws(GraftError) -> OptimizerOptions {
    for name in values.keys.sorted() where !declared.contains(where: { $0.name == name }) {
      throw .unknownName("option of \(optimizer)", name, known: declared.map(\.name))
    }
    var result = OptimizerOptions()
    for option in declared {
      let value = values[option.name] ?? option.defaultValue
      switch (value, option.bounds) {
      case (.number(let number), let bounds?):
        guard bounds.contains(number) else {
          throw GraftError(
            .usage, "\(optimizer): \(option.name) cannot be \(number)",
            hint: "give \(bounds.text); the default is \(option.defaultValue).")
        }
      case (.flag, nil): break
      default:
        throw GraftError(
          .usage, "\(optimizer): \(option.name) cannot be '\(value)'",
          hint: option.bounds == nil ? "give true or false." : "give a number; \(option.summary).")
      }
      result.values[option.name] = value
    }
    return result
  }

  /// The number of a resolved option.
  /// - Precondition: the optimizer declared it as a number.
  public func number(_ name: String) -> Double {
    guard case .number(let value)? = values[name] else {
      preconditionFailure("optimizer option '\(name)' is not declared as a number")
    }
    return value
  }

  /// The flag of a resolved option.
  /// - Precondition: the optimizer declared it as a flag.
  public func flag(_ name: String) -> Bool {
    guard case .flag(let value)? = values[name] else {
      preconditionFailure("optimizer option '\(name)' is not declared as a flag")
    }
    return value
  }
}
