import CKernels
import Compute

/// What is added to the matrix of a linear layer while the matrix stays as it is: W + scale · U D, where D leads down
/// to a few dimensions and U up again (LoRA, Hu et al. 2021, whose A is D and whose B is U).
public struct LowRankPair: Sendable, Hashable {
  /// W, [O, I].
  public let matrix: Parameter
  /// D, [r, I].
  public let down: Parameter
  /// U, [O, r].
  public let up: Parameter
  /// What the product is multiplied by.
  public let scale: Double
  /// The probability with which D does not see a value of the layer's input while training, 0 ..< 1.
  public let dropout: Double

  /// - Precondition: the shapes fit.
  public init(matrix: Parameter, down: Parameter, up: Parameter, scale: Double, dropout: Double = 0) {
    precondition(
      down.columns == matrix.columns && up.rows == matrix.rows && up.columns == down.rows,
      "a pair [\(up.rows), \(up.columns)] · [\(down.rows), \(down.columns)] for [\(matrix.rows), \(matrix.columns)]")
    (self.matrix, self.down, self.up) = (matrix, down, up)
    (self.scale, self.dropout) = (scale, dropout)
  }
}

/// The part of a linear layer's output that its low-rank pairs make, in one pass of the layer. The pairs of a weight
/// that spans several matrices lead down in one product, from one input.
///
/// With h = scale · dropout(x) Dᵀ: y += h Uᵀ; dU += dyᵀ h, dh = scale · dy U, dD += dhᵀ dropout(x), and dx gets
/// dropout(dh D).
struct LowRankChange {
  private unowned let tape: Tape
  private let x: Tensor
  private let pairs: [LowRankPair]
  /// The first column of each pair's part of the output.
  private let columns: [Int]
  /// All D, [R, I].
  private let down: Parameter
  private let mask: graft_dropout
  /// dropout(x), [N, I] in the operand type: x itself without dropout.
  private let input: UnsafeRawPointer
  /// h, [N, R] in the operand type.
  private let hidden: UnsafeRawPointer

  /// Nil if no pair belongs to the weight.
  init?(of weight: Parameter, reading x: Tensor, on tape: Tape) {
    let pairs = tape.parameters.lowRankPairs(of: weight)
    guard let first = pairs.first else { return nil }
    precondition(
      pairs.allSatisfy { $0.scale == first.scale && $0.dropout == first.dropout },
      "the pairs of a linear layer are scaled and dropped alike")
    (self.tape, self.x, self.pairs) = (tape, x, pairs)
    columns = pairs.map { ($0.matrix.offset - weight.offset) / weight.columns }
    down = .stacked(pairs.map(\.down))
    mask = first.dropout > 0 ? tape.nextDropout(first.dropout) : graft_dropout(key0: 0, key1: 0, threshold: 0, scale: 1)
    input = mask.threshold > 0 ? Self.dropped(x, mask, on: tape) : UnsafeRawPointer(x.data)
    let (rows, rank) = (x.rows, down.rows)
    let kept = tape.arena.allocate(tape.operand, count: rows * rank)
    let mark = tape.arena.mark
    let product = tape.arena.floats(rows * rank)
    tape.matrices.multiply(
      rows, rank, x.columns, .rows(input, stride: x.columns),
      .transposed(tape.operands(down), stride: down.columns), into: product, resultStride: rank,
      operands: tape.operand, result: .float32, accumulate: false)
    Self.scale(product, by: first.scale, rows, rank, into: kept, on: tape)
    tape.arena.release(to: mark)
    hidden = UnsafeRawPointer(kept)
  }

  /// dropout(x) in the operand type.
  private static func dropped(_ x: Tensor, _ mask: graft_dropout, on tape: Tape) -> UnsafeRawPointer {
    let dropped = tape.arena.allocate(tape.operand, count: x.count)
    let mark = tape.arena.mark
    let wide = tape.arena.floats(x.count)
    var mask = mask
    graft_convert(x.type.rawValue, x.data, ElementType.float32.rawValue, wide, Int64(x.count))
    graft_dropout_apply(wide, &mask, Int64(x.count))
    graft_convert(ElementType.float32.rawValue, wide, tape.operand.rawValue, dropped, Int64(x.count))
    tape.arena.release(to: mark)
    return UnsafeRawPointer(dropped)
  }

