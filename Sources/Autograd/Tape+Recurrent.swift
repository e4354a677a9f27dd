import CKernels
import Compute
import Foundation

/// The weights of one recurrent layer of width H over inputs of width I, whose cell has G gates.
public struct RecurrentWeights: Sendable, Hashable {
  /// What they are multiplied for.
  public let cell: RecurrentCell
  /// [G · H, I] and [G · H, H].
  public let input, recurrent: Parameter
  /// [G · H] each; nil for none.
  public let inputBias, recurrentBias: Parameter?
  /// What an LSTM's gates i, f and o see of its cells, [3 · H] (Gers & Schmidhuber 2000); nil for nothing.
  public let peepholes: Parameter?
  /// What states are multiplied with before the gates read them; nil for nothing.
  public let multiplication: RecurrentMultiplication?

  /// - Precondition: peepholes are those of an LSTM.
  public init(
    _ cell: RecurrentCell, input: Parameter, recurrent: Parameter, inputBias: Parameter?, recurrentBias: Parameter?,
    peepholes: Parameter? = nil, multiplication: RecurrentMultiplication? = nil
  ) {
    precondition(peepholes == nil || cell == .lstm, "peepholes of another cell than an LSTM's")
    self.cell = cell
    self.input = input
    self.recurrent = recurrent
    self.inputBias = inputBias
    self.recurrentBias = recurrentBias
    self.peepholes = peepholes
    self.multiplication = multiplication
  }

  /// H.
  public var width: Int { recurrent.columns }
}

extension Tape {
  /// One recurrent layer over sequences of any lengths; see `RecurrentCell`.
  ///
  /// The inputs' part of all gates is one product; then each step is one product over the sequences that still have a
  /// token. The backward pass goes through all steps (Werbos 1990), to the given state as well.
  /// - Parameters:
  ///   - x: [N, I] in the operand type.
  ///   - start: what the sequences begin with, the parts of the cell's state; nil for zeros.
  ///   - reversed: whether sequences are read from their last token to their first, with which they then end: one of
  ///     the two directions of Schuster & Paliwal 1997.
  ///   - shared: several operations read the states, so their gradient is kept in f32.
  ///   - dropConnect: how probably a weight of the states is left out while training; see `DroppedWeights`.
  /// - Returns: the states h at every token, [N, H] in the operand type, zero in rows of no sequence; and what each
  ///   sequence ends with, which for an empty one is what it began with.
  public func recurrent(
    _ x: Tensor, _ rows: SequenceRows, _ weights: RecurrentWeights, from start: [Tensor]? = nil,
    reversed: Bool = false, shared: Bool = false, dropConnect: Double = 0
  ) -> (states: Tensor, end: [Tensor]) {
    let (width, height) = (weights.width, weights.cell.gates * weights.width)
    let count = rows.lengths.count
    let parts = weights.cell.stateParts(width: width)
    precondition(
      x.columns == weights.input.columns && x.rows == rows.rowCount && x.type == operand
        && weights.input.rows == height && weights.recurrent.rows == height,
      "recurrent: input [\(x.rows), \(x.columns)] \(x.type), weights [\(weights.input.rows), \(weights.input.columns)]")
    requireState(start, parts, rows: count)
    let schedule = RecurrentSchedule(rows, reversed: reversed)
    let work = RecurrentWork(
      tape: self, x: x, schedule: schedule, weights: weights,
      recurrent: DroppedWeights(weights.recurrent, dropConnect, on: self),
      multiplied: weights.multiplication.map {
        MultipliedStates($0, dropConnect, padded: schedule.paddedCount, on: self)
      }, start: start,
      out: tensor(x.rows, width, operand, gradient: shared ? .float32 : operand, zeroed: true),
      end: parts.map { tensor(count, $0.width, $0.type(operand), zeroed: true) },
      // At every token nobody needs it but to look at it.
      memories: stateObserver != nil && weights.cell == .lstm ? tensor(x.rows, width, .float32, zeroed: true) : nil)
    work.forward()
    record("recurrent layer", touching: [x, work.out]) { work.backward() }
    show(work.out, rows, as: "hidden")
    if let memories = work.memories { show(memories, rows, as: "cell") }
    return (work.out, work.end)
  }

