import CKernels
import Compute

extension Tape {
  /// Turns the heads in the first `heads` · `headDimension` columns of x [N, C] by their rows' positions: queries and
  /// the keys beside them, in the operand type. It is done in place: the result takes the memory of `x`.
  /// - Precondition: no other operation reads `x`.
  public func rotate(
    _ x: Tensor, _ rows: SequenceRows, _ positions: RotaryPositions, heads: Int, headDimension: Int
  ) -> Tensor {
    precondition(
      x.type == operand && x.rows == rows.rowCount && heads * headDimension <= x.columns,
      "rotate: \(heads) heads of \(headDimension) in [\(x.rows), \(x.columns)] \(x.type)")
    let table = rotaryTable(positions, headDimension: headDimension, length: rows.reach)
    func turn(_ pointer: UnsafeMutableRawPointer, _ type: ElementType, _ direction: Float) {
      graft_rotate(
        type.rawValue, pointer, Int64(x.columns), rows.positions, table.cosines, table.sines, direction,
        Int64(x.rows), Int64(heads), Int64(headDimension), Int64(positions.components ?? headDimension))
    }
    turn(x.data, operand, 1)
    // A turn is undone by its transpose, which turns back.
    return inPlace("rotary positions", x) { turn($1, $0.gradientType, -1) }
  }
}
