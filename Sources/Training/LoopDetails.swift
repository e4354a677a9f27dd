import Checkpointing
import Records
import Support

/// What a run leaves in its checkpoints beside the counters.
public struct LoopDetails: Codable, Sendable, Hashable {
  /// Held-out losses so far, for the curve.
  public var heldOut: [HeldOutReport] = []
  /// Floating-point operations of matrix products so far; nil in checkpoints of versions that did not count them.
  public var operations: Double? = 0
  /// Samples of each stage of a source that has several; nil while it is in the first.
  public var stageSamples: [Int]?
  /// Updates that were left out so far, and directly before this step, because something was not finite; nil for none.
  public var skippedUpdates, skippedInARow: Int?
  /// How often a checkpoint was gone back to so far, for the same reason; nil for never.
  public var rollBacks: Int?
  /// Whether training ended before its time because models became no better; nil for not.
  public var endedEarly: Bool?

  /// - Parameter total: samples so far.
  mutating func count(_ samples: Int, inStage stage: Int, after total: Int) {
    guard stage > 0 || stageSamples != nil else { return }
    var counts = stageSamples ?? [total]
    counts += [Int](repeating: 0, count: max(0, stage + 1 - counts.count))
    counts[stage] += samples
    stageSamples = counts
  }

  /// Nil if everything was finite.
  public var nonFinite: NonFiniteUpdates? {
    guard skippedUpdates != nil || rollBacks != nil else { return nil }
    return NonFiniteUpdates(skipped: skippedUpdates ?? 0, rolledBack: rollBacks ?? 0)
  }

  /// - Parameter source: the file they were read from.
  /// - Throws: `.badData` naming a number that cannot be.
  func validate(source: String) throws(GraftError) {
    func refuse(_ name: String, _ value: Double?, below limit: Double) throws(GraftError) {
      guard let value, !(value >= 0 && value < limit) else { return }
      throw TrainingState<LoopDetails>.impossible(name, "\(value)", source)
    }
    try refuse("details.operations", operations, below: 1e60)
    for (name, count) in [
      ("skippedUpdates", skippedUpdates), ("skippedInARow", skippedInARow), ("rollBacks", rollBacks),
      ("stageSamples", stageSamples?.min()), ("stageSamples", stageSamples?.max()),
    ] {
      try refuse("details.\(name)", count.map(Double.init), below: 0x1p53)
    }
    for report in heldOut {
      try refuse("details.heldOut.step", Double(report.step), below: 0x1p53)
      try refuse("details.heldOut.elapsedSeconds", report.elapsedSeconds, below: 1e11)
    }
  }
}
