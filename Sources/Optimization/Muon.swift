import CKernels
import Compute
import ModelKit
import Support

/// Muon (Jordan et al. 2024): momentum whose singular values are brought close to 1 by Newton–Schulz iterations, for
/// hidden matrices; AdamW for all else.
///
/// With g the gradient of W [rows, columns], μ the momentum and λ the weight decay:
///
///     M ← μ M + (1 − μ) g,  U = (1 − μ) g + μ M           (Nesterov; else U = M)
///     X = U / (‖U‖ + 1e-7),  then `iterations` times:
///       A = X Xᵀ,  X ← a X + (b A + c A²) X               a, b, c = 3.4445, −4.7750, 2.0315
///     W ← W − rate · λ · W − rate · √max(1, rows / columns) · X
///
/// Where rows exceed columns the Gram matrix is Xᵀ X, which gives the same with smaller products. With
/// `row-scaling` (NorMuon, Li et al. 2025) X is divided by the root of a moving mean of its squares along the shorter
/// axis, and brought back to its norm. With `momentum-warmup` n, μ of update t rises from `momentum-start` on a
/// straight line over (t − 1) / n to `momentum`. With `cautious-decay` only values that the update shrinks anyway
/// decay. Products have operands in the run's precision and f32 sums.
public final class Muon: NamedOptimizer, @unchecked Sendable {
  // Each matrix is a unit, and its state is written by that alone.
  public static let identifier = "muon"
  public static let summary = "orthogonalised momentum for hidden matrices, AdamW for the rest"
  public static let options: [OptimizerOption] = [
    .flag("cautious-decay", default: false, "decay only values that the update makes smaller"),
    .number("iterations", default: 5, .closed(1...20), "Newton–Schulz iterations"),
    .number("momentum", default: 0.95, .halfOpen(0..<1), "decay of the mean of gradients"),
    .number("momentum-start", default: 0.85, .halfOpen(0..<1), "momentum of the first update, with momentum-warmup"),
    .number("momentum-warmup", default: 0, .closed(0...1e9), "updates over which the momentum rises; 0 for none"),
    .flag("nesterov", default: true, "look ahead by one step of the momentum"),
    .flag("row-scaling", default: false, "scale neurons by a second moment of the update (NorMuon)"),
    .number("row-beta", default: 0.95, .halfOpen(0..<1), "decay of that second moment"),
    .number("weight-decay", default: 0.01, .closed(0...10), "share of a matrix removed per unit of rate"),
  ]
  public static let defaultRates = DefaultRates(pretraining: 2e-2, fineTuning: 2e-3)
  public static var companion: (any NamedOptimizer.Type)? { AdamW.self }
  public static func takes(_ parameter: ParameterEntry) -> Bool { parameter.role == .matrix && parameter.rank == 2 }

  public let resolvedOptions: OptimizerOptions
  public let units: [OptimizerUnit]
  private let slots: [Slot]

  private struct Slot {
    let parameter: TrainedParameter
    let rows, columns: Int
    let momentum: FloatArray
    /// Second moments of the neurons along the longer axis; nil without row scaling.
    let secondMoment: FloatArray?

    var shorter: Int { min(rows, columns) }
    var longer: Int { max(rows, columns) }
    var count: Int { rows * columns }

    init(_ parameter: TrainedParameter, hasSecondMoment: Bool) {
      self.parameter = parameter
      (rows, columns) = (parameter.entry.shape[0], parameter.entry.shape[1])
      momentum = FloatArray(count: parameter.entry.count)
      secondMoment = hasSecondMoment ? FloatArray(count: max(rows, columns)) : nil
    }
  }

  public init(parameters: [TrainedParameter], options: OptimizerOptions) throws(GraftError) {
    let options = try options.resolved(for: Self.identifier, declared: Self.options)
    guard options.number("iterations") == options.number("iterations").rounded() else {
      throw GraftError(.usage, "muon: iterations must be a whole number")
    }
    resolvedOptions = options
    slots = parameters.map { Slot($0, hasSecondMoment: options.flag("row-scaling")) }
    units = slots.map { slot in
      // An operation of a product is about a hundred times as cheap as a value that is read and written.
      let products = 2 * Double(slot.shorter * slot.shorter) * Double(2 * slot.longer + slot.shorter)
      return OptimizerUnit(
        range: slot.parameter.entry.range, cost: Double(slot.count) + options.number("iterations") * products / 100)
    }
  }

  public var state: [OptimizerState] {
    slots.flatMap { slot in
      let entry = slot.parameter.entry
      let momentum = OptimizerState(
        name: "\(entry.name).momentum", shape: entry.shape, parameter: entry.range, values: slot.momentum.values)
      guard let moment = slot.secondMoment else { return [momentum] }
      return [
        momentum,
        OptimizerState(
          name: "\(entry.name).row_moment", shape: [slot.longer], parameter: entry.range, values: moment.values),
      ]
    }
  }

