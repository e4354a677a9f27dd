/// The processes that train one model together. What a step reads from clocks and signals is agreed on, so that all of
/// them take the same steps at the same rates.
public protocol World: Sendable {
  /// This process's place, from 0.
  var rank: Int { get }
  /// How many processes there are.
  var size: Int { get }
  /// The decision of rank 0, which every rank then follows.
  func agree<Decision: Codable & Sendable>(_ mine: Decision) -> Decision
}

/// A process that trains by itself.
public struct Alone: World {
  public let rank = 0
  public let size = 1

  /// Rank 0 of one.
  public init() {}

  public func agree<Decision: Codable & Sendable>(_ mine: Decision) -> Decision { mine }
}
