import CKernels
import Compute
import Foundation

/// The weights of one quasi-recurrent layer of width H over inputs of width I: a convolution of window 2. Rows are
/// those of z, f and o, one after another; the first I columns are for the input before, the others for the own.
public struct QRNNWeights: Sendable, Hashable {
  /// [3H, 2I].
  public let convolution: Parameter
  /// [3H].
  public let bias: Parameter

  public init(convolution: Parameter, bias: Parameter) {
    (self.convolution, self.bias) = (convolution, bias)
  }

  /// H.
  public var width: Int { bias.count / 3 }
  /// I.
  public var inputs: Int { convolution.columns / 2 }

  /// What is carried from one token to the next: the memory, and the last input for the convolution.
  public var stateParts: [RecurrentStatePart] {
    [
      RecurrentStatePart(name: "cell", width: width, isOperand: false),
      RecurrentStatePart(name: "input", width: inputs, isOperand: true),
    ]
  }
}

extension Tape {
  /// One quasi-recurrent layer (Bradbury et al. 2017, fo-pooling) over sequences of any lengths: with the convolution
  /// a = W [x before, x] + b, z = tanh(a), f, o = σ(a): c = f · c + (1 − f) · z, h = o · c.
  ///
  /// Nothing is multiplied with a state, so that all products are one and what is left of the steps is pointwise.
  /// - Parameters:
  ///   - x: [N, I] in the operand type.
  ///   - start: what the sequences begin with, the weights' `stateParts`; nil for zeros.
  /// - Returns: the states h at every token, [N, H] in the operand type, zero in rows of no sequence; and what each
  ///   sequence ends with, which for an empty one is what it began with.
  public func qrnn(
    _ x: Tensor, _ rows: SequenceRows, _ weights: QRNNWeights, from start: [Tensor]? = nil
  ) -> (states: Tensor, end: [Tensor]) {
    let width = weights.width
    precondition(
      x.columns == weights.inputs && x.rows == rows.rowCount && x.type == operand
        && weights.convolution.rows == 3 * width,
      "qrnn: input [\(x.rows), \(x.columns)] \(x.type), weights [\(weights.convolution.rows), \(2 * weights.inputs)]")
    requireState(start, weights.stateParts, rows: rows.lengths.count)
    let work = QRNNWork(
      tape: self, x: x, rows: rows, weights: weights, start: start,
      out: tensor(x.rows, width, operand, zeroed: true),
      end: weights.stateParts.map { tensor(rows.lengths.count, $0.width, $0.type(operand), zeroed: true) })
    work.forward()
    record("quasi-recurrent layer", touching: [x, work.out]) { work.backward() }
    show(work.out, rows, as: "hidden")
    show(work.memories, rows, as: "cell")
    return (work.out, work.end)
  }
}

/// The convolution and the scan of one quasi-recurrent layer.
private struct QRNNWork {
  unowned let tape: Tape
  let x: Tensor
  let rows: SequenceRows
  let weights: QRNNWeights
  let start: [Tensor]?
  let out: Tensor
  /// The memory and the last input.
  let end: [Tensor]
  /// Every input behind the one before it: [N, 2I], zero in spare rows.
  private let pairs: UnsafeMutableRawPointer
  /// The activated z, f and o: [N, 3H].
  private let gates: UnsafeMutablePointer<Float>
  /// What each sequence begins with, and c at every token: [S, H] and [N, H].
  private let before, cells: UnsafeMutablePointer<Float>

  /// c at every token [N, H], whatever in spare rows.
  var memories: Tensor {
    Tensor(rows: count, columns: width, type: .float32, gradientType: .float32, data: UnsafeMutableRawPointer(cells))
  }

  private var width: Int { weights.width }
  private var inputs: Int { weights.inputs }
  private var windows: ConvolutionWindows { ConvolutionWindows(rows: rows, window: 2, columns: inputs) }
  private var type: ElementType { tape.operand }
  private var size: Int { tape.operand.size }
  private var count: Int { rows.rowCount }

  init(
    tape: Tape, x: Tensor, rows: SequenceRows, weights: QRNNWeights, start: [Tensor]?, out: Tensor, end: [Tensor]
  ) {
    (self.tape, self.x, self.rows, self.weights) = (tape, x, rows, weights)
    (self.start, self.out, self.end) = (start, out, end)
    pairs = tape.arena.zeros(tape.operand, count: rows.rowCount * 2 * weights.inputs)
    gates = tape.arena.floats(rows.rowCount * 3 * weights.width)
    before = tape.arena.floats(rows.lengths.count * weights.width)
    cells = tape.arena.floats(rows.rowCount * weights.width)
  }