  func requireState(_ state: [Tensor]?, _ parts: [RecurrentStatePart], rows: Int) {
    guard let state else { return }
    precondition(
      state.count == parts.count
        && zip(state, parts).allSatisfy { $0.rows == rows && $0.columns == $1.width && $0.type == $1.type(operand) },
      "a state of other parts than \(parts) of \(rows) rows")
  }
}

/// The steps of one recurrent layer. Tokens lie in the order of the schedule, so that what a step reads and what it
/// hands on are neighbours: it takes states and memory from its own places and leaves them in those right behind, where
/// the next step finds them; the few of sequences that end are taken away before they are overwritten.
private struct RecurrentWork {
  unowned let tape: Tape
  let x: Tensor
  let schedule: RecurrentSchedule
  let weights: RecurrentWeights
  /// Those of the states as they are multiplied.
  let recurrent: DroppedWeights
  /// What gates read in the place of states; nil for the states.
  let multiplied: MultipliedStates?
  let start: [Tensor]?
  let out: Tensor
  let end: [Tensor]
  /// The memory after every token [N, H], to be shown; nil if nobody looks.
  let memories: Tensor?
  /// The inputs in the order of the schedule: [padded, I] in the operand type.
  private let inputs: UnsafeMutableRawPointer
  /// What inputs add to the gates, and then what cells keep for the backward pass: [padded, `kept`].
  private let gates: UnsafeMutablePointer<Float>
  /// What each token begins with: [padded and a step, H], in the operand type and f32.
  private let hidden: UnsafeMutableRawPointer
  private let memory: UnsafeMutablePointer<Float>

  private var cell: RecurrentCell { weights.cell }
  private var width: Int { weights.width }
  /// Rows of weights.
  private var height: Int { cell.gates * width }
  private var kept: Int { cell.keptPerToken * width }
  private var size: Int { tape.operand.size }
  private var type: ElementType { tape.operand }
  private var tokens: Int { schedule.rows.count }
  private var padded: Int { schedule.paddedCount }
  /// How many sequences have a token.
  private var first: Int { schedule.order.count }

  init(
    tape: Tape, x: Tensor, schedule: RecurrentSchedule, weights: RecurrentWeights, recurrent: DroppedWeights,
    multiplied: MultipliedStates?, start: [Tensor]?, out: Tensor, end: [Tensor], memories: Tensor?
  ) {
    self.memories = memories
    self.tape = tape
    self.x = x
    self.schedule = schedule
    self.weights = weights
    self.recurrent = recurrent
    self.multiplied = multiplied
    self.start = start
    self.out = out
    self.end = end
    let padded = schedule.paddedCount
    inputs = tape.arena.allocate(tape.operand, count: padded * x.columns)
    gates = tape.arena.floats(padded * weights.cell.keptPerToken * weights.width)
    let count = (padded + schedule.order.count) * weights.width
    // Products read the states of spare places, too, and multiply them by zero.
    hidden = tape.arena.zeros(tape.operand, count: count)
    memory = tape.arena.floats(weights.cell.memoryPart == nil ? 0 : count)
  }

  private func memory(at place: Int) -> UnsafeMutablePointer<Float> {
    cell.memoryPart == nil ? memory : memory + place * width
  }

  private func step(_ index: Int) -> RecurrentStep {
    let at = schedule.starts[index]
    return RecurrentStep(
      type: type, rows: schedule.live[index], width: width, kept: gates + at * kept, before: memory(at: at),
      peepholes: weights.peepholes.map { tape.values($0) })
  }

