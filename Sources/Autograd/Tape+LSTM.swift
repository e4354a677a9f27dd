import CKernels
import Compute
import Foundation

/// The weights of one LSTM layer of width H over inputs of width I. Rows are those of the gates i, f, g and o, one
/// after another, as in PyTorch.
public struct LSTMWeights: Sendable, Hashable {
  /// [4H, I] and [4H, H].
  public let input, recurrent: Parameter
  /// [4H] each; nil for none.
  public let inputBias, recurrentBias: Parameter?

  public init(input: Parameter, recurrent: Parameter, inputBias: Parameter?, recurrentBias: Parameter?) {
    self.input = input
    self.recurrent = recurrent
    self.inputBias = inputBias
    self.recurrentBias = recurrentBias
  }

  /// H.
  public var width: Int { recurrent.columns }
}

/// What an LSTM layer carries from one token to the next, a row per sequence.
public struct LSTMState {
  /// [sequences, H] in the operand type.
  public let hidden: Tensor
  /// [sequences, H] f32.
  public let cell: Tensor

  public init(hidden: Tensor, cell: Tensor) {
    self.hidden = hidden
    self.cell = cell
  }
}

extension Tape {
  /// One layer of an LSTM (Hochreiter & Schmidhuber 1997) over sequences of any lengths, in PyTorch's form: with
  /// z = W x + b + U h + b', i, f, o = σ(z), g = tanh(z): c = f · c + i · g, h = o · tanh(c).
  ///
  /// The inputs' part of all gates is one product; then each step is one product over the sequences that still have a
  /// token. The backward pass goes through all steps (Werbos 1990), to the given state as well.
  /// - Parameters:
  ///   - x: [N, I] in the operand type.
  ///   - start: what the sequences begin with; nil for zeros.
  ///   - shared: several operations read the states, so their gradient is kept in f32.
  /// - Returns: the states h at every token, [N, H] in the operand type, zero in rows of no sequence; and what each
  ///   sequence ends with, which for an empty one is what it began with.
  public func lstm(
    _ x: Tensor, _ rows: SequenceRows, _ weights: LSTMWeights, from start: LSTMState? = nil, shared: Bool = false
  ) -> (states: Tensor, end: LSTMState) {
    let width = weights.width
    let count = rows.lengths.count
    precondition(
      x.columns == weights.input.columns && x.rows == rows.rowCount && x.type == operand
        && weights.input.rows == 4 * width && weights.recurrent.rows == 4 * width,
      "lstm: input [\(x.rows), \(x.columns)] \(x.type), weights [\(weights.input.rows), \(weights.input.columns)]")
    precondition(
      start.map {
        $0.hidden.rows == count && $0.cell.rows == count && $0.hidden.columns == width && $0.cell.columns == width
          && $0.hidden.type == operand && $0.cell.type == .float32
      } ?? true, "lstm: a state of another shape than [\(count), \(width)]")
    let work = LSTMWork(
      tape: self, x: x, schedule: LSTMSchedule(rows), weights: weights, start: start,
      out: tensor(x.rows, width, operand, gradient: shared ? .float32 : operand, zeroed: true),
      end: LSTMState(hidden: tensor(count, width, operand), cell: tensor(count, width, .float32)))
    work.forward()
    record("LSTM", touching: [x, work.out]) { work.backward() }
    return (work.out, work.end)
  }
}

/// The steps of one LSTM operation. Tokens lie in the order of the schedule, so that what a step reads and what it
/// hands on are neighbours: it takes states and cells from its own places and leaves them in those right behind, where
/// the next step finds them; the few of sequences that end are taken away before they are overwritten.
private struct LSTMWork {
  unowned let tape: Tape
  let x: Tensor
  let schedule: LSTMSchedule
  let weights: LSTMWeights
  let start: LSTMState?
  let out: Tensor
  let end: LSTMState
  /// The inputs in the order of the schedule: [padded, I] in the operand type.
  private let inputs: UnsafeMutableRawPointer
  /// The activated gates: [padded, 4H].
  private let gates: UnsafeMutablePointer<Float>
  /// What each token begins with: [padded and a step, H], in the operand type and f32.
  private let hidden: UnsafeMutableRawPointer
  private let cells: UnsafeMutablePointer<Float>

  private var width: Int { weights.width }
  private var size: Int { tape.operand.size }
  private var type: ElementType { tape.operand }
  private var tokens: Int { schedule.rows.count }
  private var padded: Int { schedule.paddedCount }
  /// How many sequences have a token.
  private var first: Int { schedule.order.count }

