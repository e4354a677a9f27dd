import CKernels
import Compute

/// What a causal convolution reads at every token of some sequences: the `window` rows of a matrix that end with the
/// token's own, the oldest first. Before a sequence's first row lie the last rows of what it continues, or zeros.
///
/// Worked example: a window of 3 over rows a, b of a sequence that continues rows y, z reads [y z a] and [z a b], and
/// what it ends with is [a b].
struct ConvolutionWindows {
  let rows: SequenceRows
  /// Rows read at once, at least 1, and columns of each.
  let window, columns: Int

  /// Rows that a sequence begins and ends with, one after another in a row of their own.
  var past: Int { window - 1 }

  /// - Parameters:
  ///   - x: [N, C]
  ///   - start: [S, past · C] in the type of `x`; nil for zeros.
  ///   - out: [N, window · C], of which rows of no sequence are left as they are.
  func unfold(_ x: Tensor, from start: Tensor?, into out: UnsafeMutableRawPointer) {
    let size = x.type.size
    for (sequence, (offset, length)) in zip(rows.offsets, rows.lengths).enumerated() {
      graft_unfold_rows(
        x.type.rawValue, x.data + offset * columns * size, start.map { $0.data + sequence * past * columns * size },
        out + offset * window * columns * size, Int64(length), Int64(window), Int64(columns))
    }
  }

  /// Adds the gradients d [N, window · C] of the windows to those of x [N, C] and of the start [S, past · C], in f32.
  func fold(
    _ d: UnsafeRawPointer, _ type: ElementType, toInput input: UnsafeMutablePointer<Float>,
    toStart start: UnsafeMutablePointer<Float>
  ) {
    for (sequence, (offset, length)) in zip(rows.offsets, rows.lengths).enumerated() {
      graft_fold_rows(
        type.rawValue, d + offset * window * columns * type.size, input + offset * columns,
        start + sequence * past * columns, Int64(length), Int64(window), Int64(columns))
    }
  }

  /// Where each row of each end comes from: a row of x, or else a row of the start.
  private func forEachEnd(_ body: (_ end: Int, _ row: Int?, _ start: Int) -> Void) {
    for (sequence, (offset, length)) in zip(rows.offsets, rows.lengths).enumerated() {
      for place in 0..<past {
        let position = length - past + place
        body(sequence * past + place, position < 0 ? nil : offset + position, sequence * past + place + length)
      }
    }
  }

  /// The last rows of every sequence, and of what it continues where it is shorter: [S, past · C], zeros before.
  func copyEnd(of x: Tensor, from start: Tensor?, to end: Tensor) {
    let bytes = columns * x.type.size
    forEachEnd { place, row, before in
      if let row {
        (end.data + place * bytes).copyMemory(from: x.data + row * bytes, byteCount: bytes)
      } else if let start {
        (end.data + place * bytes).copyMemory(from: start.data + before * bytes, byteCount: bytes)
      }
    }
  }

  /// Adds the gradients d [S, past · C] of the end to those of x and of the start.
  func foldEnd(
    _ d: UnsafePointer<Float>, toInput input: UnsafeMutablePointer<Float>, toStart start: UnsafeMutablePointer<Float>
  ) {
    forEachEnd { place, row, before in
      graft_add(row.map { input + $0 * columns } ?? start + before * columns, d + place * columns, Int64(columns))
    }
  }
}
