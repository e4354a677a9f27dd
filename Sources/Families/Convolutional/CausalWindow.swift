import Autograd

/// The tokens that a causal convolution reads at once. Of a text a model keeps the last of their vectors for it.
struct CausalWindow: Sendable {
  /// How many tokens, the own among them.
  let tokens: Int
  /// Columns of each.
  let width: Int

  /// Columns of a window.
  var columns: Int { tokens * width }

  /// Nothing, if a token is read alone.
  var stateParts: [RecurrentStatePart] {
    tokens > 1 ? [RecurrentStatePart(name: "input", width: (tokens - 1) * width, isOperand: true)] : []
  }

  /// The windows [N, columns] of x [N, width] in the operand type, and what each sequence ends with.
  /// - Parameters:
  ///   - start: what they continue; nil for the beginning of texts, before which there are zeros.
  ///   - shared: whether several operations read the windows.
  func callAsFunction(
    _ x: Tensor, _ rows: SequenceRows, from start: [Tensor]?, shared: Bool = false, on tape: Tape
  ) -> (windows: Tensor, end: [Tensor]) {
    guard tokens > 1 else { return (x, []) }
    let (windows, end) = tape.unfolded(x, rows, window: tokens, from: start?[0], shared: shared)
    return (windows, [end])
  }
}
