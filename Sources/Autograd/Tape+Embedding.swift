import CKernels
import Compute

extension Tape {
  /// out[r] = table[token of r] (+ positions[position of r] + segments[segment of r]); zero where a row has no
  /// token. Out [N, C] f32.
  public func embed(
    _ rows: SequenceRows, _ table: Parameter, positions: Parameter? = nil, segments: Parameter? = nil
  ) -> Tensor {
    let out = tensor(rows.rowCount, table.columns, .float32)
    graft_embed(
      values(table), rows.tokens, positions.map { values($0) }, rows.positions, 1,
      out.data.assumingMemoryBound(to: Float.self), Int64(out.rows), Int64(out.columns))
    if let segments {
      graft_add_rows(
        values(segments), rows.segments, out.data.assumingMemoryBound(to: Float.self), Int64(out.rows),
        Int64(out.columns))
    }
    record("embedding", touching: [out]) { [unowned self] in
      guard out.hasGradient, let d = out.gradient?.assumingMemoryBound(to: Float.self) else { return }
      graft_embed_backward(
        self.gradient(table), rows.tokens, 1, d, Int64(out.rows), Int64(out.columns))
      if let positions {
        let indices = zip(rows.tokens, rows.positions).map { token, position in token < 0 ? -1 : position }
        graft_embed_backward(
          self.gradient(positions), indices, 1, d, Int64(out.rows), Int64(out.columns))
      }
      if let segments {
        graft_embed_backward(
          self.gradient(segments), rows.segments, 1, d, Int64(out.rows), Int64(out.columns))
      }
    }
    return out
  }
}
