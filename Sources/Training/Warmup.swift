import Support

/// How long the learning rate rises: `100` updates, or `2%` of the run.
public enum Warmup: Sendable, Hashable, CustomStringConvertible {
  /// So many.
  case updates(Int)
  /// From 0 up to, but not including, 1.
  case share(Double)

  /// Nil for other text.
  public init?(argument: String) {
    if let percent = Share(argument: argument) {
      self = .share(percent.value)
    } else if let count = Int(argument) {
      self = .updates(count)
    } else {
      return nil
    }
  }

  /// As it is written.
  public var description: String {
    switch self {
    case .updates(let count): "\(count)"
    case .share(let share): Share(share).description
    }
  }
}
