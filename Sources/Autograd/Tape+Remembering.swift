import CKernels
import Compute
import Foundation
import Records

/// The rows of sequences behind those that a layer remembers of what came before them.
public struct RememberedRows {
  /// [K, C] in the operand type: of every sequence the remembered rows and then its own. Several operations may read
  /// it; no gradient flows into what is remembered.
  public let all: Tensor
  /// Where they lie.
  public let rows: SequenceRows
  /// How many rows of each sequence are remembered.
  public let past: [Int]
  /// What the next call remembers: the last rows [S, M · C], and how many there are, [S, 1] f32.
  public let end: [Tensor]
}

extension Tape {
  /// The rows of x behind those that are remembered (Dai et al. 2019).
  /// - Parameters:
  ///   - x: [N, C] in the operand type, with an f32 gradient.
  ///   - start: [S, M · C] in the operand type, of which the last rows are remembered, and how many of them, [S, 1]
  ///     f32; nil for none, and then there is no end either.
  public func remembering(_ x: Tensor, _ rows: SequenceRows, from start: [Tensor]?) -> RememberedRows {
    precondition(
      x.rows == rows.rowCount && x.type == operand && x.gradientType == .float32,
      "remembering: [\(x.rows), \(x.columns)] \(x.type)")
    guard let start else {
      return RememberedRows(all: x, rows: rows, past: rows.lengths.map { _ in 0 }, end: [])
    }
    let (memory, counts, columns) = (start[0], start[1], x.columns)
    let (capacity, row) = (memory.columns / columns, columns * operand.size)
    precondition(
      memory.rows == rows.lengths.count && memory.columns == capacity * columns && memory.type == operand
        && counts.rows == memory.rows && counts.columns == 1 && counts.type == .float32,
      "remembering: [\(memory.rows), \(memory.columns)] \(memory.type) of rows of \(columns)")
    let past = counts.floats().map { Int($0) }
    var sequences = TokenSequences()
    for (count, length) in zip(past, rows.lengths) { sequences.append([TokenID](repeating: 0, count: count + length)) }
    let allRows = SequenceRows(sequences)
    let all = tensor(allRows.rowCount, columns, operand, gradient: .float32, zeroed: true)
    let end = [
      tensor(memory.rows, memory.columns, operand, zeroed: true), tensor(memory.rows, 1, .float32),
    ]
    for (sequence, count) in past.enumerated() {
      let (length, first) = (rows.lengths[sequence], all.data + allRows.offsets[sequence] * row)
      let places = memory.data + (sequence + 1) * capacity * row
      first.copyMemory(from: places - count * row, byteCount: count * row)
      (first + count * row).copyMemory(from: x.data + rows.offsets[sequence] * row, byteCount: length * row)
      let kept = min(capacity, count + length)
      (end[0].data + ((sequence + 1) * capacity - kept) * row)
        .copyMemory(from: first + (count + length - kept) * row, byteCount: kept * row)
      end[1].data.assumingMemoryBound(to: Float.self)[sequence] = Float(kept)
    }
    record("remembered rows", touching: [x, all]) { [unowned self] in
      guard all.hasGradient, let d = all.gradient?.assumingMemoryBound(to: Float.self) else { return }
      let target = self.gradientTarget(x)
      let sum = target.pointer.assumingMemoryBound(to: Float.self)
      if !target.accumulate { memset(sum, 0, x.count * 4) }
      for (sequence, count) in past.enumerated() {
        graft_add(
          sum + rows.offsets[sequence] * columns, d + (allRows.offsets[sequence] + count) * columns,
          Int64(rows.lengths[sequence] * columns))
      }
    }
    return RememberedRows(all: all, rows: allRows, past: past, end: end)
  }

  /// x [N, C] in the operand type with every column multiplied by σ(gate) of it, gate [C] (Merity 2019).
  public func gatedColumns(_ x: Tensor, _ gate: Parameter) -> Tensor {
    precondition(
      x.type == operand && gate.count == x.columns, "gatedColumns: [\(x.rows), \(x.columns)] \(x.type), \(gate.count)")
    let (rows, columns) = (Int64(x.rows), Int64(x.columns))
    let gains = arena.floats(gate.count)
    var whole = graft_dropout(key0: 0, key1: 0, threshold: 0, scale: 1)
    graft_activate(
      ElementType.float32.rawValue, Activation.sigmoid.code, values(gate), nil, &whole, gains, 1, columns)
    let out = tensor(x.rows, x.columns, operand)
    graft_multiply_columns(operand.rawValue, x.data, gains, out.data, rows, columns)
    record("gate of columns", touching: [x, out]) { [unowned self] in
      guard out.hasGradient, let d = out.gradient else { return }
      let target = self.gradientTarget(x)
      let mark = self.arena.mark
      let slopes = self.arena.zeros(.float32, count: gate.count).assumingMemoryBound(to: Float.self)
      // Turns d into the gradient of x.
      graft_scale_heads_backward(self.operand.rawValue, x.data, gains, d, slopes, columns, rows, 1, columns)
      if target.accumulate {
        graft_add_elements(
          self.operand.rawValue, target.pointer.assumingMemoryBound(to: Float.self), d, Int64(x.count))
      } else {
        graft_convert(self.operand.rawValue, d, x.gradientType.rawValue, target.pointer, Int64(x.count))
      }
      if let gradient = self.gradient(gate) {
        for c in 0..<gate.count { gradient[c] += slopes[c] * gains[c] * (1 - gains[c]) }
      }
      self.arena.release(to: mark)
    }
    return out
  }

  /// The sum of the chunks of C columns of x [N, K · C] in the operand type: [N, C].
  public func summedChunks(_ x: Tensor, columns: Int) -> Tensor {
    precondition(
      x.type == operand && columns > 0 && x.columns % columns == 0,
      "summedChunks: [\(x.rows), \(x.columns)] \(x.type) in chunks of \(columns)")
    let (rows, chunks) = (Int64(x.rows), Int64(x.columns / columns))
    let out = tensor(x.rows, columns, operand)
    graft_sum_chunks(operand.rawValue, x.data, out.data, rows, chunks, Int64(columns))
    record("sum of chunks", touching: [x, out]) { [unowned self] in
      guard out.hasGradient, let d = out.gradient else { return }
      let (dx, accumulate) = self.gradientTarget(x)
      precondition(
        !accumulate && x.gradientType == self.operand, "summedChunks: its input is read by this operation only")
      graft_repeat_chunks(self.operand.rawValue, d, dx, rows, chunks, Int64(columns))
    }
    return out
  }
}
