import CKernels
import Compute
import Foundation
import Records

extension Tape {
  /// out[r] = scale · table[token of r] (+ positions[position of r] + segments[segment of r]); zero where a row has no
  /// token. Out [N, C] f32.
  /// - Parameter untrained: a token whose vector gets no gradient here: PyTorch's `padding_idx`.
  public func embed(
    _ rows: SequenceRows, _ table: Parameter, scale: Double = 1, untrained: TokenID? = nil, positions: Parameter? = nil,
    segments: Parameter? = nil
  ) -> Tensor {
    let out = tensor(rows.rowCount, table.columns, .float32)
    graft_embed(
      values(table), rows.tokens, positions.map { values($0) }, rows.positions, Float(scale),
      out.data.assumingMemoryBound(to: Float.self), Int64(out.rows), Int64(out.columns))
    if let segments {
      graft_add_rows(
        values(segments), rows.segments, out.data.assumingMemoryBound(to: Float.self), Int64(out.rows),
        Int64(out.columns))
    }
    record("embedding", touching: [out]) { [unowned self] in
      guard out.hasGradient, let d = out.gradient?.assumingMemoryBound(to: Float.self) else { return }
      let ids = untrained.map { skipped in rows.tokens.map { $0 == skipped ? -1 : $0 } } ?? rows.tokens
      if let gradient = self.gradient(table, ofRows: ids) {
        graft_embed_backward(gradient, ids, Float(scale), d, Int64(out.rows), Int64(out.columns))
      }
      if let positions, let gradient = self.gradient(positions) {
        let indices = zip(rows.tokens, rows.positions).map { token, position in token < 0 ? -1 : position }
        graft_embed_backward(gradient, indices, 1, d, Int64(out.rows), Int64(out.columns))
      }
      if let segments, let gradient = self.gradient(segments) {
        graft_embed_backward(gradient, rows.segments, 1, d, Int64(out.rows), Int64(out.columns))
      }
    }
    return out
  }

  /// out[r] = table[ids[r]]; zero where an id is negative. Out [ids.count, C] f32.
  public func lookUp(_ ids: [Int32], _ table: Parameter) -> Tensor {
    let out = tensor(ids.count, table.columns, .float32)
    let (rows, columns) = (Int64(out.rows), Int64(out.columns))
    graft_embed(values(table), ids, nil, ids, 1, out.data.assumingMemoryBound(to: Float.self), rows, columns)
    record("embedding", touching: [out]) { [unowned self] in
      guard out.hasGradient, let d = out.gradient?.assumingMemoryBound(to: Float.self) else { return }
      guard let gradient = self.gradient(table, ofRows: ids) else { return }
      graft_embed_backward(gradient, ids, 1, d, rows, columns)
    }
    return out
  }

  /// Adds table[token of r] to columns `column ..< column + table.columns` of each row r of x [N, C] in the operand
  /// type. It is done in place: the result takes the memory of `x`.
  /// - Precondition: no other operation reads `x`.
  public func addEmbedding(_ rows: SequenceRows, _ table: Parameter, to x: Tensor, column: Int) -> Tensor {
    precondition(
      x.type == operand && x.rows == rows.rowCount && column + table.columns <= x.columns,
      "addEmbedding: \(table.columns) columns from \(column) on of [\(x.rows), \(x.columns)] \(x.type)")
    let (stride, count, columns) = (Int64(x.columns), Int64(x.rows), Int64(table.columns))
    let start = column * operand.size
    graft_add_table_rows(
      operand.rawValue, values(table), rows.tokens, x.data + start, stride, count, columns)
    return inPlace("value embedding", x) { [unowned self] _, d in
      guard let gradient = self.gradient(table, ofRows: rows.tokens) else { return }
      graft_add_table_rows_backward(
        self.operand.rawValue, gradient, rows.tokens, d + start, stride, count, columns)
    }
  }

  /// Sines in the first half of the columns and cosines in the second, of the rows' positions (Vaswani et al. 2017):
  /// [N, width] f32, without a gradient.
  public func sinusoids(_ rows: SequenceRows, width: Int) -> Tensor {
    let out = tensor(rows.rowCount, width, .float32, zeroed: true)
    fillSinusoids(out, rows)
    record("sinusoids", touching: [out]) {}
    return out
  }

  /// The same added to x [N, width] f32, in place: the result takes the memory of `x`.
  /// - Precondition: no other operation reads `x`.
  public func addSinusoids(to x: Tensor, _ rows: SequenceRows) -> Tensor {
    precondition(x.type == .float32 && x.rows == rows.rowCount, "addSinusoids: [\(x.rows), \(x.columns)] \(x.type)")
    fillSinusoids(x, rows)
    return inPlace("sinusoids", x) { _, _ in }
  }

  private func fillSinusoids(_ out: Tensor, _ rows: SequenceRows) {
    let values = out.data.assumingMemoryBound(to: Float.self)
    let (width, half) = (out.columns, out.columns / 2)
    for (row, position) in rows.positions.enumerated() where rows.tokens[row] >= 0 {
      for j in 0..<half {
        let angle = Double(position) * pow(10_000, -Double(j) / Double(half))
        values[row * width + j] += Float(sin(angle))
        values[row * width + half + j] += Float(cos(angle))
      }
    }
  }
}
