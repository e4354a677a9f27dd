import CKernels
import Compute
import Foundation
import Randomness

/// What all parts of one update share, into however many shards and micro-batches it is dealt.
public struct UpdateContext: Sendable, Hashable {
  /// Of masks that all parts have in common.
  public var key: RandomKey
  /// How many tokens the decoder reads, and how many of them follow another of their sequence: what means are over.
  public var tokens, continuations: Int

  /// - Precondition: `tokens` and `continuations` are more than 0.
  public init(key: RandomKey = RandomKey(seed: 0), tokens: Int = 1, continuations: Int = 1) {
    precondition(tokens > 0 && continuations > 0, "an update of \(tokens) tokens")
    (self.key, self.tokens, self.continuations) = (key, tokens, continuations)
  }
}

extension Tape {
  /// Dropout whose mask is the same at every token of a sequence (Gal & Ghahramani 2016). x [N, C] in the operand type.
  public func lockedDropout(_ x: Tensor, _ rows: SequenceRows, _ probability: Double) -> Tensor {
    precondition(x.rows == rows.rowCount && x.type == operand, "lockedDropout: [\(x.rows), \(x.columns)] \(x.type)")
    var mask = nextDropout(probability)
    guard mask.threshold > 0 else { return x }
    let multipliers = ones(rows.lengths.count * x.columns)
    graft_dropout_apply(multipliers, &mask, Int64(rows.lengths.count * x.columns))
    let out = tensor(x.rows, x.columns, operand, gradient: x.gradientType, zeroed: true)
    func multiply(_ type: ElementType, _ from: UnsafeMutableRawPointer, _ to: UnsafeMutableRawPointer) {
      for (sequence, (offset, length)) in zip(rows.offsets, rows.lengths).enumerated() {
        let first = offset * x.columns * type.size
        graft_multiply_columns(
          type.rawValue, from + first, multipliers + sequence * x.columns, to + first, Int64(length), Int64(x.columns))
      }
    }
    multiply(operand, x.data, out.data)
    record("locked dropout", touching: [x, out]) { [unowned self] in
      guard out.hasGradient, let d = out.gradient else { return }
      let (dx, accumulate) = self.gradientTarget(x)
      precondition(!accumulate, "lockedDropout: its input is read by this operation only")
      // Rows of no sequence have none.
      memset(dx, 0, x.count * x.gradientType.size)
      multiply(x.gradientType, d, dx)
    }
    return out
  }

  /// Dropout of tokens of the vocabulary (Merity et al. 2017, §4.3): some are 0 wherever they stand in the update, the
  /// others scaled up. In place.
  /// - Parameters:
  ///   - x: [N, C] f32, the embeddings of `rows`.
  ///   - vocabularySize: the most that a token may be, plus 1.
  public func tokenDropout(
    _ x: Tensor, _ rows: SequenceRows, vocabularySize: Int, _ probability: Double
  ) -> Tensor {
    precondition(x.rows == rows.rowCount && x.type == .float32, "tokenDropout: [\(x.rows), \(x.columns)] \(x.type)")
    var mask = nextSharedDropout(probability)
    guard mask.threshold > 0 else { return x }
    let multipliers = ones(vocabularySize)
    graft_dropout_apply(multipliers, &mask, Int64(vocabularySize))
    let scales = rows.tokens.map { $0 < 0 ? 0 : multipliers[Int($0)] }
    let type = ElementType.float32.rawValue
    graft_scale_rows(type, x.data, scales, x.data, Int64(x.rows), Int64(x.columns))
    return inPlace("token dropout", x) { _, d in
      graft_scale_rows(type, d, scales, d, Int64(x.rows), Int64(x.columns))
    }
  }

  /// Adds to what is minimised, while training: activation · mean of h² over tokens and columns, and temporal · mean of
  /// (h − h before)² over tokens that follow another (Merity et al. 2017, §4.4). The values stay as they are, and no
  /// loss that is reported has it.
  /// - Parameters:
  ///   - h: [N, C] in the operand type.
  ///   - activation: α.
  ///   - temporal: β.
  public func penalized(
    _ h: Tensor, _ rows: SequenceRows, activation: Double = 0, temporal: Double = 0
  ) -> Tensor {
    precondition(h.rows == rows.rowCount && h.type == operand, "penalized: [\(h.rows), \(h.columns)] \(h.type)")
    guard isTraining, activation > 0 || temporal > 0 else { return h }
    // The slopes of both means.
    let own = Float(2 * activation / Double(update.tokens * h.columns))
    let between = Float(2 * temporal / Double(update.continuations * h.columns))
    return inPlace("activation regularization", h) { [unowned self] _, d in
      let mark = self.arena.mark
      let slopes = self.arena.floats(rows.maximumLength * h.columns)
      let sum = self.arena.floats(rows.maximumLength * h.columns)
      for (offset, length) in zip(rows.offsets, rows.lengths) {
        let (first, count) = (offset * h.columns, Int64(length * h.columns))
        graft_penalty_slopes(
          h.type.rawValue, h.data + first * h.type.size, own, between, slopes, Int64(length), Int64(h.columns))
        let gradient = d + first * h.gradientType.size
        let f32 = ElementType.float32.rawValue
        graft_convert(h.gradientType.rawValue, gradient, f32, sum, count)
        graft_add(sum, slopes, count)
        graft_convert(f32, sum, h.gradientType.rawValue, gradient, count)
      }
      self.arena.release(to: mark)
    }
  }

  private func ones(_ count: Int) -> UnsafeMutablePointer<Float> {
    let values = arena.floats(count)
    values.update(repeating: 1, count: count)
    return values
  }
}

/// The weights that a recurrent layer multiplies its states with, some of them left out (DropConnect, Wan et al. 2013;
/// of recurrent weights Merity et al. 2017). One mask is for all steps and all parts of an update.
struct DroppedWeights {
  /// In the operand type.
  let operands: UnsafeRawPointer
  private unowned let tape: Tape
  private let weights: Parameter
  private let mask: graft_dropout

  init(_ weights: Parameter, _ probability: Double, on tape: Tape) {
    (self.tape, self.weights) = (tape, weights)
    guard tape.isTraining, probability > 0 else {
      mask = graft_dropout(key0: 0, key1: 0, threshold: 0, scale: 1)
      operands = tape.operands(weights)
      return
    }
    var mask = tape.nextSharedDropout(probability)
    let kept = tape.arena.floats(weights.count)
    kept.update(from: tape.values(weights), count: weights.count)
    graft_dropout_apply(kept, &mask, Int64(weights.count))
    self.mask = mask
    guard tape.operand != .float32 else {
      operands = UnsafeRawPointer(kept)
      return
    }
    let narrowed = tape.arena.allocate(tape.operand, count: weights.count)
    graft_convert(ElementType.float32.rawValue, kept, tape.operand.rawValue, narrowed, Int64(weights.count))
    operands = UnsafeRawPointer(narrowed)
  }

  /// Adds what `multiply` adds to a gradient of these weights to that of all.
  func addGradient(_ multiply: (UnsafeMutablePointer<Float>, _ accumulate: Bool) -> Void) {
    guard let gradient = tape.gradient(weights) else { return }
    guard mask.threshold > 0 else {
      multiply(gradient, true)
      return
    }
    let found = tape.arena.floats(weights.count)
    multiply(found, false)
    var mask = mask
    graft_dropout_apply(found, &mask, Int64(weights.count))
    graft_add(gradient, found, Int64(weights.count))
  }
}
