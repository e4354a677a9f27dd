import CKernels
import Compute
import Foundation
import ModelKit
import Support

/// AdamW (Loshchilov & Hutter 2019, algorithm 2) with bias correction. Decay is decoupled and applies to
/// parameters of rank 2 and more: matrices and embeddings decay, norms and biases do not.
///
/// Elementwise: a unit is a run of neighbouring values that are updated alike. With `scale-by-rms` (nanoT5, Nawrot
/// 2023) the step of a parameter, not its decay, is multiplied by max(1e-3, root mean square of its values before the
/// update), as Adafactor's is; a unit is then a parameter.
public final class AdamW: NamedOptimizer, @unchecked Sendable {
  // The moments are written in disjoint ranges only.
  public static let identifier = "adamw"
  public static let summary = "Adam with decoupled weight decay on matrices"
  public static let options: [OptimizerOption] = [
    .number("beta1", default: 0.9, .halfOpen(0..<1), "decay of the mean of gradients"),
    .number("beta2", default: 0.999, .halfOpen(0..<1), "decay of the mean of squared gradients"),
    .number("epsilon", default: 1e-8, .closed(1e-30...1), "added to the root of the second moment"),
    .flag("scale-by-rms", default: false, "multiply a parameter's step by the root mean square of its values"),
    .number("weight-decay", default: 0.01, .closed(0...1), "share of a matrix removed per unit of rate"),
  ]

  public let resolvedOptions: OptimizerOptions
  public static let defaultRates = DefaultRates(pretraining: 1e-3, fineTuning: 1e-3)
  /// Values of a unit: whole cache lines, so that two threads never write the same one, and few enough to stay in
  /// cache.
  static let unitSize = GradientMemory.groupSize
  /// The least factor of `scale-by-rms`, so that what starts at 0 moves.
  static let leastScale = 1e-3

  private let parameters: [TrainedParameter]
  public let units: [OptimizerUnit]
  /// How the values of each unit are updated.
  private let manners: [Manner]
  private let scalesByRMS: Bool
  private let base: Int
  private let first: FloatArray
  private let second: FloatArray
  /// Of each unit that lies within a group, the blocks whose moments may be other than 0. A block that is none of them,
  /// with a gradient of 0 and without decay, is left as it is by an update.
  private let moving: UnsafeMutableBufferPointer<UInt64>

  /// What neighbouring parameters have in common that are updated at once.
  private struct Manner: Hashable {
    var rateFactor: Double
    var weightDecay: Double
  }

  public init(parameters: [TrainedParameter], options: OptimizerOptions) throws(GraftError) {
    let options = try options.resolved(for: Self.identifier, declared: Self.options)
    resolvedOptions = options
    self.parameters = parameters
    scalesByRMS = options.flag("scale-by-rms")
    var runs: [(range: Range<Int>, manner: Manner)] = []
    for parameter in parameters {
      let entry = parameter.entry
      let decay = parameter.weightDecay ?? (entry.rank >= 2 ? options.number("weight-decay") : 0)
      let manner = Manner(rateFactor: parameter.rateFactor, weightDecay: decay)
      if !scalesByRMS, let last = runs.last, last.manner == manner, last.range.upperBound == entry.offset {
        runs[runs.count - 1].range = last.range.lowerBound..<entry.range.upperBound
      } else {
        runs.append((entry.range, manner))
      }
    }
    var (units, manners) = ([OptimizerUnit](), [Manner]())
    for run in runs {
      var start = run.range.lowerBound
      while start < run.range.upperBound {
        // A parameter's scale is that of before the update: no other unit may have begun with it.
        let end =
          scalesByRMS ? run.range.upperBound : min(run.range.upperBound, (start / Self.unitSize + 1) * Self.unitSize)
        units.append(OptimizerUnit(range: start..<end, cost: Double(end - start)))
        manners.append(run.manner)
        start = end
      }
    }
    (self.units, self.manners) = (units, manners)
    // Moments of what lies between the first and the last value; those of others' parameters stay 0 and are not
    // touched.
    base = runs.first?.range.lowerBound ?? 0
    let count = (runs.last?.range.upperBound ?? 0) - base
    first = FloatArray(count: count)
    second = FloatArray(count: count)
    moving = .allocate(capacity: units.count)
    // Moments may be read from a checkpoint.
    moving.initialize(repeating: ~0)
  }

  deinit { moving.deallocate() }

  public var state: [OptimizerState] {
    parameters.map(\.entry).flatMap { entry in
      let range = entry.offset - base..<entry.range.upperBound - base
      return [
        OptimizerState(
          name: "\(entry.name).first_moment", shape: entry.shape, parameter: entry.range, values: first[range]),
        OptimizerState(
          name: "\(entry.name).second_moment", shape: entry.shape, parameter: entry.range, values: second[range]),
      ]
    }
  }

  public func apply(_ update: OptimizerUpdate, toUnit unit: Int, _ work: ShardWork) {
    let (range, manner) = (units[unit].range, manners[unit])
    precondition(
      range.upperBound <= update.values.count,
      "adamw was asked to update \(range) of \(update.values.count) values")
    let rate = update.learningRate * manner.rateFactor
    let beta1 = resolvedOptions.number("beta1")
    let beta2 = resolvedOptions.number("beta2")
    let count = Double(update.step)
    var scale = 1.0
    if scalesByRMS {
      let squares = graft_sum_of_squares(range.count, update.values.baseAddress! + range.lowerBound)
      scale = max(Self.leastScale, (squares / Double(range.count)).squareRoot())
    }
    let scalars = graft_adamw_scalars(
      gradient_scale: update.gradientScale, beta1: Float(beta1), gradient_weight: Float(1 - beta1),
      beta2: Float(beta2), square_weight: Float(1 - beta2), epsilon: Float(resolvedOptions.number("epsilon")),
      keep: manner.weightDecay == 0 ? 1 : Float(1 - rate * manner.weightDecay),
      step_size: Float(rate * scale / (1 - pow(beta1, count))),
      second_moment_scale: Float(1 / (1 - pow(beta2, count)).squareRoot()))
    func step(_ range: Range<Int>) {
      let start = range.lowerBound
      graft_adamw_step(
        range.count, scalars, update.values.baseAddress! + start, update.gradients.baseAddress! + start,
        first.values.baseAddress! + start - base, second.values.baseAddress! + start - base,
        update.bfloat16Copy.map { $0.baseAddress! + start })
    }
    guard let written = update.written, !scalesByRMS else { return step(range) }
    let group = range.lowerBound / GradientMemory.groupSize
    moving[unit] = written.words[group] | (update.step == 1 ? 0 : moving[unit])
    guard manner.weightDecay == 0 else { return step(range) }
    GradientMemory.forEachRun(moving[unit], ofGroup: group, within: range, step)
  }
}
