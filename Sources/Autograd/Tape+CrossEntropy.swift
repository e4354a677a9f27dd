import CKernels
import Compute
import Foundation
import Records

/// The summed loss of one shard.
public struct LossSum: Sendable, Codable, Hashable {
  /// Nats over all targets.
  public var total: Double
  /// How many targets the sum is over.
  public var targetCount: Int

  /// The loss of nothing by default.
  public init(total: Double = 0, targetCount: Int = 0) {
    self.total = total
    self.targetCount = targetCount
  }

  /// Adds the loss of further targets.
  public static func += (left: inout LossSum, right: LossSum) {
    left.total += right.total
    left.targetCount += right.targetCount
  }
}

extension Tape {
  /// Softmax cross-entropy of `logitScale` · states · Eᵀ + bias against `targets`; see `VocabularyLoss`. The factor of
  /// the gradient is known beforehand, so the gradient is formed in the forward pass.
  ///
  /// - Parameters:
  ///   - states: [n, C] in the operand type, one row per target.
  ///   - embedding: [V, C].
  ///   - bias: [V]; with it, `logitScale` is 1.
  ///   - trainsBias: whether the bias gets a gradient; with one that does, `smoothing` is 0.
  ///   - gradientScale: d(objective)/d(summed loss), usually 1 / number of targets in the whole step.
  ///   - smoothing: ε of smoothed labels, in 0 ..< 1; the sum is then of the smoothed loss.
  ///   - cap: bounds the logits z after their scale: cap · tanh(z / cap), as in Gemma 2 (2024); with it there are no
  ///     smoothed labels and no samples.
  ///   - zLoss: weight of the squared logarithm of the sum of exponentials, whose gradient is added; the sum is without
  ///     it.
  ///   - losses: filled with the loss of each target in nats, if given; not smoothed.
  ///   - samples: filled with a token of the vocabulary for each target, drawn with the probabilities of the softmax,
  ///     if given. One uniform number per target decides, which draws from the same distribution as the Gumbel-max
  ///     trick does with one number per token of the vocabulary.
  public func crossEntropy(
    _ states: Tensor, _ embedding: Parameter, bias: Parameter? = nil, trainsBias: Bool = true,
    targets: [TokenID], logitScale: Double = 1, gradientScale: Double, smoothing: Double = 0, cap: Double? = nil,
    zLoss: Double = 0, losses: UnsafeMutableBufferPointer<Float>? = nil,
    samples: UnsafeMutableBufferPointer<TokenID>? = nil
  ) -> LossSum {
    precondition(
      states.rows == targets.count && states.columns == embedding.columns && states.type == operand,
      "crossEntropy: \(targets.count) targets, states [\(states.rows), \(states.columns)]")
    precondition(
      targets.allSatisfy { $0 >= 0 && Int($0) < embedding.rows },
      "crossEntropy: a target is not in the vocabulary")
    precondition(
      bias == nil || (logitScale == 1 && (smoothing == 0 || !trainsBias)),
      "crossEntropy: no bias with scaled logits, none that is trained with smoothed labels")
    precondition(
      cap == nil || (smoothing == 0 && samples == nil), "crossEntropy: a cap with smoothed labels or samples")
    let count = targets.count
    guard count > 0 else { return LossSum() }
    let gradient = isRecording ? arena.allocate(operand, count: states.count) : nil
    let loss = VocabularyLoss(
      tape: self, embedding: embedding, bias: bias, trainsBias: trainsBias, logitScale: logitScale,
      gradientScale: gradientScale, smoothing: smoothing, cap: cap ?? 0, zLoss: zLoss)
    let step = loss.rowsAtOnce(of: count)
    let uniforms = samples.map { _ in uniformNumbers(count) }
    var total = 0.0
    targets.withUnsafeBufferPointer { ids in
      for start in stride(from: 0, to: count, by: step) {
        let offset = start * states.columns * operand.size
        total += loss.sum(
          states.data + offset, UnsafeBufferPointer(rebasing: ids[start..<min(count, start + step)]),
          losses: losses.map { $0.baseAddress! + start }, gradient: gradient.map { $0 + offset },
          samples: samples.map { (UnsafePointer(uniforms! + start), $0.baseAddress! + start) })
      }
    }
    if let gradient {
      record("cross-entropy", touching: [states]) { [unowned self] in
        if states.gradient == nil && states.gradientType == self.operand {
          states.gradient = gradient
          states.hasGradient = true
          return
        }
        let (target, accumulate) = self.gradientTarget(states)
        if accumulate {
          graft_add_elements(
            self.operand.rawValue, target.assumingMemoryBound(to: Float.self), gradient, Int64(states.count))
        } else {
          graft_convert(
            self.operand.rawValue, gradient, states.gradientType.rawValue, target, Int64(states.count))
        }
      }
    }
    return LossSum(total: total, targetCount: count)
  }

