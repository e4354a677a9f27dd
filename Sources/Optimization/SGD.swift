import CKernels
import Compute
import ModelKit
import Support

/// Stochastic gradient descent (Robbins & Monro 1951): value ← value − rate · gradient. With `momentum` the step is
/// that of m ← momentum · m + gradient, with `nesterov` of gradient + momentum · m, as torch.optim.SGD has them without
/// dampening (Sutskever et al. 2013, §2, with the rate outside of the sum).
///
/// Decay is decoupled and applies to parameters of rank 2 and more, as AdamW's does; without momentum that is the step
/// that torch.optim.SGD takes. Elementwise: a unit is a parameter, or a piece of a long one. Without momentum nothing
/// is carried from step to step.
public final class SGD: NamedOptimizer, @unchecked Sendable {
  // Momenta are written in disjoint ranges only.
  public static let identifier = "sgd"
  public static let summary = "plain gradient descent, with momentum if wanted"
  public static let options: [OptimizerOption] = [
    .number("momentum", default: 0, .halfOpen(0..<1), "decay of the sum of gradients; 0 for none"),
    .flag("nesterov", default: false, "look ahead by the momentum"),
    .number("weight-decay", default: 0, .closed(0...1), "share of a matrix removed per unit of rate"),
  ]

  public let resolvedOptions: OptimizerOptions
  /// 1 is what Zaremba et al. 2014 begin with, but their gradients are sums over a sequence's tokens, ours means.
  public static let defaultRates = DefaultRates(pretraining: 1, fineTuning: 0.1)

  /// Values of a unit at most; it lies within a group of the memory of gradients.
  static let unitSize = GradientMemory.groupSize

  private let parameters: [TrainedParameter]
  public let units: [OptimizerUnit]
  /// How the values of each unit are updated.
  private let manners: [Manner]
  private let base: Int
  /// Empty without momentum.
  private let momenta: FloatArray

  private struct Manner {
    var rateFactor: Double
    var weightDecay: Double
  }

  public init(parameters: [TrainedParameter], options: OptimizerOptions) throws(GraftError) {
    let options = try options.resolved(for: Self.identifier, declared: Self.options)
    if options.flag("nesterov") && options.number("momentum") == 0 {
      throw GraftError(
        .usage, "sgd: nesterov has no effect without momentum",
        hint: "add momentum=0.9, or leave nesterov out.")
    }
    resolvedOptions = options
    self.parameters = parameters
    var (units, manners) = ([OptimizerUnit](), [Manner]())
    for parameter in parameters {
      let entry = parameter.entry
      let decay = parameter.weightDecay ?? (entry.rank >= 2 ? options.number("weight-decay") : 0)
      var start = entry.offset
      while start < entry.range.upperBound {
        let end = min(entry.range.upperBound, (start / Self.unitSize + 1) * Self.unitSize)
        units.append(OptimizerUnit(range: start..<end, cost: Double(end - start)))
        manners.append(Manner(rateFactor: parameter.rateFactor, weightDecay: decay))
        start = end
      }
    }
    (self.units, self.manners) = (units, manners)
    base = parameters.first?.entry.offset ?? 0
    let count = (parameters.last?.entry.range.upperBound ?? 0) - base
    momenta = FloatArray(count: options.number("momentum") > 0 ? count : 0)
  }

  public var state: [OptimizerState] {
    guard resolvedOptions.number("momentum") > 0 else { return [] }
    return parameters.map(\.entry).map { entry in
      OptimizerState(
        name: "\(entry.name).momentum", shape: entry.shape, parameter: entry.range,
        values: momenta[entry.offset - base..<entry.range.upperBound - base])
    }
  }

  public func apply(_ update: OptimizerUpdate, toUnit unit: Int, _ work: ShardWork) {
    let (range, manner) = (units[unit].range, manners[unit])
    precondition(
      range.upperBound <= update.values.count,
      "sgd was asked to update \(range) of \(update.values.count) values")
    let rate = update.learningRate * manner.rateFactor
    let keep = manner.weightDecay == 0 ? 1 : Float(1 - rate * manner.weightDecay)
    func step(_ range: Range<Int>, _ size: Float, _ direction: UnsafePointer<Float>) {
      graft_muon_apply(
        range.count, keep, size, false, direction, update.values.baseAddress! + range.lowerBound,
        update.bfloat16Copy.map { $0.baseAddress! + range.lowerBound })
    }
    let momentum = resolvedOptions.number("momentum")
    guard momentum == 0 else {
      let direction = work.scratch.floats(range.count)
      graft_muon_accumulate(
        range.count, Float(momentum), update.gradientScale, resolvedOptions.flag("nesterov"),
        update.gradients.baseAddress! + range.lowerBound, momenta.values.baseAddress! + range.lowerBound - base,
        direction)
      return step(range, Float(rate), direction)
    }
    let size = Float(rate * Double(update.gradientScale))
    func plainStep(_ range: Range<Int>) { step(range, size, update.gradients.baseAddress! + range.lowerBound) }
    guard let written = update.written, manner.weightDecay == 0 else { return plainStep(range) }
    // A block without a gradient stays as it is.
    let group = range.lowerBound / Self.unitSize
    GradientMemory.forEachRun(written.words[group], ofGroup: group, within: range, plainStep)
  }
}
