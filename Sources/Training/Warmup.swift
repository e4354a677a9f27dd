import Support

/// How long the learning rate rises: `100` updates, `2%` of the run, or `100,10%`: 100 updates, but no more than a
/// tenth of the run, so that a short one reaches its rate.
public enum Warmup: Sendable, Hashable, CustomStringConvertible {
  /// So many, and no more than a share of the run if one is given.
  case updates(Int, atMost: Double? = nil)
  /// From 0 up to, but not including, 1.
  case share(Double)

  /// Where nothing is said.
  public static let standard = Warmup.updates(100, atMost: 0.1)

  /// Nil for other text.
  public init?(argument: String) {
    if let percent = Share(argument: argument) {
      self = .share(percent.value)
      return
    }
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard parts.count <= 2, let count = Int(parts[0]) else { return nil }
    guard parts.count == 2 else {
      self = .updates(count)
      return
    }
    guard let limit = Share(argument: parts[1]), limit.value > 0 else { return nil }
    self = .updates(count, atMost: limit.value)
  }

  /// As it is written.
  public var description: String {
    switch self {
    case .updates(let count, let limit): "\(count)" + (limit.map { ",\(Share($0))" } ?? "")
    case .share(let share): Share(share).description
    }
  }
}
