import Support

/// How often the training examples are read.
public enum Passes: Sendable, Hashable, CustomStringConvertible {
  case count(Double)
  /// The fewer examples there are, the more often: see `automatic(examples:)`.
  case automatic

  /// As many passes as make 30,000 examples, at least 3 and at most 20: 20 over 500, 8.2 over 3,668, 3 over 67,349.
  public static func automatic(examples: Int) -> Double { min(20, max(3, 30_000 / Double(max(1, examples)))) }

  /// The text of a flag or a key: a number, or `auto`.
  public init?(argument: String) {
    if argument == "auto" {
      self = .automatic
    } else if let count = Double(argument) {
      self = .count(count)
    } else {
      return nil
    }
  }

  public var description: String {
    guard case .count(let count) = self else { return "auto" }
    return Int(exactly: count).map { "\($0)" } ?? "\(count)"
  }
}
