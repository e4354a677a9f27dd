import Support

/// The value of one named hyper-parameter: `beta2: 0.95`, `relative-step: true`.
public enum OptionValue: Sendable, Hashable, Codable, CustomStringConvertible {
  /// Whole numbers, too, are numbers.
  case number(Double)
  /// True or false.
  case flag(Bool)

  /// Reads a JSON `true` or `false` as a flag, anything else as a number.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let flag = try? container.decode(Bool.self) {
      self = .flag(flag)
    } else {
      self = .number(try container.decode(Double.self))
    }
  }

  /// Writes the bare number or flag.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let value): try container.encode(value)
    case .flag(let value): try container.encode(value)
    }
  }

  /// The number or flag, as `init(parsing:)` of `OptimizerOptions` reads it.
  public var description: String {
    switch self {
    case .number(let value): "\(value)"
    case .flag(let value): "\(value)"
    }
  }
}

extension OptionValue: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
  /// So that declarations can say `0.9`.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// So that declarations can say `5`.
  public init(integerLiteral value: Int) { self = .number(Double(value)) }
  /// So that declarations can say `true`.
  public init(booleanLiteral value: Bool) { self = .flag(value) }
}

/// One hyper-parameter an optimizer declares: its name, default and the values that make sense.
public struct OptimizerOption: Sendable, Hashable {
  /// Values a number may take, both ends included unless `excludesUpper`.
  public struct Bounds: Sendable, Hashable {
    /// The least value.
    public let lower: Double
    /// The greatest value, or the one that all are below.
    public let upper: Double
    /// Whether `upper` itself is out of bounds.
    public let excludesUpper: Bool

    /// Both ends are allowed.
    public static func closed(_ range: ClosedRange<Double>) -> Bounds {
      Bounds(lower: range.lowerBound, upper: range.upperBound, excludesUpper: false)
    }
    /// The upper end is not allowed.
    public static func halfOpen(_ range: Range<Double>) -> Bounds {
      Bounds(lower: range.lowerBound, upper: range.upperBound, excludesUpper: true)
    }

    // False for NaN, as every comparison with it is.
    func contains(_ value: Double) -> Bool {
      value >= lower && (excludesUpper ? value < upper : value <= upper)
    }

    var text: String { "\(lower) ≤ value \(excludesUpper ? "<" : "≤") \(upper)" }
  }

  /// Kebab-case, as in `beta2=0.95`.
  public let name: String
  /// What it does, in one phrase for help texts and errors.
  public let summary: String
  /// The value where none is given; of the kind that the option takes.
  public let defaultValue: OptionValue
  /// nil for a flag.
  public let bounds: Bounds?

  /// An option that is a number within bounds.
  public static func number(
    _ name: String, default value: Double, _ bounds: Bounds, _ summary: String
  ) -> OptimizerOption {
    OptimizerOption(name: name, summary: summary, defaultValue: .number(value), bounds: bounds)
  }

  /// An option that is true or false.
  public static func flag(_ name: String, default value: Bool, _ summary: String) -> OptimizerOption {
    OptimizerOption(name: name, summary: summary, defaultValue: .flag(value), bounds: nil)
  }
}

/// Hyper-parameters by name; what is not given takes the optimizer's default.
public struct OptimizerOptions: Sendable, Hashable, Codable, ExpressibleByDictionaryLiteral {
  /// What was given, or after `resolved` every option of the optimizer.
  public var values: [String: OptionValue]

  /// Options by name; they are checked by `resolved`.
  public init(_ values: [String: OptionValue] = [:]) { self.values = values }

  /// - Precondition: no name stands twice.
  public init(dictionaryLiteral elements: (String, OptionValue)...) {
    values = Dictionary(uniqueKeysWithValues: elements)
  }

  /// Reads an object of names and values.
  public init(from decoder: any Decoder) throws {
    values = try decoder.singleValueContainer().decode([String: OptionValue].self)
  }

  /// Writes an object of names and values.
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
