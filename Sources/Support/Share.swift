import Foundation

/// A share of a whole, written in percent: `2%`, `0.5%`.
public struct Share: Sendable, Hashable, CustomStringConvertible {
  /// The fraction: 0.02 for `2%`.
  public var value: Double

  /// A fraction.
  public init(_ value: Double) { self.value = value }

  /// Nil for what does not end with a percent sign, or is no number from 0% to 100%.
  public init?(argument: String) {
    guard argument.hasSuffix("%"), let percent = Double(argument.dropLast()), percent >= 0, percent <= 100 else {
      return nil
    }
    value = percent / 100
  }

  /// With up to twelve digits: `62.5%`.
  public var description: String { String(format: "%.12g%%", 100 * value) }
}
