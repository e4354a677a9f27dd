import Support
import Training

/// What a finished pretraining run says about a scaling law.
public struct ScalingPoint: Sendable, Codable, Hashable {
  public var run: String
  /// N: in blocks and output layer.
  public var parameters: Double
  /// D: of text that it read.
  public var bytes: Double
  /// U: of them different.
  public var distinct: Double
  /// L: held out, at its end, in bits per byte.
  public var loss: Double
  /// Floating-point operations of matrix products.
  public var operations: Double?

  public init(
    run: String, parameters: Double, bytes: Double, distinct: Double, loss: Double, operations: Double? = nil
  ) {
    (self.run, self.parameters, self.bytes) = (run, parameters, bytes)
    (self.distinct, self.loss, self.operations) = (distinct, loss, operations)
  }

  /// How often a byte of its text was read, on average.
  var passes: Double { bytes / distinct }

  /// Reads a run directory of `graft pretrain`.
  /// - Throws: `.missingInput` and `.badData` for what is none; `.usage` for a run that is not done, that went on with
  ///   another model, whose objective has no bits per byte, or that did not say what it read.
  public init(run path: String) throws(GraftError) {
    guard RunKind(ofRun: path) == .pretraining else {
      throw GraftError(
        FileContents.exists(path) ? .badData : .missingInput, "'\(path)' is no run directory of `graft pretrain`")
    }
    let run = try PretrainingRun(path)
    let plan = run.manifest.configuration
    func unfit(_ reason: String) -> GraftError {
      GraftError(.usage, "'\(path)' says nothing about a scaling law: \(reason)")
    }
    guard let result = run.result else { throw unfit("it is not done") }
    guard plan.initialCheckpoint == nil else { throw unfit("it went on with another model") }
    guard let loss = result.heldOut.last?.bitsPerByte, loss.isFinite else {
      throw unfit("its held-out loss is not in bits per byte")
    }
    guard let sources = result.sources, sources.contains(where: { $0.passes > 0 }) else {
      throw unfit("it does not say how much text it read")
    }
    self.init(
      run: path, parameters: try BudgetPlanner.parameters(plan.model),
      bytes: sources.reduce(0) { $0 + $1.passes * Double($1.bytes) },
      distinct: sources.reduce(0) { $0 + min(1, $1.passes) * Double($1.bytes) }, loss: loss,
      operations: result.operations)
  }
}
