import Autograd
import ModelKit

/// Attention of a recurrent decoder's states over those of its encoder, and what both come to:
/// h̃ = tanh(W [c; h]) (Luong et al. 2015, equation 5), where c is the mean of the encoder's states by their weights.
///
/// It reads the states of a whole scan and hands nothing back to it, neither the context, with which each step of
/// Bahdanau et al. 2015 begins, nor h̃ (Luong's input feeding): so that the scan stays one operation.
struct GlobalAttention: Sendable {
  /// How well a state of the decoder h and one of the encoder m go together.
  enum Score: String, CaseIterable {
    /// There is no attention.
    case none
    /// v · tanh(W h + U m) (Bahdanau et al. 2015).
    case additive
    /// h · W m (Luong et al. 2015, "general"), divided by the root of the width (Vaswani et al. 2017): an update of
    /// Adam moves a whole matrix at once, and the softmax would be saturated before it has learned anything.
    case dot
  }

  private let key, output: Parameter
  /// Those of the additive score.
  private let additive: (query: Parameter, vector: Parameter)?
  private let width: Int

  /// Declares the weights of keys, the output, and of the additive score.
  /// - Precondition: the score is not `none`.
  init(_ score: Score, width: Int, in scope: ParameterScope) {
    precondition(score != .none, "attention without a score")
    func weight(_ name: String, columns: Int) -> Parameter {
      scope(name).matrix(
        "weight", rows: width, columns: columns, .normal(standardDeviation: 1 / Double(3 * columns).squareRoot()))
    }
    self.width = width
    key = weight("key", columns: width)
    output = weight("output", columns: 2 * width)
    guard score == .additive else {
      additive = nil
      return
    }
    let drawn = Initializer.normal(standardDeviation: 1 / Double(3 * width).squareRoot())
    additive = (
      query: weight("query", columns: width), vector: scope("score").vector("weight", count: width, role: .gain, drawn)
    )
  }

  /// Keys beside the states themselves, [M, 2 · width], of an encoder's states [M, width].
  /// - Precondition: the gradient of the states is f32.
  func memory(of states: Tensor, on tape: Tape) -> Tensor { tape.joined([tape.linear(states, key), states]) }

  /// h̃ at every row of h [N, width].
  /// - Parameters:
  ///   - memory: as `memory(of:on:)` makes it, which then nothing else reads.
  ///   - sources: which sequence of the memory each sequence attends to; nil for its own.
  /// - Precondition: the gradient of h is f32.
  func callAsFunction(
    _ h: Tensor, _ rows: SequenceRows, over memory: EncodedInputs, sources: [Int]?, on tape: Tape
  ) -> Tensor {
    let context = context(h, rows, over: memory, sources: sources, on: tape)
    return tape.activate(tape.linear(tape.joined([context, h]), output), .tanh, dropout: 0)
  }

  private func context(
    _ h: Tensor, _ rows: SequenceRows, over memory: EncodedInputs, sources: [Int]?, on tape: Tape
  ) -> Tensor {
    let (keys, values) = (HeadColumns(memory.states, column: 0), HeadColumns(memory.states, column: width))
    if let additive {
      return tape.additiveAttention(
        query: tape.linear(h, additive.query), key: keys, value: values, width: width, vector: additive.vector,
        queryRows: rows, keyRows: memory.rows, sources: sources)
    }
    let shape = AttentionShape(
      heads: 1, headDimension: width, isCausal: false, scale: 1 / Double(width).squareRoot(), bias: nil, dropout: 0)
    guard let sources else {
      return tape.attention(
        query: HeadColumns(tape.joined([h]), column: 0), key: keys, value: values, queryRows: rows,
        keyRows: memory.rows, shape)
    }
    let size = memory.states.type.size
    let positions = zip(sources, rows.lengths).flatMap { source, length in
      let first = memory.states.data + memory.rows.offsets[source] * memory.states.columns * size
      return [CachedPositions](
        repeating: CachedPositions(
          keys: first, values: first + width * size, stride: memory.states.columns, count: memory.rows.lengths[source]),
        count: length)
    }
    return tape.cachedAttention(query: HeadColumns(h, column: 0), rows: rows, over: positions, shape)
  }

  /// Floating-point operations of matrix products for sequences of these lengths that attend to others, one each.
  func operations(_ lengths: [Int], over memory: [Int]) -> Double {
    let queries = additive?.query.count ?? 0
    // The additive score is no product.
    let products = zip(lengths, memory).reduce(0) { $0 + (additive == nil ? 4 : 2) * width * $1.0 * $1.1 }
    return Double(2 * memory.reduce(0, +) * key.count + 2 * lengths.reduce(0, +) * (output.count + queries) + products)
  }
}
