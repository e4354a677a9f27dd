import ModelKit
import Support

/// One update of all parameters: what every thread that carries out a part of it must agree on.
public struct OptimizerUpdate: @unchecked Sendable {
  // Threads write disjoint ranges only.
  /// All parameters, flat.
  public var values: UnsafeMutableBufferPointer<Float>
  /// Sums of gradients, as long as `values`; never written.
  public var gradients: UnsafeBufferPointer<Float>
  public var learningRate: Double
  /// Multiplies every gradient: one over the target count, the clipping factor, or their product.
  public var gradientScale: Float
  /// The number of this update, counted from 1.
  public var step: Int
  /// If given, as long as `values`: receives them rounded to bfloat16 (nearest, ties to even).
  public var bfloat16Copy: UnsafeMutableBufferPointer<UInt16>?

  /// - Precondition: equal lengths; `step` is at least 1.
  public init(
    values: UnsafeMutableBufferPointer<Float>, gradients: UnsafeBufferPointer<Float>, learningRate: Double,
    gradientScale: Float = 1, step: Int, bfloat16Copy: UnsafeMutableBufferPointer<UInt16>? = nil
  ) {
    precondition(
      values.count == gradients.count && values.count == bfloat16Copy?.count ?? values.count,
      "an update of \(values.count) values was given \(gradients.count) gradients")
    precondition(step >= 1, "updates are counted from 1, got \(step)")
    self.values = values
    self.gradients = gradients
    self.learningRate = learningRate
    self.gradientScale = gradientScale
    self.step = step
    self.bfloat16Copy = bfloat16Copy
  }
}

/// An array an optimizer carries from step to step, for checkpoints. The key is the parameter's name followed
/// by what the array is: `encoder.final_norm.weight.first_moment`.
public struct OptimizerState: @unchecked Sendable {
  // Read and written between steps only.
  public let name: String
  public let shape: [Int]
  /// Valid as long as the optimizer lives.
  public let values: UnsafeMutableBufferPointer<Float>
}

/// Turns gradients into new parameter values.
///
/// State depends on the gradients alone: the number of the step is an argument, so resuming needs `state` and
/// that number. An update may be carried out by several threads, each taking some of the ranges that
/// `split` returns; the result does not depend on how many there were.
public protocol Optimizer: AnyObject, Sendable {
  /// What a person types: "adamw".
  static var identifier: String { get }
  static var summary: String { get }
  static var options: [OptimizerOption] { get }

  /// - Throws: `.usage` for an unknown option or a value out of bounds.
  init(entries: [ParameterEntry], options: OptimizerOptions) throws(GraftError)

  /// All options with defaults filled in, for the run manifest.
  var resolvedOptions: OptimizerOptions { get }
  /// Carried arrays, in the order of the parameters.
  var state: [OptimizerState] { get }

  /// At most `parts` ranges of about equal work that cover all values and may be updated concurrently.
  func split(into parts: Int) -> [Range<Int>]
  /// Updates the values in `range` and the state that belongs to them.
  /// - Precondition: `range` is one that `split` returned, or all values.
  func apply(_ update: OptimizerUpdate, to range: Range<Int>)
  /// The rate the update really uses, for progress lines; differs from the schedule's where an optimizer
  /// sets its own.
  func effectiveLearningRate(scheduled: Double, step: Int) -> Double
}

extension Optimizer {
  public func effectiveLearningRate(scheduled: Double, step: Int) -> Double { scheduled }

  /// The whole update on the calling thread.
  public func apply(_ update: OptimizerUpdate) { apply(update, to: 0..<update.values.count) }

  /// Floats the state takes.
  public var stateCount: Int { state.reduce(0) { $0 + $1.values.count } }
}

/// The optimizers Graft comes with.
public enum Optimizers {
  public static let builtin = Registry<any Optimizer.Type>(
    kind: "optimizer", listCommand: "graft list optimizers",
    [
      (Adafactor.identifier, Adafactor.summary, Adafactor.self),
      (AdamW.identifier, AdamW.summary, AdamW.self),
    ])

  /// - Throws: `.usage` for an unknown name or option, or a value out of bounds.
  public static func make(
    _ name: String, entries: [ParameterEntry], options: OptimizerOptions = [:]
  ) throws(GraftError) -> any Optimizer {
    try builtin(name).init(entries: entries, options: options)
  }
}