  /// Numbers in 0 ..< 1 from the step's randomness.
  private func uniformNumbers(_ count: Int) -> UnsafeMutablePointer<Float> {
    let numbers = arena.floats(count)
    var random = nextKey().generator()
    for index in 0..<count { numbers[index] = min(Float(random.uniform()), Float(1).nextDown) }
    return numbers
  }

  /// Rows of x [N, C] in the operand type, in this order: [rows.count, C]; x itself if these are all its rows.
  /// - Precondition: a row occurs several times only if the gradient of `x` is f32.
  public func gather(_ x: Tensor, rows: [Int32]) -> Tensor {
    precondition(x.type == operand, "gather: input is \(x.type)")
    if rows.count == x.rows, rows.indices.allSatisfy({ rows[$0] == Int32($0) }) { return x }
    let y = tensor(rows.count, x.columns, operand)
    graft_gather_rows(operand.rawValue, x.data, rows, y.data, Int64(rows.count), Int64(x.columns))
    record("gather", touching: [y]) { [unowned self] in
      guard y.hasGradient, let d = y.gradient else { return }
      let (pointer, accumulate) = self.gradientTarget(x)
      if !accumulate { memset(pointer, 0, x.count * x.gradientType.size) }
      if x.gradientType == .bfloat16 {
        precondition(
          Set(rows).count == rows.count, "gather: a row that occurs several times needs an f32 gradient")
        graft_scatter_rows(
          self.operand.rawValue, d, rows, pointer, Int64(rows.count), Int64(x.columns))
      } else {
        let gradient = pointer.assumingMemoryBound(to: Float.self)
        for (i, row) in rows.enumerated() {
          graft_add_elements(
            self.operand.rawValue, gradient + Int(row) * x.columns,
            d + i * x.columns * self.operand.size, Int64(x.columns))
        }
      }
    }
    return y
  }

  /// Logits of states [n, C] for reading answers: [n, V] f32, no gradient, without a scale.
  /// - Parameters:
  ///   - bias: [V], added to them.
  ///   - cap: bounds them, as `crossEntropy` does without a scale.
  public func logits(
    _ states: Tensor, _ embedding: Parameter, bias: Parameter? = nil, cap: Double? = nil
  ) -> Tensor {
    let out = tensor(states.rows, embedding.rows, .float32)
    matrices.multiply(
      states.rows, embedding.rows, states.columns, .rows(states.data, stride: states.columns),
      .transposed(operands(embedding), stride: embedding.columns), into: out.data,
      resultStride: out.columns, operands: operand, result: .float32, accumulate: false)
    if let bias {
      graft_add_bias(ElementType.float32.rawValue, out.data, values(bias), Int64(out.rows), Int64(out.columns))
    }
    if let cap { graft_cap(out.data.assumingMemoryBound(to: Float.self), Float(cap), Int64(out.count)) }
    return out
  }
}
