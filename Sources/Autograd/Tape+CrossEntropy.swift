import CKernels
import Compute
import Examples
import Foundation

/// The summed loss of one shard.
public struct LossSum: Sendable, Hashable {
  /// Nats over all targets.
  public var total: Double
  public var targetCount: Int

  public init(total: Double = 0, targetCount: Int = 0) {
    self.total = total
    self.targetCount = targetCount
  }

  public static func += (left: inout LossSum, right: LossSum) {
    left.total += right.total
    left.targetCount += right.targetCount
  }
}

extension Tape {
  /// Rows of logits computed at once: the scratch they need is this times the vocabulary.
  private static let chunkRows = 256

  /// Softmax cross-entropy of `logitScale` · hidden · Eᵀ at the rows that have a target. Logits exist for one
  /// chunk of rows at a time, and since the factor of the gradient is known beforehand, the gradient is formed
  /// while they do: no probability matrix is ever stored.
  ///
  /// - Parameters:
  ///   - hidden: [N, C] in the operand type.
  ///   - embedding: [V, C].
  ///   - rows: the row of each target; a row may occur several times if the gradient of `hidden` is f32.
  ///   - targets: as many ids.
  ///   - gradientScale: d(objective)/d(summed loss), usually 1 / number of targets in the whole step.
  ///   - losses: filled with the loss of each target in nats, if given.
  public func crossEntropy(
    _ hidden: Tensor, _ embedding: Parameter, rows: [Int32], targets: [TokenID], logitScale: Double = 1,
    gradientScale: Double, losses: UnsafeMutableBufferPointer<Float>? = nil
  ) -> LossSum {
    precondition(
      rows.count == targets.count && hidden.columns == embedding.columns && hidden.type == operand,
      "crossEntropy: \(rows.count) rows, \(targets.count) targets, hidden [\(hidden.rows), \(hidden.columns)]"
    )
    precondition(
      targets.allSatisfy { $0 >= 0 && Int($0) < embedding.rows },
      "crossEntropy: a target is not in the vocabulary")
    let width = hidden.columns
    let vocabulary = embedding.rows
    let count = rows.count
    guard count > 0 else { return LossSum() }
    let gathered = arena.allocate(operand, count: count * width)
    graft_gather_rows(operand.rawValue, hidden.data, rows, gathered, Int64(count), Int64(width))
    let dGathered = isRecording ? arena.allocate(operand, count: count * width) : nil
    let mark = arena.mark
    let logits = arena.floats(min(count, Tape.chunkRows) * vocabulary)
    let dLogits = isRecording ? arena.allocate(operand, count: min(count, Tape.chunkRows) * vocabulary) : nil
    var total = 0.0
    for start in stride(from: 0, to: count, by: Tape.chunkRows) {
      let n = min(Tape.chunkRows, count - start)
      let chunk = gathered + start * width * operand.size
      matrices.multiply(
        n, vocabulary, width, .rows(chunk, stride: width), .transposed(operands(embedding), stride: width),
        into: logits, resultStride: vocabulary, operands: operand, result: .float32, accumulate: false)
      total += targets.withUnsafeBufferPointer { ids in
        graft_cross_entropy(
          operand.rawValue, logits, ids.baseAddress! + start, Float(logitScale), Float(gradientScale),
          losses.map { $0.baseAddress! + start }, dLogits, Int64(n), Int64(vocabulary))
      }
      if let dLogits, let dGathered {
        matrices.multiply(
          n, width, vocabulary, .rows(dLogits, stride: vocabulary), .rows(operands(embedding), stride: width),
          into: dGathered + start * width * operand.size, resultStride: width, operands: operand,
          result: operand, accumulate: false)
        matrices.multiply(
          vocabulary, width, n, .transposed(dLogits, stride: vocabulary), .rows(chunk, stride: width),
          into: gradient(embedding), resultStride: width, operands: operand, result: .float32,
          accumulate: true)
      }
    }
    arena.release(to: mark)
    if let dGathered {
      record("cross-entropy", touching: [hidden]) { [unowned self] in
        self.addRows(dGathered, rows: rows, to: hidden)
      }
    }
    return LossSum(total: total, targetCount: count)
  }

  /// Adds operand-typed rows to the gradient of `hidden` at `rows`.
  private func addRows(_ source: UnsafeMutableRawPointer, rows: [Int32], to hidden: Tensor) {
    let (pointer, accumulate) = gradientTarget(hidden)
    if !accumulate { memset(pointer, 0, hidden.count * hidden.gradientType.size) }
    if hidden.gradientType == .bfloat16 {
      precondition(
        Set(rows).count == rows.count, "crossEntropy: a row with several targets needs an f32 gradient")
      graft_scatter_rows(
        operand.rawValue, source, rows, pointer, Int64(rows.count), Int64(hidden.columns))
    } else {
      let gradient = pointer.assumingMemoryBound(to: Float.self)
      for (i, row) in rows.enumerated() {
        graft_add_elements(
          operand.rawValue, gradient + Int(row) * hidden.columns,
          source + i * hidden.columns * operand.size, Int64(hidden.columns))
      }
    }
  }

  /// Logits at `rows` for reading answers: [rows.count, V] f32, no gradient.
  public func logits(_ hidden: Tensor, _ embedding: Parameter, rows: [Int32]) -> Tensor {
    let gathered = arena.allocate(operand, count: rows.count * hidden.columns)
    graft_gather_rows(
      operand.rawValue, hidden.data, rows, gathered, Int64(rows.count), Int64(hidden.columns))
    let out = tensor(rows.count, embedding.rows, .float32)
    matrices.multiply(
      rows.count, embedding.rows, hidden.columns, .rows(gathered, stride: hidden.columns),
      .transposed(operands(embedding), stride: embedding.columns), into: out.data,
      resultStride: out.columns, operands: operand, result: .float32, accumulate: false)
    return out
  }
}