  func forward() {
    copyStart()
    guard tokens > 0 else { return }
    graft_gather_rows(type.rawValue, x.data, schedule.rows, inputs, Int64(tokens), Int64(x.columns))
    memset(inputs + tokens * x.columns * size, 0, (padded - tokens) * x.columns * size)
    tape.matrices.multiply(
      padded, height, x.columns, .rows(inputs, stride: x.columns),
      .transposed(tape.operands(weights.input), stride: x.columns), into: gates, resultStride: kept,
      operands: type, result: .float32, accumulate: false)
    multiplied?.read(inputs: inputs)
    let mark = tape.arena.mark
    let added = tape.arena.floats(first * height)
    let bias = summedBias()
    for (index, live) in schedule.live.enumerated() {
      let at = schedule.starts[index]
      let (before, after) = (hidden + at * width * size, hidden + (at + live) * width * size)
      tape.matrices.multiply(
        live, height, width,
        .rows(multiplied?.multiply(before, first: at, live: live) ?? UnsafeRawPointer(before), stride: width),
        .transposed(recurrent.operands, stride: width), into: added, resultStride: height,
        operands: type, result: .float32, accumulate: false)
      cell.forward(
        step(index), recurrent: added, bias: bias, memory: memory(at: at + live), hidden: after)
      schedule.rows.withUnsafeBufferPointer { rows in
        graft_scatter_rows(type.rawValue, after, rows.baseAddress! + at, out.data, Int64(live), Int64(width))
        guard let memories else { return }
        graft_scatter_rows(
          ElementType.float32.rawValue, memory(at: at + live), rows.baseAddress! + at, memories.data, Int64(live),
          Int64(width))
      }
      for place in schedule.ending(at: index) { copyEnd(of: schedule.order[place], from: at + live + place) }
    }
    // What ended last lies behind the last token, where products read on.
    memset(hidden + tokens * width * size, 0, (padded - tokens) * width * size)
    tape.arena.release(to: mark)
  }

  private func copyEnd(of sequence: Int, from place: Int) {
    if let part = cell.hiddenPart {
      (end[part].data + sequence * width * size)
        .copyMemory(from: hidden + place * width * size, byteCount: width * size)
    }
    if let part = cell.memoryPart {
      (end[part].data + sequence * width * 4).copyMemory(from: memory(at: place), byteCount: width * 4)
    }
  }

  /// Puts the given state, or zeros, before the first step; what empty sequences end with is what they begin with.
  private func copyStart() {
    if cell.memoryPart != nil { memset(memory, 0, first * width * 4) }
    guard let start else { return }
    for (from, to) in zip(start, end) {
      to.data.copyMemory(from: from.data, byteCount: from.count * from.type.size)
    }
    let order = schedule.order.map { Int32($0) }
    let (count, columns) = (Int64(first), Int64(width))
    let f32 = ElementType.float32.rawValue
    if let part = cell.memoryPart { graft_gather_rows(f32, start[part].data, order, memory, count, columns) }
    if let part = cell.hiddenPart {
      graft_gather_rows(type.rawValue, start[part].data, order, hidden, count, columns)
    } else {
      graft_convert(f32, memory, type.rawValue, hidden, count * columns)
    }
  }

  private func summedBias() -> UnsafeMutablePointer<Float> {
    let sum = tape.arena.floats(kept)
    sum.update(repeating: 0, count: kept)
    cell.addBiases(
      weights.inputBias.map { tape.values($0) }, weights.recurrentBias.map { tape.values($0) }, to: sum, width: width)
    return sum
  }

  /// From the last step to the first, with the gradients of its states and memory from later steps, from the states
  /// read and from the end: those of what was added to the gates, dz; then Uᵀ dz for the states of the step before. dW,
  /// dU and db are sums over all steps.
  func backward() {
    guard out.hasGradient || end.contains(where: \.hasGradient) else { return }
    // The gradients of tensors outlive this operation's own memory.
    let startTargets = start.map { $0.map { tape.gradientTarget($0) } }
    let inputTarget = tape.gradientTarget(x)
    let mark = tape.arena.mark
    let dInput = gradientOfGates()
    let dRecurrent = cell.separatesGradients ? gradientOfGates() : dInput
    let dMultiplied = multiplied?.makeGradients()
    let dPeepholes = weights.peepholes.flatMap { tape.gradient($0) }
    let (dHidden, dMemory) = (tape.arena.floats(first * width), tape.arena.floats(first * width))
    for (index, live) in schedule.live.enumerated().reversed() {
      let at = schedule.starts[index]
      for place in schedule.ending(at: index) {
        copyGradient(of: cell.hiddenPart.map { end[$0] }, row: schedule.order[place], to: dHidden + place * width)
        copyGradient(of: cell.memoryPart.map { end[$0] }, row: schedule.order[place], to: dMemory + place * width)
      }
      if out.hasGradient, let d = out.gradient {
        for place in 0..<live {
          graft_add_elements(
            out.gradientType.rawValue, dHidden + place * width,
            d + Int(schedule.rows[at + place]) * width * out.gradientType.size, Int64(width))
        }
      }
      let dz = dRecurrent + at * height * size
      cell.backward(step(index), dHidden, dMemory, dInput + at * height * size, dz, dPeepholes)
      guard index > 0 || start != nil else { continue }
      tape.matrices.multiply(
        live, width, height, .rows(dz, stride: height), .rows(recurrent.operands, stride: width),
        into: dHidden, resultStride: width, operands: type, result: .float32, accumulate: false)
      if let multiplied, let dMultiplied { multiplied.backward(dHidden, dMultiplied, first: at, live: live) }
    }
    if let start, let startTargets {
      // The states that products read were the memory.
      if cell.hiddenPart == nil { graft_add(dMemory, dHidden, Int64(first * width)) }
      for (part, found) in [(cell.hiddenPart, dHidden), (cell.memoryPart, dMemory)] {
        if let part { addStartGradient(start[part], startTargets[part], found, end[part]) }
      }
    }
    if tokens > 0 {
      addWeightGradients(dInput, dRecurrent)
      if let multiplied, let dMultiplied {
        multiplied.addWeightGradients(dMultiplied, inputs: inputs, hidden: hidden)
      }
    }
    addInputGradient(dInput, dMultiplied, inputTarget)
    tape.arena.release(to: mark)
  }

