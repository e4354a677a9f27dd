import CKernels
import Foundation
import ModelKit
import Support

/// Adafactor (Shazeer & Stern 2018, algorithms 4 and 5) as T5 uses it: no momentum, factored second moment
/// for rank 2 and more, update clipping at root mean square 1, and steps proportional to each parameter's
/// own scale.
///
/// The rate is `min(0.01, 1/√t)` with `relative-step`, else the schedule's; either is multiplied by
/// `max(0.001, RMS(θ))` with `scale-parameter`. Reductions are in double and per parameter, so a unit is a parameter.
/// It has no weight decay; one that a parameter is given is applied as AdamW's.
public final class Adafactor: NamedOptimizer, @unchecked Sendable {
  // State is written per parameter, and each parameter is a unit.
  public static let identifier = "adafactor"
  public static let summary = "factored second moments and steps relative to a parameter's scale (T5)"
  public static let options: [OptimizerOption] = [
    .number("clipping", default: 1, .closed(1e-3...1e6), "root mean square at which an update is clipped"),
    .number("decay-exponent", default: 0.8, .closed(0...1), "c of the second moment's decay 1 - t^-c"),
    .number("epsilon", default: 1e-30, .closed(0...1), "added to squared gradients"),
    .number("minimum-scale", default: 1e-3, .closed(0...1), "least scale a parameter is given"),
    .flag("relative-step", default: false, "ignore the schedule; the rate is min(0.01, 1/√t)"),
    .flag("scale-parameter", default: true, "multiply the rate by the parameter's root mean square"),
    .flag("warmup-init", default: false, "with relative-step, the rate is min(1e-6·t, 1/√t)"),
  ]

  public let resolvedOptions: OptimizerOptions
  public static let defaultRates = DefaultRates(pretraining: 2e-2, fineTuning: 5e-3)
  public let units: [OptimizerUnit]
  private let slots: [Slot]

  /// One parameter with its second moment: rank 2 and more as `batch` matrices of `rows` × `columns`, each
  /// with row and column means; rank 0 and 1 in full, as `columns`.
  private struct Slot {
    let parameter: TrainedParameter
    var entry: ParameterEntry { parameter.entry }
    let batch: Int
    let rows: Int
    let columns: Int
    /// [batch, rows]; empty if not factored.
    let rowMeans: FloatArray
    /// [batch, columns].
    let columnMeans: FloatArray
    var isFactored: Bool { entry.rank >= 2 }

    init(_ parameter: TrainedParameter) {
      self.parameter = parameter
      let entry = parameter.entry
      let isFactored = entry.rank >= 2
      batch = isFactored ? entry.shape.dropLast(2).reduce(1, *) : 1
      rows = isFactored ? entry.shape[entry.rank - 2] : 1
      columns = isFactored ? entry.shape[entry.rank - 1] : entry.count
      rowMeans = FloatArray(count: isFactored ? batch * rows : 0)
      columnMeans = FloatArray(count: batch * columns)
    }
  }

  public init(parameters: [TrainedParameter], options: OptimizerOptions) throws(GraftError) {
    resolvedOptions = try options.resolved(for: Self.identifier, declared: Self.options)
    if resolvedOptions.flag("warmup-init") && !resolvedOptions.flag("relative-step") {
      throw GraftError(
        .usage, "adafactor: warmup-init has no effect without relative-step",
        hint: "add relative-step=true, or leave warmup-init out and give the schedule warm-up steps.")
    }
    slots = parameters.map(Slot.init)
    units = parameters.map { OptimizerUnit(range: $0.entry.range, cost: Double($0.entry.count)) }
  }

  public var state: [OptimizerState] {
    slots.flatMap { slot in
      let name = slot.entry.name
      if !slot.isFactored {
        return [
          OptimizerState(
            name: "\(name).second_moment", shape: slot.entry.shape, parameter: slot.entry.range,
            values: slot.columnMeans.values)
        ]
      }
      let leading = Array(slot.entry.shape.dropLast(2))
      return [
        OptimizerState(
          name: "\(name).second_moment_rows", shape: leading + [slot.rows], parameter: slot.entry.range,
          values: slot.rowMeans.values),
        OptimizerState(
          name: "\(name).second_moment_columns", shape: leading + [slot.columns], parameter: slot.entry.range,
          values: slot.columnMeans.values),
      ]
    }
  }

