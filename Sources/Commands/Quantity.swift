import ArgumentParser

/// A large number as people write it: `36M`, `2e14`, `1.5G`, `250k`, or plain; capitals or not.
struct Quantity: ExpressibleByArgument {
  var value: Double

  init?(argument: String) {
    let units: [Character: Double] = ["k": 1e3, "m": 1e6, "g": 1e9, "b": 1e9, "t": 1e12]
    let factor = argument.lowercased().last.flatMap { units[$0] }
    guard let number = Double(factor == nil ? argument : String(argument.dropLast())),
      number > 0, (number * (factor ?? 1)).isFinite
    else { return nil }
    value = number * (factor ?? 1)
  }
}
