import ModelKit

/// Keeps an exponential moving average of the values that another optimizer trains; the average is what is evaluated
/// and kept.
///
/// average ← d · average + (1 − d) · value after each update, with d = min(decay, (t − 1) / (t + 9)) at update t: the
/// first average is the first value, and early ones forget it soon.
public final class AveragedOptimizer: Optimizer, @unchecked Sendable {
  // Units write disjoint ranges.
  private let inner: any Optimizer
  private let decay: Double
  private let parameters: [TrainedParameter]
  private let base: Int
  private let averages: FloatArray

  /// - Parameter parameters: those that `inner` updates.
  public init(_ inner: any Optimizer, parameters: [TrainedParameter], decay: Double) {
    self.inner = inner
    self.decay = decay
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
    let step = Double(update.step)
    let share = Float(1 - min(decay, (step - 1) / (step + 9)))
    let average = averages.values.baseAddress! + range.lowerBound - base
    let values = update.values.baseAddress! + range.lowerBound
    for i in 0..<range.count { average[i] += share * (values[i] - average[i]) }
  }

  @discardableResult
  public func exchangeEvaluationValues(with values: UnsafeMutableBufferPointer<Float>) -> Bool {
    for parameter in parameters {
      for i in parameter.entry.range { swap(&values[i], &averages.values[i - base]) }
    }
    return true
  }
}