  public func effectiveLearningRate(scheduled: Double, step: Int) -> Double {
    guard resolvedOptions.flag("relative-step") else { return scheduled }
    let ceiling = resolvedOptions.flag("warmup-init") ? 1e-6 * Double(step) : 1e-2
    return min(ceiling, 1 / Double(step).squareRoot())
  }

  public func apply(_ update: OptimizerUpdate, toUnit unit: Int, _ work: ShardWork) {
    let slot = slots[unit]
    let scheduled = effectiveLearningRate(scheduled: update.learningRate, step: update.step)
    let beta = 1 - pow(Double(update.step), -resolvedOptions.number("decay-exponent"))
    apply(update, to: slot, rate: scheduled * slot.parameter.rateFactor, beta: beta)
  }

  private func apply(_ update: OptimizerUpdate, to slot: Slot, rate: Double, beta: Double) {
    let elements = slot.entry.count
    if elements == 0 { return }
    let values = update.values.baseAddress! + slot.entry.offset
    let gradients = update.gradients.baseAddress! + slot.entry.offset
    let copy = update.bfloat16Copy.map { $0.baseAddress! + slot.entry.offset }
    let scale = update.gradientScale
    let columns = slot.columns
    let rowFactors = updateMoments(of: slot, gradients: gradients, scale: scale, beta: beta)
    let columnFactors = columnFactors(of: slot)
    if let decay = slot.parameter.weightDecay, decay > 0 {
      let keep = Float(1 - rate * decay)
      for i in 0..<elements { values[i] *= keep }
    }
    var squares = 0.0
    for row in 0..<slot.batch * slot.rows {
      let factor = rowFactors[row]
      squares +=
        factor * factor
        * columnFactors.withUnsafeBufferPointer {
          graft_adafactor_update_squares(
            columns, scale, gradients + row * columns, $0.baseAddress! + row / slot.rows * columns)
        }
    }
    let rootMeanSquare = (squares / Double(elements)).squareRoot()
    var size = rate / max(1, rootMeanSquare / resolvedOptions.number("clipping"))
    if resolvedOptions.flag("scale-parameter") {
      let ownScale = (graft_sum_of_squares(elements, values) / Double(elements)).squareRoot()
      size *= max(resolvedOptions.number("minimum-scale"), ownScale)
    }
    for row in 0..<slot.batch * slot.rows {
      columnFactors.withUnsafeBufferPointer {
        graft_adafactor_apply(
          columns, Float(size * rowFactors[row] * Double(scale)), gradients + row * columns,
          $0.baseAddress! + row / slot.rows * columns, values + row * columns,
          copy.map { $0 + row * columns })
      }
    }
  }

  /// Updates the second moment and returns one factor per row: √(mean(R)/R) if factored, else 1.
  private func updateMoments(
    of slot: Slot, gradients: UnsafePointer<Float>, scale: Float, beta: Double
  ) -> [Double] {
    let epsilon = resolvedOptions.number("epsilon")
    let (rows, columns) = (slot.rows, slot.columns)
    guard slot.isFactored else {
      graft_adafactor_second_moment(
        columns, scale, beta, epsilon, gradients, slot.columnMeans.values.baseAddress!)
      return [1]
    }
    var factors = [Double](repeating: 1, count: slot.batch * rows)
    for matrix in 0..<slot.batch {
      var columnSums = [Double](repeating: 0, count: columns)
      var total = 0.0
      for row in matrix * rows..<(matrix + 1) * rows {
        let sum = columnSums.withUnsafeMutableBufferPointer {
          graft_adafactor_accumulate_row(
            columns, scale, epsilon, gradients + row * columns, $0.baseAddress!)
        }
        let mean = beta * Double(slot.rowMeans.values[row]) + (1 - beta) * sum / Double(columns)
        slot.rowMeans.values[row] = Float(mean)
        total += mean
        factors[row] = mean
      }
      for column in 0..<columns {
        let index = matrix * columns + column
        let mean = (1 - beta) * columnSums[column] / Double(rows)
        slot.columnMeans.values[index] = Float(beta * Double(slot.columnMeans.values[index]) + mean)
      }
      for row in matrix * rows..<(matrix + 1) * rows {
        factors[row] = (total / Double(rows) / factors[row]).squareRoot()
      }
    }
    return factors
  }

  /// 1/√C for every column of every matrix; for a parameter of rank 1 that is 1/√v.
  private func columnFactors(of slot: Slot) -> [Float] {
    slot.columnMeans.values.map { Float(1 / Double($0).squareRoot()) }
  }
}