  init(
    tape: Tape, x: Tensor, schedule: LSTMSchedule, weights: LSTMWeights, start: LSTMState?, out: Tensor, end: LSTMState
  ) {
    self.tape = tape
    self.x = x
    self.schedule = schedule
    self.weights = weights
    self.start = start
    self.out = out
    self.end = end
    let padded = schedule.paddedCount
    inputs = tape.arena.allocate(tape.operand, count: padded * x.columns)
    gates = tape.arena.floats(padded * 4 * weights.width)
    let kept = (padded + schedule.order.count) * weights.width
    // Products read the states of spare places, too, and multiply them by zero.
    hidden = tape.arena.zeros(tape.operand, count: kept)
    cells = tape.arena.floats(kept)
  }

  func forward() {
    copyStart()
    guard tokens > 0 else { return }
    graft_gather_rows(type.rawValue, x.data, schedule.rows, inputs, Int64(tokens), Int64(x.columns))
    memset(inputs + tokens * x.columns * size, 0, (padded - tokens) * x.columns * size)
    tape.matrices.multiply(
      padded, 4 * width, x.columns, .rows(inputs, stride: x.columns),
      .transposed(tape.operands(weights.input), stride: x.columns), into: gates, resultStride: 4 * width,
      operands: type, result: .float32, accumulate: false)
    let mark = tape.arena.mark
    let recurrent = tape.arena.floats(first * 4 * width)
    let bias = summedBias()
    for (step, live) in schedule.live.enumerated() {
      let at = schedule.starts[step]
      let before = hidden + at * width * size
      let after = before + live * width * size
      tape.matrices.multiply(
        live, 4 * width, width, .rows(before, stride: width),
        .transposed(tape.operands(weights.recurrent), stride: width), into: recurrent, resultStride: 4 * width,
        operands: type, result: .float32, accumulate: false)
      graft_lstm_step(
        type.rawValue, gates + at * 4 * width, recurrent, bias, cells + at * width, cells + (at + live) * width,
        after, Int64(live), Int64(width))
      schedule.rows.withUnsafeBufferPointer { rows in
        graft_scatter_rows(type.rawValue, after, rows.baseAddress! + at, out.data, Int64(live), Int64(width))
      }
      for place in schedule.ending(at: step) {
        let row = schedule.order[place] * width
        (end.hidden.data + row * size).copyMemory(from: after + place * width * size, byteCount: width * size)
        (end.cell.data + row * 4).copyMemory(from: cells + (at + live + place) * width, byteCount: width * 4)
      }
    }
    // What ended last lies behind the last token, where products read on.
    memset(hidden + tokens * width * size, 0, (padded - tokens) * width * size)
    tape.arena.release(to: mark)
  }

  /// Puts the given state, or zeros, before the first step; what empty sequences end with is what they begin with.
  private func copyStart() {
    memset(cells, 0, first * width * 4)
    memset(end.hidden.data, 0, end.hidden.count * size)
    memset(end.cell.data, 0, end.cell.count * 4)
    guard let start else { return }
    end.hidden.data.copyMemory(from: start.hidden.data, byteCount: start.hidden.count * size)
    end.cell.data.copyMemory(from: start.cell.data, byteCount: start.cell.count * 4)
    let order = schedule.order.map { Int32($0) }
    graft_gather_rows(type.rawValue, start.hidden.data, order, hidden, Int64(first), Int64(width))
    graft_gather_rows(ElementType.float32.rawValue, start.cell.data, order, cells, Int64(first), Int64(width))
  }

  private func summedBias() -> UnsafeMutablePointer<Float> {
    let sum = tape.arena.floats(4 * width)
    sum.update(repeating: 0, count: 4 * width)
    for case let bias? in [weights.inputBias, weights.recurrentBias] {
      graft_add(sum, tape.values(bias), Int64(4 * width))
    }
    return sum
  }

  /// With d the gradients of h and c of a step, from later steps, from the states read and from the end:
  /// dc += dh · o · (1 − tanh²(c)); di = dc · g, df = dc · c before, dg = dc · i, do = dh · tanh(c), each times its
  /// slope; then dh = Uᵀ dz and dc · f for the step before. dW, dU and db are sums over all steps.
  func backward() {
    guard out.hasGradient || end.hidden.hasGradient || end.cell.hasGradient else { return }
    // The gradients of tensors outlive this operation's own memory.
    let startTargets = start.map { (hidden: tape.gradientTarget($0.hidden), cell: tape.gradientTarget($0.cell)) }
    let inputTarget = tape.gradientTarget(x)
    let mark = tape.arena.mark
    let dGates = tape.arena.allocate(type, count: padded * 4 * width)
    memset(dGates + tokens * 4 * width * size, 0, (padded - tokens) * 4 * width * size)
    let (dHidden, dCells) = (tape.arena.floats(first * width), tape.arena.floats(first * width))
    for (step, live) in schedule.live.enumerated().reversed() {
      let at = schedule.starts[step]
      for place in schedule.ending(at: step) {
        copyGradient(of: end.hidden, row: schedule.order[place], to: dHidden + place * width)
        copyGradient(of: end.cell, row: schedule.order[place], to: dCells + place * width)
      }
      if out.hasGradient, let d = out.gradient {
        for place in 0..<live {
          graft_add_elements(
            out.gradientType.rawValue, dHidden + place * width,
            d + Int(schedule.rows[at + place]) * width * out.gradientType.size, Int64(width))
        }
      }
      let dz = dGates + at * 4 * width * size
      graft_lstm_step_backward(
        type.rawValue, gates + at * 4 * width, cells + at * width, dHidden, dCells, dz, Int64(live), Int64(width))
      guard step > 0 || start != nil else { continue }
      tape.matrices.multiply(
        live, width, 4 * width, .rows(dz, stride: 4 * width),
        .rows(tape.operands(weights.recurrent), stride: width), into: dHidden, resultStride: width, operands: type,
        result: .float32, accumulate: false)
    }
    if let start, let startTargets {
      addStartGradient(start.hidden, startTargets.hidden, dHidden, end.hidden)
      addStartGradient(start.cell, startTargets.cell, dCells, end.cell)
    }
    if tokens > 0 { addWeightGradients(dGates) }
    addInputGradient(dGates, inputTarget)
    tape.arena.release(to: mark)
  }

