import Compute
import ModelKit
import Support

/// One update of all parameters: what every thread that carries out a part of it must agree on.
public struct OptimizerUpdate: @unchecked Sendable {
  // Threads write disjoint ranges only.
  /// All parameters, flat.
  public var values: UnsafeMutableBufferPointer<Float>
  /// Sums of gradients, as long as `values`; never written.
  public var gradients: UnsafeBufferPointer<Float>
  /// The scheduled rate of this update; `Optimizer.effectiveLearningRate` may differ from it.
  public var learningRate: Double
  /// Multiplies every gradient: one over the target count, the clipping factor, or their product.
  public var gradientScale: Float
  /// The number of this update, counted from 1.
  public var step: Int
  /// If given, as long as `values`: receives them rounded to bfloat16 (nearest, ties to even).
  public var bfloat16Copy: UnsafeMutableBufferPointer<UInt16>?
  /// Which gradients are not 0 for certain; nil for all.
  public var written: WrittenBlocks?

  /// - Precondition: equal lengths; `step` is at least 1.
  public init(
    values: UnsafeMutableBufferPointer<Float>, gradients: UnsafeBufferPointer<Float>, learningRate: Double,
    gradientScale: Float = 1, step: Int, bfloat16Copy: UnsafeMutableBufferPointer<UInt16>? = nil,
    written: WrittenBlocks? = nil
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
    self.written = written
  }
}

/// The blocks of a sum of gradients that something was added to, a word for each group (`GradientMemory`).
public final class WrittenBlocks: @unchecked Sendable {
  // Threads write words of their own, before anybody reads.
  public let words: UnsafeMutableBufferPointer<UInt64>

  /// None of `count` groups.
  public init(count: Int) {
    words = .allocate(capacity: count)
    words.initialize(repeating: 0)
  }

  deinit { words.deallocate() }
}

/// An array an optimizer carries from step to step, for checkpoints. The key is the parameter's name followed
/// by what the array is: `encoder.final_norm.weight.first_moment`.
public struct OptimizerState: @unchecked Sendable {
  // Read and written between steps only.
  /// The key in a checkpoint.
  public let name: String
  /// Its product is the number of values; the parameter's own where the array has a value for each of its.
  public let shape: [Int]
  /// The places of the parameter's values in the flat parameters.
  public let parameter: Range<Int>
  /// Valid as long as the optimizer lives.
  public let values: UnsafeMutableBufferPointer<Float>
}

/// A part of an update that one thread carries out: a whole parameter, or some values of neighbouring ones.
public struct OptimizerUnit: Sendable, Hashable {
  /// The values it updates, as places in the flat parameters.
  public let range: Range<Int>
  /// How much work it is, in any measure that is the same for all units of an optimizer and roughly for all optimizers:
  /// one for a value that is read and written.
  public let cost: Double

  /// A part of an update and how much work it is.
  public init(range: Range<Int>, cost: Double) {
    self.range = range
    self.cost = cost
  }
}

/// What the thread that carries out a unit may use.
public struct ShardWork {
  /// Multiplies matrices on the unit's thread.
  public let matrices: any MatrixContext
  /// Element type of the operands of products.
  public let precision: Precision
  /// Memory until the unit is done.
  public let scratch: Arena

  /// What one thread has; `scratch` must not be shared with another.
  public init(matrices: any MatrixContext, precision: Precision, scratch: Arena) {
    self.matrices = matrices
    self.precision = precision
    self.scratch = scratch
  }
}

/// Turns gradients into new parameter values.
///
/// State depends on the gradients alone: the number of the step is an argument, so resuming needs `state` and
/// that number. An update may be carried out by several threads, each taking some of the `units`; the result does not
/// depend on which thread took which.
public protocol Optimizer: AnyObject, Sendable {
  /// All options with defaults filled in, for the run manifest.
  var resolvedOptions: OptimizerOptions { get }
  /// Carried arrays, in the order of the parameters.
  var state: [OptimizerState] { get }