  /// [padded, G · H], zero in spare places.
  private func gradientOfGates() -> UnsafeMutableRawPointer {
    let d = tape.arena.allocate(type, count: padded * height)
    memset(d + tokens * height * size, 0, (padded - tokens) * height * size)
    return d
  }

  private typealias GradientTarget = (pointer: UnsafeMutableRawPointer, accumulate: Bool)

  /// A row of a tensor's gradient in f32; zeros where there is none.
  private func copyGradient(of tensor: Tensor?, row: Int, to result: UnsafeMutablePointer<Float>) {
    guard let tensor, tensor.hasGradient, let gradient = tensor.gradient else {
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

  private func addWeightGradients(_ dInput: UnsafeMutableRawPointer, _ dRecurrent: UnsafeMutableRawPointer) {
    func multiply(
      _ weight: Parameter, _ d: UnsafeMutableRawPointer, _ operand: UnsafeMutableRawPointer,
      into result: UnsafeMutablePointer<Float>, accumulate: Bool
    ) {
      tape.matrices.multiply(
        weight.rows, weight.columns, padded, .transposed(d, stride: height), .rows(operand, stride: weight.columns),
        into: result, resultStride: weight.columns, operands: type, result: .float32, accumulate: accumulate)
    }
    if let gradient = tape.gradient(weights.input) {
      multiply(weights.input, dInput, inputs, into: gradient, accumulate: true)
    }
    recurrent.addGradient { result, accumulate in
      multiply(
        weights.recurrent, dRecurrent, multiplied?.products ?? hidden, into: result, accumulate: accumulate)
    }
    for (bias, d) in [(weights.inputBias, dInput), (weights.recurrentBias, dRecurrent)] {
      guard let gradient = bias.flatMap(tape.gradient) else { continue }
      graft_add_column_sums(type.rawValue, d, gradient, Int64(tokens), Int64(height))
    }
  }

  /// dx = dz W, from the order of the schedule to the rows of x; rows of no sequence get zeros.
  private func addInputGradient(
    _ dInput: UnsafeMutableRawPointer, _ dMultiplied: MultipliedStates.Gradients?, _ target: GradientTarget
  ) {
    let columns = x.columns
    if !target.accumulate { memset(target.pointer, 0, x.count * x.gradientType.size) }
    guard tokens > 0 else { return }
    let dInputs = tape.arena.allocate(x.gradientType, count: padded * columns)
    // Two products are added up in f32.
    let both = multiplied == nil ? nil : tape.arena.floats(padded * columns)
    tape.matrices.multiply(
      padded, columns, height, .rows(dInput, stride: height),
      .rows(tape.operands(weights.input), stride: columns), into: both.map { UnsafeMutableRawPointer($0) } ?? dInputs,
      resultStride: columns, operands: type, result: both == nil ? x.gradientType : .float32, accumulate: false)
    if let both, let multiplied, let dMultiplied {
      multiplied.addInputGradient(dMultiplied, to: both)
      graft_convert(
        ElementType.float32.rawValue, both, x.gradientType.rawValue, dInputs, Int64(tokens * columns))
    }
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
