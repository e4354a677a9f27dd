/// A large number as people write it: `36M`, `2e14`, `1.5G`, `250k`, or plain; capitals or not.
public struct Quantity: Sendable, Hashable {
  public var value: Double

  /// Nil for what is no positive number.
  public init?(argument: String) {
    let units: [Character: Double] = ["k": 1e3, "m": 1e6, "g": 1e9, "b": 1e9, "t": 1e12]
    let factor = argument.lowercased().last.flatMap { units[$0] }
    guard let number = Double(factor == nil ? argument : String(argument.dropLast())),
      number > 0, (number * (factor ?? 1)).isFinite
    else { return nil }
    value = number * (factor ?? 1)
  }
}

/// A length of time as people write it: `90s`, `45m`, `1.5h`, or plain seconds.
public struct TimeBudget: Sendable, Hashable {
  public var seconds: Double

  /// Nil for what is no positive length.
  public init?(argument: String) {
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
    let factor = argument.last.flatMap { units[$0] }
    guard let value = Double(factor == nil ? argument : String(argument.dropLast())),
      value > 0, (value * (factor ?? 1)).isFinite
    else { return nil }
    seconds = value * (factor ?? 1)
  }
}