  func forward() {
    memset(before, 0, rows.lengths.count * width * 4)
    if let start {
      for cells in [end[0].data, UnsafeMutableRawPointer(before)] { memcpy(cells, start[0].data, start[0].count * 4) }
    }
    windows.unfold(x, from: start?[1], into: pairs)
    windows.copyEnd(of: x, from: start?[1], to: end[1])
    tape.matrices.multiply(
      count, 3 * width, 2 * inputs, .rows(pairs, stride: 2 * inputs),
      .transposed(tape.operands(weights.convolution), stride: 2 * inputs), into: gates, resultStride: 3 * width,
      operands: type, result: .float32, accumulate: false)
    let bias = tape.values(weights.bias)
    for (sequence, (offset, length)) in zip(rows.offsets, rows.lengths).enumerated() where length > 0 {
      graft_qrnn_scan(
        type.rawValue, gates + offset * 3 * width, bias, before + sequence * width, cells + offset * width,
        out.data + offset * width * size, Int64(length), Int64(width))
      (end[0].data + sequence * width * 4)
        .copyMemory(from: cells + (offset + length - 1) * width, byteCount: width * 4)
    }
  }

  /// The scan backwards with d the gradient of c: d += dh · o; da_z = d · (1 − f) · (1 − z²),
  /// da_f = d · (c before − z) · f · (1 − f), da_o = dh · c · o · (1 − o), and d · f for the token before. Then dW, db
  /// and the gradients of both inputs of every pair.
  func backward() {
    guard out.hasGradient || end.contains(where: \.hasGradient) else { return }
    // The gradients of tensors outlive this operation's own memory.
    let startTargets = start.map { $0.map { tape.gradientTarget($0) } }
    let inputTarget = tape.gradientTarget(x)
    let mark = tape.arena.mark
    let dGates = tape.arena.zeros(type, count: count * 3 * width)
    let dCells = tape.arena.floats(rows.lengths.count * width)
    copyGradient(of: end[0], to: dCells)
    let dOut = out.hasGradient ? out.gradient : nil
    for (sequence, (offset, length)) in zip(rows.offsets, rows.lengths).enumerated() where length > 0 {
      graft_qrnn_scan_backward(
        type.rawValue, gates + offset * 3 * width, before + sequence * width, cells + offset * width,
        dOut.map { $0 + offset * width * size }, dCells + sequence * width, dGates + offset * 3 * width * size,
        Int64(length), Int64(width))
    }
    if let gradient = tape.gradient(weights.convolution) {
      tape.matrices.multiply(
        3 * width, 2 * inputs, count, .transposed(dGates, stride: 3 * width), .rows(pairs, stride: 2 * inputs),
        into: gradient, resultStride: 2 * inputs, operands: type, result: .float32, accumulate: true)
    }
    if let gradient = tape.gradient(weights.bias) {
      graft_add_column_sums(type.rawValue, dGates, gradient, Int64(count), Int64(3 * width))
    }
    let dPairs = tape.arena.floats(count * 2 * inputs)
    tape.matrices.multiply(
      count, 2 * inputs, 3 * width, .rows(dGates, stride: 3 * width),
      .rows(tape.operands(weights.convolution), stride: 2 * inputs), into: dPairs, resultStride: 2 * inputs,
      operands: type, result: .float32, accumulate: false)
    addGradients(dPairs, dCells, inputTarget, startTargets)
    tape.arena.release(to: mark)
  }

  private typealias GradientTarget = (pointer: UnsafeMutableRawPointer, accumulate: Bool)

  /// A tensor's gradient in f32; zeros where there is none.
  private func copyGradient(of tensor: Tensor, to result: UnsafeMutablePointer<Float>) {
    guard tensor.hasGradient, let gradient = tensor.gradient else {
      result.update(repeating: 0, count: tensor.count)
      return
    }
    graft_convert(
      tensor.gradientType.rawValue, gradient, ElementType.float32.rawValue, result, Int64(tensor.count))
  }

  /// Gives inputs and start what the pairs and the scan found.
  private func addGradients(
    _ dPairs: UnsafePointer<Float>, _ dCells: UnsafePointer<Float>, _ inputTarget: GradientTarget,
    _ startTargets: [GradientTarget]?
  ) {
    let (sequences, f32) = (rows.lengths.count, ElementType.float32)
    let dInput = tape.arena.zeros(f32, count: count * inputs).assumingMemoryBound(to: Float.self)
    let dFirst = tape.arena.zeros(f32, count: sequences * inputs).assumingMemoryBound(to: Float.self)
    let dLast = tape.arena.floats(sequences * inputs)
    copyGradient(of: end[1], to: dLast)
    windows.fold(dPairs, f32, toInput: dInput, toStart: dFirst)
    windows.foldEnd(dLast, toInput: dInput, toStart: dFirst)
    tape.add(dInput, to: x, inputTarget)
    guard let start, let startTargets else { return }
    tape.add(dCells, to: start[0], startTargets[0])
    tape.add(dFirst, to: start[1], startTargets[1])
  }
}
