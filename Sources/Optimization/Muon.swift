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
/// Where rows exceed columns the Gram matrix is Xᵀ X, which gives the same with smaller products. With `row-scaling`
/// (NorMuon, Li et al. 2025) X is divided by the root of a moving mean of its squares along the shorter axis, and
/// brought back to its norm. With `cautious-decay` only values that the update shrinks anyway decay. Products have
/// operands in the run's precision and f32 sums.
public final class Muon: NamedOptimizer, @unchecked Sendable {
  // Each matrix is a unit, and its state is written by that alone.
  public static let identifier = "muon"
  public static let summary = "orthogonalised momentum for hidden matrices, AdamW for the rest"
  public static let options: [OptimizerOption] = [
    .flag("cautious-decay", default: false, "decay only values that the update makes smaller"),
    .number("iterations", default: 5, .closed(1...20), "Newton–Schulz iterations"),
    .number("momentum", default: 0.95, .halfOpen(0..<1), "decay of the mean of gradients"),
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
      return [OptimizerState(name: "\(entry.name).momentum", shape: entry.shape, values: slot.momentum.values)]
        + (slot.secondMoment.map {
          [OptimizerState(name: "\(entry.name).row_moment", shape: [slot.longer], values: $0.values)]
        } ?? [])
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
    let values = update.values.baseAddress! + slot.parameter.entry.offset
    let keep = Float(1 - rate * (slot.parameter.weightDecay ?? resolvedOptions.number("weight-decay")))
    let size = Float(rate * max(1, Double(slot.rows) / Double(slot.columns)).squareRoot())
    if resolvedOptions.flag("cautious-decay") {
      for i in 0..<slot.count { values[i] = (x[i] * values[i] >= 0 ? keep : 1) * values[i] - size * x[i] }
    } else {
      for i in 0..<slot.count { values[i] = keep * values[i] - size * x[i] }
    }
    if let copy = update.bfloat16Copy {
      graft_convert(
        ElementType.float32.rawValue, values, ElementType.bfloat16.rawValue,
        copy.baseAddress! + slot.parameter.entry.offset, Int64(slot.count))
    }
  }

  /// The momentum, and what is to be orthogonalised of it.
  private func accumulate(_ update: OptimizerUpdate, _ slot: Slot, into x: UnsafeMutablePointer<Float>) {
    let gradients = update.gradients.baseAddress! + slot.parameter.entry.offset
    let momentum = slot.momentum.values.baseAddress!
    let decay = Float(resolvedOptions.number("momentum"))
    let share = Float(1 - resolvedOptions.number("momentum")) * update.gradientScale
    for i in 0..<slot.count { momentum[i] = decay * momentum[i] + share * gradients[i] }
    if resolvedOptions.flag("nesterov") {
      for i in 0..<slot.count { x[i] = share * gradients[i] + decay * momentum[i] }
    } else {
      x.update(from: momentum, count: slot.count)
    }
  }

  private func orthogonalize(_ x: UnsafeMutablePointer<Float>, _ slot: Slot, _ work: ShardWork) {
    let (rows, columns, size) = (slot.rows, slot.columns, slot.shorter)
    let norm = graft_sum_of_squares(slot.count, x).squareRoot()
    scale(x, slot.count, by: Float(1 / (norm + 1e-7)))
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
      for i in 0..<size * size { square[i] = b * gram[i] + c * square[i] }
      let polynomial = operand(square, size * size, in: rest, stride: size, type)
      let (first, second) = rows <= columns ? (polynomial, along) : (along, polynomial)
      multiply(rows, columns, size, first, second, into: product, type, work)
      for i in 0..<slot.count { x[i] = a * x[i] + product[i] }
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

  private func scale(_ x: UnsafeMutablePointer<Float>, _ count: Int, by factor: Float) {
    for i in 0..<count { x[i] *= factor }
  }

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
      for column in 0..<columns {
        let value = x[row * columns + column]
        squares[isRow ? row : column] += value * value
      }
    }
    for i in 0..<slot.longer {
      moment[i] = beta * moment[i] + (1 - beta) * squares[i] / Float(slot.shorter)
    }
    for row in 0..<rows {
      for column in 0..<columns {
        x[row * columns + column] /= max(moment[isRow ? row : column].squareRoot(), 1e-10)
      }
    }
    let after = graft_sum_of_squares(slot.count, x)
    if after > 0 { scale(x, slot.count, by: Float((before / after).squareRoot())) }
  }
}