  public func apply(_ update: OptimizerUpdate, toUnit unit: Int, _ work: ShardWork) {
    let slot = slots[unit]
    let mark = work.scratch.mark
    defer { work.scratch.release(to: mark) }
    let x = work.scratch.floats(slot.count)
    accumulate(update, slot, into: x)
    orthogonalize(x, slot, work)
    if let secondMoment = slot.secondMoment { scaleNeurons(of: x, slot, secondMoment.values) }
    let rate = update.learningRate * slot.parameter.rateFactor
    let offset = slot.parameter.entry.offset
    let keep = Float(1 - rate * (slot.parameter.weightDecay ?? resolvedOptions.number("weight-decay")))
    let size = Float(rate * max(1, Double(slot.rows) / Double(slot.columns)).squareRoot())
    graft_muon_apply(
      slot.count, keep, size, resolvedOptions.flag("cautious-decay"), x, update.values.baseAddress! + offset,
      update.bfloat16Copy.map { $0.baseAddress! + offset })
  }

  /// The momentum, and what is to be orthogonalised of it.
  private func accumulate(_ update: OptimizerUpdate, _ slot: Slot, into x: UnsafeMutablePointer<Float>) {
    let decay = momentum(ofUpdate: update.step)
    graft_muon_accumulate(
      slot.count, Float(decay), Float(1 - decay) * update.gradientScale, resolvedOptions.flag("nesterov"),
      update.gradients.baseAddress! + slot.parameter.entry.offset, slot.momentum.values.baseAddress!, x)
  }

  private func momentum(ofUpdate step: Int) -> Double {
    let (momentum, updates) = (resolvedOptions.number("momentum"), resolvedOptions.number("momentum-warmup"))
    guard Double(step - 1) < updates else { return momentum }
    let start = resolvedOptions.number("momentum-start")
    return start + (momentum - start) * Double(step - 1) / updates
  }

  private func orthogonalize(_ x: UnsafeMutablePointer<Float>, _ slot: Slot, _ work: ShardWork) {
    let (rows, columns, size) = (slot.rows, slot.columns, slot.shorter)
    let norm = graft_sum_of_squares(slot.count, x).squareRoot()
    graft_scale_values(slot.count, Float(1 / (norm + 1e-7)), x)
    let gram = work.scratch.floats(size * size)
    let square = work.scratch.floats(size * size)
    let product = work.scratch.floats(slot.count)
    let type = work.precision.operand
    let memory = type == .float32 ? nil : work.scratch.allocate(type, count: slot.count + size * size)
    let (a, b, c) = Self.coefficients
    for _ in 0..<Int(resolvedOptions.number("iterations")) {
      let along = operand(x, slot.count, in: memory, stride: columns, type)
      let across = MatrixOperand.transposed(along.pointer, stride: columns)
      let (left, right) = rows <= columns ? (along, across) : (across, along)
      multiply(size, size, slot.longer, left, right, into: gram, type, work)
      let rest = memory.map { $0 + slot.count * type.size }
      let squared = operand(gram, size * size, in: rest, stride: size, type)
      multiply(size, size, size, squared, squared, into: square, type, work)
      graft_weighted_sum(size * size, b, gram, c, square)
      let polynomial = operand(square, size * size, in: rest, stride: size, type)
      let (first, second) = rows <= columns ? (polynomial, along) : (along, polynomial)
      multiply(rows, columns, size, first, second, into: product, type, work)
      graft_weighted_sum(slot.count, 1, product, a, x)
    }
  }

  /// Values as an operand of a product: converted into `memory`, or where they are if there is none.
  private func operand(
    _ values: UnsafeMutablePointer<Float>, _ count: Int, in memory: UnsafeMutableRawPointer?, stride: Int,
    _ type: ElementType
  ) -> MatrixOperand {
    guard let memory else { return .rows(values, stride: stride) }
    graft_convert(ElementType.float32.rawValue, values, type.rawValue, memory, Int64(count))
    return .rows(memory, stride: stride)
  }

  private func multiply(
    _ m: Int, _ n: Int, _ k: Int, _ a: MatrixOperand, _ b: MatrixOperand, into c: UnsafeMutablePointer<Float>,
    _ type: ElementType, _ work: ShardWork
  ) {
    work.matrices.multiply(
      m, n, k, a, b, into: c, resultStride: n, operands: type, result: .float32, accumulate: false)
  }

  private static let coefficients: (Float, Float, Float) = (3.4445, -4.7750, 2.0315)

  /// Divides every neuron (a row, or a column where there are more of these) by the root of its second moment; the norm
  /// of the whole stays.
  private func scaleNeurons(
    of x: UnsafeMutablePointer<Float>, _ slot: Slot, _ moment: UnsafeMutableBufferPointer<Float>
  ) {
    let (rows, columns) = (slot.rows, slot.columns)
    let isRow = rows >= columns
    let beta = Float(resolvedOptions.number("row-beta"))
    let before = graft_sum_of_squares(slot.count, x)
    var squares = [Float](repeating: 0, count: slot.longer)
    for row in 0..<rows {
      if isRow {
        squares[row] = Float(graft_sum_of_squares(columns, x + row * columns))
      } else {
        graft_add_squares(columns, x + row * columns, &squares)
      }
    }
    for i in 0..<slot.longer {
      moment[i] = beta * moment[i] + (1 - beta) * squares[i] / Float(slot.shorter)
      squares[i] = max(moment[i].squareRoot(), 1e-10)
    }
    for row in 0..<rows {
      if isRow {
        graft_scale_values(columns, 1 / squares[row], x + row * columns)
      } else {
        graft_divide_values(columns, squares, x + row * columns)
      }
    }
    let after = graft_sum_of_squares(slot.count, x)
    if after > 0 { graft_scale_values(slot.count, Float((before / after).squareRoot()), x) }
  }
}
