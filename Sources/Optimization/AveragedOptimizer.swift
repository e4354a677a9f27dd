import ModelKit

/// Keeps an average of the values that another optimizer trains, which is what is evaluated and kept.
public final class AveragedOptimizer: Optimizer, @unchecked Sendable {
  // Units write disjoint ranges.
  private let inner: any Optimizer
  private let average: ValueAverage
  /// The first update that the average has the values of; nil if none has it yet.
  private var start: Int?
  private let parameters: [TrainedParameter]
  private let base: Int
  private let averages: FloatArray

  /// - Parameter parameters: those that `inner` updates.
  public init(_ inner: any Optimizer, parameters: [TrainedParameter], _ average: ValueAverage) {
    self.inner = inner
    self.average = average
    if case .moving = average { start = 1 }
    self.parameters = parameters
    base = parameters.first?.entry.offset ?? 0
    averages = FloatArray(count: (parameters.last?.entry.range.upperBound ?? 0) - base)
  }

  public var resolvedOptions: OptimizerOptions { inner.resolvedOptions }
  public var units: [OptimizerUnit] { inner.units }

  public var state: [OptimizerState] { inner.state + evaluationState }

  public var evaluationState: [OptimizerState] {
    parameters.map(\.entry).map { entry in
      OptimizerState(
        name: "\(entry.name).average", shape: entry.shape, parameter: entry.range,
        values: averages[entry.offset - base..<entry.range.upperBound - base])
    }
  }

  public func effectiveLearningRate(scheduled: Double, step: Int) -> Double {
    inner.effectiveLearningRate(scheduled: scheduled, step: step)
  }

  public func apply(_ update: OptimizerUpdate, toUnit unit: Int, _ work: ShardWork) {
    inner.apply(update, toUnit: unit, work)
    let range = inner.units[unit].range
    guard let start else { return }
    let step = Double(update.step)
    let share: Float
    switch average {
    case .moving(let decay): share = Float(1 - min(decay, (step - 1) / (step + 9)))
    case .sinceStalled: share = Float(1 / (step - Double(start) + 1))
    }
    let average = averages.values.baseAddress! + range.lowerBound - base
    let values = update.values.baseAddress! + range.lowerBound
    for i in 0..<range.count { average[i] += share * (values[i] - average[i]) }
  }

  public func heldOut(_ losses: [(step: Int, loss: Double)], at step: Int, values: UnsafeMutableBufferPointer<Float>) {
    guard case .sinceStalled(let patience) = average else { return }
    start = ValueAverage.stall(losses, patience: patience)
    guard start == step else { return }
    for parameter in parameters {
      for i in parameter.entry.range { averages.values[i - base] = values[i] }
    }
  }

  @discardableResult
  public func exchangeEvaluationValues(with values: UnsafeMutableBufferPointer<Float>) -> Bool {
    guard start != nil else { return false }
    for parameter in parameters {
      for i in parameter.entry.range { swap(&values[i], &averages.values[i - base]) }
    }
    return true
  }
}
