import Support

/// Where a run stands, beside weights and optimizer arrays: `training-state.json`. Randomness is keyed by
/// coordinates, so these numbers are all that resuming needs.
public struct TrainingState<Details: Codable & Sendable>: Codable, Sendable {
  /// Updates done.
  public var step: Int
  /// Positions consumed, inputs and targets together.
  public var tokensSeen: Int
  /// The next sample of the data order.
  public var sampleIndex: Int
  /// Training time so far, without the time between interruption and resumption.
  public var elapsedSeconds: Double
  /// What else the engine wants back.
  public var details: Details

  public init(
    step: Int, tokensSeen: Int, sampleIndex: Int, elapsedSeconds: Double, details: Details
  ) {
    self.step = step
    self.tokensSeen = tokensSeen
    self.sampleIndex = sampleIndex
    self.elapsedSeconds = elapsedSeconds
    self.details = details
  }
}

extension TrainingState {
  /// Numbers beyond these are no counts of anything that was done, and would overflow in what is computed from them.
  private static var mostCounted: Int { 1 << 53 }
  private static var mostSeconds: Double { 1e10 }

  /// - Parameter source: the file it was read from.
  /// - Throws: `.badData` naming a counter that cannot be.
  public func validate(source: String) throws(GraftError) {
    let counters = [("step", step), ("tokensSeen", tokensSeen), ("sampleIndex", sampleIndex)]
    for (name, value) in counters where !(0...Self.mostCounted).contains(value) {
      throw Self.impossible(name, "\(value)", source)
    }
    guard (0...Self.mostSeconds).contains(elapsedSeconds) else {
      throw Self.impossible("elapsedSeconds", "\(elapsedSeconds)", source)
    }
  }

  /// The error for a number that no run can have come to.
  public static func impossible(_ name: String, _ value: String, _ source: String) -> GraftError {
    GraftError(
      .badData, "'\(source)' says that '\(name)' is \(value), which no run can have come to",
      hint: "the file was changed or damaged; use another checkpoint.")
  }
}

extension TrainingState: Equatable where Details: Equatable {}
extension TrainingState: Hashable where Details: Hashable {}

/// For a run that needs nothing beyond the counters.
public struct NoDetails: Codable, Sendable, Hashable {
  public init() {}
}
