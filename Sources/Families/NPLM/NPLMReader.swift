import Autograd
import ModelKit
import Records

/// The embeddings of the last tokens side by side, x, and tanh(d + H x), with dropout of embeddings and units.
struct NPLMReader: FixedStateReader {
  private static let deviation = 0.05
  static var embedding: Initializer { .normal(standardDeviation: deviation) }

  let tokenEmbedding: Parameter
  private let window: CausalWindow
  /// H [hidden, (order − 1) · width] and d [hidden].
  private let weight, bias: Parameter
  private let isDirect: Bool
  private let dropout: Double

  init(_ sizes: NPLM, _ configuration: ModelConfiguration, in scope: ParameterScope) {
    window = sizes.window
    isDirect = sizes.isDirect
    dropout = configuration.dropout
    tokenEmbedding = scope("embedding").matrix(
      "weight", rows: configuration.vocabularySize, columns: sizes.width, role: .embedding, Self.embedding)
    let scopeOfHidden = scope("decoder")("hidden")
    // What tanh reads of embeddings as they are at first has a deviation of one half: from smaller weights it learns
    // more slowly, and larger ones drive it to its bounds.
    weight = scopeOfHidden.matrix(
      "weight", rows: sizes.hidden, columns: window.columns,
      .normal(standardDeviation: 0.5 / (Self.deviation * Double(window.columns).squareRoot())))
    bias = scopeOfHidden.vector("bias", count: sizes.hidden, .constant(0))
  }

  func states(
    _ sequences: TokenSequences, state kept: (any SequenceState)?, recomputing: Bool, on tape: Tape
  ) -> (hidden: Tensor, rows: SequenceRows) {
    let state = kept?.own(RecurrentState.self)
    let rows = SequenceRows(sequences, following: state)
    let embedded = tape.narrowed(tape.dropout(tape.embed(rows, tokenEmbedding), dropout))
    tape.show(embedded, rows, as: "embedding")
    // The one layer would be there twice if it were computed again.
    let hidden = layer(0, of: embedded, state, recomputing: false, on: tape) { start in
      let (seen, end) = window(embedded, rows, from: start, shared: isDirect, on: tape)
      let hidden = tape.activate(tape.linear(seen, weight), .tanh, bias: bias, dropout: dropout)
      tape.show(hidden, rows, as: "0")
      return (isDirect ? tape.beside(hidden, seen) : hidden, end)
    }
    state?.advance(by: rows.lengths)
    return (hidden, rows)
  }

  var stateParts: [[RecurrentStatePart]] { [window.stateParts] }

  func forwardOperations(_ batch: Batch) -> Double { 2 * Double(batch.decoder.tokens.count * weight.count) }
}