  /// Parts of an update that do not touch each other; together all values of `parameters`.
  var units: [OptimizerUnit] { get }
  /// Updates the values of a unit and the state that belongs to them.
  /// - Parameter unit: an index of `units`.
  func apply(_ update: OptimizerUpdate, toUnit unit: Int, _ work: ShardWork)
  /// The rate the update really uses, for progress lines; differs from the schedule's where an optimizer
  /// sets its own.
  func effectiveLearningRate(scheduled: Double, step: Int) -> Double
  /// Takes what was measured of the values that are evaluated, for an optimizer that goes by it. Called after each
  /// measurement and when a run goes on, between updates.
  /// - Parameters:
  ///   - losses: all held-out losses so far with the updates after which they were measured, in their order.
  ///   - step: the last update.
  ///   - values: all parameters as they are trained, flat.
  func heldOut(_ losses: [(step: Int, loss: Double)], at step: Int, values: UnsafeMutableBufferPointer<Float>)
  /// Of `state`, what `exchangeEvaluationValues` takes values from.
  var evaluationState: [OptimizerState] { get }
  /// Exchanges what is trained and what is to be evaluated and kept, where these are different values: averages, for
  /// instance. The second call undoes the first.
  /// - Returns: whether they are different values, so that anything was exchanged.
  @discardableResult
  func exchangeEvaluationValues(with values: UnsafeMutableBufferPointer<Float>) -> Bool
}

/// An optimizer that can be chosen by name.
public protocol NamedOptimizer: Optimizer {
  /// What a person types: "adamw".
  static var identifier: String { get }
  /// One line about it, for `graft list optimizers`.
  static var summary: String { get }
  /// The hyper-parameters it has; others are refused.
  static var options: [OptimizerOption] { get }
  /// Peak rates that are good to begin with.
  static var defaultRates: DefaultRates { get }
  /// The optimizer of the parameters that this one does not take; nil for one that takes any.
  static var companion: (any NamedOptimizer.Type)? { get }

  /// Whether it can update a parameter.
  static func takes(_ parameter: ParameterEntry) -> Bool

  /// - Parameter parameters: those it is to update, in the order of memory; others stay as they are.
  /// - Throws: `.usage` for an unknown option or a value out of bounds.
  init(parameters: [TrainedParameter], options: OptimizerOptions) throws(GraftError)
}

extension NamedOptimizer {
  public static var companion: (any NamedOptimizer.Type)? { nil }
  public static func takes(_ parameter: ParameterEntry) -> Bool { true }
}

extension Optimizer {
  public func effectiveLearningRate(scheduled: Double, step: Int) -> Double { scheduled }
  public var evaluationState: [OptimizerState] { [] }
  public func heldOut(_ losses: [(step: Int, loss: Double)], at step: Int, values: UnsafeMutableBufferPointer<Float>) {}
  @discardableResult
  public func exchangeEvaluationValues(with values: UnsafeMutableBufferPointer<Float>) -> Bool { false }

  /// The whole update on the calling thread.
  public func apply(_ update: OptimizerUpdate, _ work: ShardWork) {
    for unit in units.indices { apply(update, toUnit: unit, work) }
  }
}

/// The optimizers Graft comes with.
public enum Optimizers {
  /// What can be chosen by name; a further optimizer is one line here.
  public static let registry = Registry<any NamedOptimizer.Type>(
    kind: "optimizer", listCommand: "graft list optimizers",
    [
      (Adafactor.identifier, Adafactor.summary, Adafactor.self),
      (AdamW.identifier, AdamW.summary, AdamW.self),
      (Muon.identifier, Muon.summary, Muon.self),
      (SGD.identifier, SGD.summary, SGD.self),
    ])

  /// - Parameter options: those of the companion, if there is one, begin with its name: `adamw.beta2`.
  /// - Throws: `.usage` for an unknown name or option, or a value out of bounds.
  public static func make(
    _ name: String, parameters: [TrainedParameter], options: OptimizerOptions = [:]
  ) throws(GraftError) -> any Optimizer {
    let type = try registry(name)
    guard let companion = type.companion else { return try type.init(parameters: parameters, options: options) }
    return try PairedOptimizer(type, with: companion, parameters: parameters, options: options)
  }
}
