/// What a run does when a loss, a gradient or a value of the model is NaN or infinite.
public enum NonFinitePolicy: String, Sendable, Codable, CaseIterable {
  /// The run ends with an error; its checkpoints are intact.
  case stop
  /// The update is left out, and training goes on with the next samples. What an update has spoiled already cannot be
  /// left out any more: that ends the run.
  case skip
  /// The newest checkpoint is taken up again, and training goes on from there with samples that come after those that
  /// failed.
  case rollBack = "roll-back"

  /// Updates in a row that may be left out: after so many the model does not recover.
  static let mostSkipped = 100
  /// How often one checkpoint is gone back to.
  static let mostRollBacks = 8
}
