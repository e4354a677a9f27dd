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

extension TrainingState: Equatable where Details: Equatable {}
extension TrainingState: Hashable where Details: Hashable {}

/// For a run that needs nothing beyond the counters.
public struct NoDetails: Codable, Sendable, Hashable {
  public init() {}
}
