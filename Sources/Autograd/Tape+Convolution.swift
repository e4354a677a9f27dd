import CKernels
import Compute
import Foundation

extension Tape {
  /// What a causal convolution reads at every token: x of the `window` tokens that end with it, one after another, the
  /// oldest first; a product with it is the convolution. Before a text there are zeros.
  /// - Parameters:
  ///   - x: [N, C] in the operand type.
  ///   - window: tokens read at once.
  ///   - start: [S, (window − 1) · C] in the operand type, what the sequences continue; nil for zeros.
  ///   - shared: several operations read the result, so that its gradient is kept in f32.
  /// - Returns: [N, window · C] in the operand type, zero in rows of no sequence; and the last rows of each sequence,
  ///   as another call continues them.
  public func unfolded(
    _ x: Tensor, _ rows: SequenceRows, window: Int, from start: Tensor? = nil, shared: Bool = false
  ) -> (windows: Tensor, end: Tensor) {
    let (columns, sequences) = (x.columns, rows.lengths.count)
    let layout = ConvolutionWindows(rows: rows, window: window, columns: columns)
    precondition(
      window > 0 && x.rows == rows.rowCount && x.type == operand,
      "unfolded: windows of \(window) over [\(x.rows), \(x.columns)] \(x.type)")
    precondition(
      start.map { $0.rows == sequences && $0.columns == layout.past * columns && $0.type == operand } ?? true,
      "unfolded: a start of [\(start?.rows ?? 0), \(start?.columns ?? 0)]")
    let out = tensor(x.rows, window * columns, operand, gradient: shared ? .float32 : operand, zeroed: true)
    let end = tensor(sequences, layout.past * columns, operand, zeroed: true)
    layout.unfold(x, from: start, into: out.data)
    layout.copyEnd(of: x, from: start, to: end)
    record("windows of a convolution", touching: [x, out]) { [unowned self] in
      guard out.hasGradient || end.hasGradient else { return }
      // The gradients of tensors outlive this operation's own memory.
      let targets = ([x] + (start.map { [$0] } ?? [])).map { ($0, self.gradientTarget($0)) }
      let mark = self.arena.mark
      let input = self.arena.zeros(.float32, count: x.count).assumingMemoryBound(to: Float.self)
      let before = self.arena.zeros(.float32, count: end.count).assumingMemoryBound(to: Float.self)
      if out.hasGradient, let d = out.gradient { layout.fold(d, out.gradientType, toInput: input, toStart: before) }
      if end.hasGradient, let d = end.gradient {
        let last = self.arena.floats(end.count)
        graft_convert(end.gradientType.rawValue, d, ElementType.float32.rawValue, last, Int64(end.count))
        layout.foldEnd(last, toInput: input, toStart: before)
      }
      for ((tensor, target), found) in zip(targets, [input, before]) { self.add(found, to: tensor, target) }
      self.arena.release(to: mark)
    }
    return (out, end)
  }

  /// Two matrices with as many rows next to each other: a [N, A] and b [N, B] in the operand type give [N, A + B].
  public func beside(_ a: Tensor, _ b: Tensor) -> Tensor {
    precondition(
      a.rows == b.rows && a.type == operand && b.type == operand,
      "beside: [\(a.rows), \(a.columns)] \(a.type) and [\(b.rows), \(b.columns)] \(b.type)")
    let columns = a.columns + b.columns
    let out = tensor(a.rows, columns, operand)
    let parts = [(a, 0), (b, a.columns)]
    for (part, first) in parts {
      let bytes = part.columns * operand.size
      for row in 0..<out.rows {
        (out.data + (row * columns + first) * operand.size)
          .copyMemory(from: part.data + row * bytes, byteCount: bytes)
      }
    }
    record("columns side by side", touching: [a, b, out]) { [unowned self] in
      guard out.hasGradient, let d = out.gradient else { return }
      for (part, first) in parts {
        let target = self.gradientTarget(part)
        let (type, count) = (part.gradientType, Int64(part.columns))
        for row in 0..<out.rows {
          let from = d + (row * columns + first) * self.operand.size
          let to = target.pointer + row * part.columns * type.size
          if target.accumulate {
            graft_add_elements(self.operand.rawValue, to.assumingMemoryBound(to: Float.self), from, count)
          } else {
            graft_convert(self.operand.rawValue, from, type.rawValue, to, count)
          }
        }
      }
    }
    return out
  }

  /// Adds a gradient in f32 to that of a tensor, where `gradientTarget` says.
  func add(
    _ d: UnsafePointer<Float>, to tensor: Tensor, _ target: (pointer: UnsafeMutableRawPointer, accumulate: Bool)
  ) {
    if target.accumulate {
      graft_add(target.pointer.assumingMemoryBound(to: Float.self), d, Int64(tensor.count))
    } else {
      graft_convert(
        ElementType.float32.rawValue, d, tensor.gradientType.rawValue, target.pointer, Int64(tensor.count))
    }
  }
}