  private static func scale(
    _ x: UnsafeMutablePointer<Float>, by factor: Double, _ rows: Int, _ columns: Int,
    into result: UnsafeMutableRawPointer, on tape: Tape
  ) {
    let factors = tape.arena.floats(rows)
    factors.update(repeating: Float(factor), count: rows)
    graft_scale_rows(ElementType.float32.rawValue, x, factors, x, Int64(rows), Int64(columns))
    graft_convert(ElementType.float32.rawValue, x, tape.operand.rawValue, result, Int64(rows * columns))
  }

  /// The pairs, each with its first column in the output and in h.
  private var parts: [(pair: LowRankPair, column: Int, hiddenColumn: Int)] {
    var start = 0
    return zip(pairs, columns).map { pair, column in
      defer { start += pair.down.rows }
      return (pair, column, start)
    }
  }

  /// y += h Uᵀ.
  /// - Parameters:
  ///   - sum: [N, columns] f32.
  func add(to sum: UnsafeMutableRawPointer, columns: Int) {
    let size = tape.operand.size
    for (pair, column, start) in parts {
      tape.matrices.multiply(
        x.rows, pair.up.rows, pair.up.columns, .rows(hidden + start * size, stride: down.rows),
        .transposed(tape.operands(pair.up), stride: pair.up.columns), into: sum + column * 4, resultStride: columns,
        operands: tape.operand, result: .float32, accumulate: true)
    }
  }

  /// Adds the gradients of U, D and x.
  /// - Parameters:
  ///   - dy: [N, columns] in the operand type.
  ///   - dx: [N, I] f32.
  func addGradients(of dy: UnsafeMutableRawPointer, columns: Int, toInput dx: UnsafeMutableRawPointer) {
    let (arena, operand, matrices) = (tape.arena, tape.operand, tape.matrices)
    let (rows, rank, width) = (x.rows, down.rows, x.columns)
    let mark = arena.mark
    defer { arena.release(to: mark) }
    let product = arena.floats(rows * rank)
    let dHidden = arena.allocate(operand, count: rows * rank)
    for (pair, column, start) in parts {
      let part = UnsafeRawPointer(dy) + column * operand.size
      matrices.multiply(
        rows, pair.up.columns, pair.up.rows, .rows(part, stride: columns),
        .rows(tape.operands(pair.up), stride: pair.up.columns), into: product + start, resultStride: rank,
        operands: operand, result: .float32, accumulate: false)
      guard let gradient = tape.gradient(pair.up) else { continue }
      matrices.multiply(
        pair.up.rows, pair.up.columns, rows, .transposed(part, stride: columns),
        .rows(hidden + start * operand.size, stride: rank), into: gradient, resultStride: pair.up.columns,
        operands: operand, result: .float32, accumulate: true)
    }
    Self.scale(product, by: pairs[0].scale, rows, rank, into: dHidden, on: tape)
    if let gradient = tape.gradient(down) {
      matrices.multiply(
        rank, width, rows, .transposed(dHidden, stride: rank), .rows(input, stride: width), into: gradient,
        resultStride: width, operands: operand, result: .float32, accumulate: true)
    }
    func multiplyDown(into result: UnsafeMutableRawPointer, accumulate: Bool) {
      matrices.multiply(
        rows, width, rank, .rows(dHidden, stride: rank), .rows(tape.operands(down), stride: width), into: result,
        resultStride: width, operands: operand, result: .float32, accumulate: accumulate)
    }
    guard mask.threshold > 0 else {
      multiplyDown(into: dx, accumulate: true)
      return
    }
    var mask = mask
    let seen = arena.floats(x.count)
    multiplyDown(into: seen, accumulate: false)
    graft_dropout_apply(seen, &mask, Int64(x.count))
    graft_add(dx.assumingMemoryBound(to: Float.self), seen, Int64(x.count))
  }
}
