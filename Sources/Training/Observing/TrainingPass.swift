/// Passes over training examples that are all seen once before any is seen again, in batches of one size.
struct TrainingPass: Sendable {
  /// Examples in a pass.
  var exampleCount: Int
  /// Examples in an update.
  var batchSize: Int

  /// Passes that `step` updates have made.
  func passes(_ step: Int) -> Double { Double(step * batchSize) / Double(exampleCount) }

  /// Whether a pass ends with update `step`.
  func ends(at step: Int) -> Bool {
    step * batchSize / exampleCount > (step - 1) * batchSize / exampleCount
  }
}
