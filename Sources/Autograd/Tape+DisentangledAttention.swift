import CKernels
import Compute

// Attention whose scores also say what queries and keys have to do with the distance between them (He et al. 2021):
// with r the row of the distance of query i and key j, score(i, j) = scale · (qᵢ · kⱼ + qᵢ · Kᵣ + kⱼ · Qᵣ), where Q and
// K are rows for distances, projected as queries and keys are.

extension AttentionWork {
  /// Where the rows for distances begin that are compared with the queries of a head, or with its keys.
  private func forQueries(_ positions: DisentangledPositions, _ head: Head) -> UnsafeRawPointer {
    UnsafeRawPointer(positions.projected.data + (shape.heads + head.index) * shape.headDimension * tape.operand.size)
  }
  private func forKeys(_ positions: DisentangledPositions, _ head: Head) -> UnsafeRawPointer {
    UnsafeRawPointer(positions.projected.data + head.index * shape.headDimension * tape.operand.size)
  }

  private func queries(_ head: Head) -> MatrixOperand {
    .rows(query.tensor.data + head.query, stride: query.tensor.columns)
  }
  private func keys(_ head: Head) -> MatrixOperand { .rows(key.tensor.data + head.key, stride: key.tensor.columns) }

  /// Adds the terms of distances to the scores of a head, before their scale.
  func addPositions(_ positions: DisentangledPositions, _ head: Head, to scores: UnsafeMutablePointer<Float>) {
    let mark = tape.arena.mark
    let (rows, stride) = (positions.projected.rows, positions.projected.columns)
    let queryTerms = tape.arena.floats(head.queries * rows)
    let keyTerms = tape.arena.floats(head.keys * rows)
    tape.matrices.multiply(
      head.queries, rows, shape.headDimension, queries(head), .transposed(forQueries(positions, head), stride: stride),
      into: queryTerms, resultStride: rows, operands: tape.operand, result: .float32, accumulate: false)
    tape.matrices.multiply(
      head.keys, rows, shape.headDimension, keys(head), .transposed(forKeys(positions, head), stride: stride),
      into: keyTerms, resultStride: rows, operands: tape.operand, result: .float32, accumulate: false)
    positions.withRows {
      graft_add_disentangled(
        scores, Int64(head.keys), Int64(head.queries), Int64(head.rows.keys), queryTerms, keyTerms, Int64(rows), $0)
    }
    tape.arena.release(to: mark)
  }

  /// The gradients of queries, keys and rows for distances. With S the scores, A(i, r) the sum of dS(i, j) over the
  /// keys at distance r, and B(j, r) that over the queries: dq = dS k + A K, dk = dSᵀ q + B Q, dK = Aᵀ q, dQ = Bᵀ k.
  struct PositionSums {
    let work: AttentionWork
    let positions: DisentangledPositions
    let gradients: GradientBases
    /// Of `positions.projected`: summed in f32, and where it belongs.
    let sums: UnsafeMutablePointer<Float>
    let target: UnsafeMutableRawPointer

    /// - Parameter dScores: [queries, keys] in the operand type, with the scale of the scores.
    func add(_ head: Head, _ dScores: UnsafeMutableRawPointer) {
      let (tape, arena, type) = (work.tape, work.tape.arena, work.tape.operand)
      let (rows, stride) = (positions.projected.rows, positions.projected.columns)
      let (d, inner) = (work.shape.headDimension, work.shape.heads * work.shape.headDimension)
      let mark = arena.mark
      func converted(_ values: UnsafeMutableRawPointer, _ from: ElementType, _ to: ElementType, _ count: Int)
        -> UnsafeMutableRawPointer
      {
        if from == to { return values }
        let copy = arena.allocate(to, count: count)
        graft_convert(from.rawValue, values, to.rawValue, copy, Int64(count))
        return copy
      }
      let scores = converted(dScores, type, .float32, head.queries * head.keys)
      let queryTerms = arena.zeros(.float32, count: head.queries * rows)
      let keyTerms = arena.zeros(.float32, count: head.keys * rows)
      positions.withRows {
        graft_add_disentangled_backward(
          scores.assumingMemoryBound(to: Float.self), Int64(head.keys), Int64(head.queries), Int64(head.rows.keys),
          queryTerms.assumingMemoryBound(to: Float.self), keyTerms.assumingMemoryBound(to: Float.self), Int64(rows), $0)
      }
      let a = converted(queryTerms, .float32, type, head.queries * rows)
      let b = converted(keyTerms, .float32, type, head.keys * rows)
      func multiply(
        _ m: Int, _ n: Int, _ k: Int, _ left: MatrixOperand, _ right: MatrixOperand,
        into result: UnsafeMutablePointer<Float>, stride: Int, accumulate: Bool
      ) {
        tape.matrices.multiply(
          m, n, k, left, right, into: result, resultStride: stride, operands: type, result: .float32,
          accumulate: accumulate)
      }
      let sum = arena.floats(max(head.queries, head.keys) * d)
      multiply(
        head.queries, d, head.keys, .rows(dScores, stride: head.keys), work.keys(head), into: sum, stride: d,
        accumulate: false)
      multiply(
        head.queries, d, rows, .rows(a, stride: rows), .rows(work.forQueries(positions, head), stride: stride),
        into: sum, stride: d, accumulate: true)
      store(sum, head.queries, to: gradients.query + head.query, columns: work.query.tensor.columns)
      multiply(
        head.keys, d, head.queries, .transposed(dScores, stride: head.keys), work.queries(head), into: sum, stride: d,
        accumulate: false)
      multiply(
        head.keys, d, rows, .rows(b, stride: rows), .rows(work.forKeys(positions, head), stride: stride), into: sum,
        stride: d, accumulate: true)
      store(sum, head.keys, to: gradients.key + head.key, columns: work.key.tensor.columns)
      multiply(
        rows, d, head.keys, .transposed(b, stride: rows), work.keys(head), into: sums + head.index * d, stride: stride,
        accumulate: true)
      multiply(
        rows, d, head.queries, .transposed(a, stride: rows), work.queries(head), into: sums + inner + head.index * d,
        stride: stride, accumulate: true)
      arena.release(to: mark)
    }

    private func store(
      _ sum: UnsafeMutablePointer<Float>, _ rows: Int, to gradient: UnsafeMutableRawPointer, columns: Int
    ) {
      let (type, d) = (work.tape.operand, work.shape.headDimension)
      for row in 0..<rows {
        graft_convert(
          ElementType.float32.rawValue, sum + row * d, type.rawValue, gradient + row * columns * type.size, Int64(d))
      }
    }

    /// Writes the sums of all heads and sequences.
    func finish() {
      graft_convert(
        ElementType.float32.rawValue, sums, positions.projected.gradientType.rawValue, target,
        Int64(positions.projected.count))
    }
  }

  /// Nil where scores know nothing of distances.
  func positionSums(_ gradients: GradientBases) -> PositionSums? {
    guard let positions = shape.positions else { return nil }
    let (target, accumulate) = tape.gradientTarget(positions.projected)
    precondition(!accumulate, "rows for distances are those of one layer")
    let sums = tape.arena.zeros(.float32, count: positions.projected.count)
    return PositionSums(
      work: self, positions: positions, gradients: gradients, sums: sums.assumingMemoryBound(to: Float.self),
      target: target)
  }
}