  private typealias GradientTarget = (pointer: UnsafeMutableRawPointer, accumulate: Bool)

  /// A row of a tensor's gradient in f32; zeros where there is none.
  private func copyGradient(of tensor: Tensor, row: Int, to result: UnsafeMutablePointer<Float>) {
    guard tensor.hasGradient, let gradient = tensor.gradient else {
      result.update(repeating: 0, count: width)
      return
    }
    let type = tensor.gradientType
    graft_convert(
      type.rawValue, gradient + row * width * type.size, ElementType.float32.rawValue, result, Int64(width))
  }

  /// Gives what the sequences began with their gradients: `found` of those that have tokens, in the order of the
  /// schedule, and that of their end for the empty ones.
  private func addStartGradient(
    _ start: Tensor, _ target: GradientTarget, _ found: UnsafeMutablePointer<Float>, _ end: Tensor
  ) {
    var place = [Int?](repeating: nil, count: start.rows)
    for (index, sequence) in schedule.order.enumerated() { place[sequence] = index }
    let row = tape.arena.floats(width)
    for sequence in 0..<start.rows {
      var d = row
      if let place = place[sequence] {
        d = found + place * width
      } else {
        copyGradient(of: end, row: sequence, to: row)
      }
      let own = target.pointer + sequence * width * start.gradientType.size
      if target.accumulate {
        graft_add(own.assumingMemoryBound(to: Float.self), d, Int64(width))
      } else {
        graft_convert(ElementType.float32.rawValue, d, start.gradientType.rawValue, own, Int64(width))
      }
    }
  }

  private func addWeightGradients(_ dGates: UnsafeMutableRawPointer) {
    func add(_ weight: Parameter, _ operand: UnsafeMutableRawPointer) {
      guard let gradient = tape.gradient(weight) else { return }
      tape.matrices.multiply(
        weight.rows, weight.columns, padded, .transposed(dGates, stride: 4 * width),
        .rows(operand, stride: weight.columns), into: gradient, resultStride: weight.columns,
        operands: type, result: .float32, accumulate: true)
    }
    add(weights.input, inputs)
    add(weights.recurrent, hidden)
    for case let gradient? in [weights.inputBias, weights.recurrentBias].map({ $0.flatMap(tape.gradient) }) {
      graft_add_column_sums(type.rawValue, dGates, gradient, Int64(tokens), Int64(4 * width))
    }
  }

  /// dx = dz W, from the order of the schedule to the rows of x; rows of no sequence get zeros.
  private func addInputGradient(_ dGates: UnsafeMutableRawPointer, _ target: GradientTarget) {
    let columns = x.columns
    if !target.accumulate { memset(target.pointer, 0, x.count * x.gradientType.size) }
    guard tokens > 0 else { return }
    let dInputs = tape.arena.allocate(x.gradientType, count: padded * columns)
    tape.matrices.multiply(
      padded, columns, 4 * width, .rows(dGates, stride: 4 * width),
      .rows(tape.operands(weights.input), stride: columns), into: dInputs, resultStride: columns, operands: type,
      result: x.gradientType, accumulate: false)
    guard target.accumulate else {
      graft_scatter_rows(
        x.gradientType.rawValue, dInputs, schedule.rows, target.pointer, Int64(tokens), Int64(columns))
      return
    }
    let (sum, parts) = (target.pointer.assumingMemoryBound(to: Float.self), dInputs.assumingMemoryBound(to: Float.self))
    for (token, row) in schedule.rows.enumerated() {
      graft_add(sum + Int(row) * columns, parts + token * columns, Int64(columns))
    }
  }
}
