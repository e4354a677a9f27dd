import Autograd
import ModelKit
import Records

/// A token embedding and recurrent layers, with dropout before, between and behind them (Zaremba et al. 2014) and the
/// regularisers of Merity et al. 2017.
struct RecurrentReader<Layer: RecurrentLayer>: FixedStateReader {
  static var embedding: Initializer { .normal(standardDeviation: 0.05) }

  let tokenEmbedding: Parameter
  private let layers: [Layer]
  private let regularization: RecurrentRegularization
  /// Of the embeddings, of the states between layers, and of the last.
  private let inputDropout, layerDropout, outputDropout: Double

  init(_ sizes: RecurrentModel<Layer>, _ configuration: ModelConfiguration, in scope: ParameterScope) {
    regularization = sizes.regularization
    outputDropout = configuration.dropout
    inputDropout = regularization.inputDropout ?? outputDropout
    layerDropout = regularization.layerDropout ?? outputDropout
    tokenEmbedding = scope("embedding").matrix(
      "weight", rows: configuration.vocabularySize, columns: sizes.width, role: .embedding, Self.embedding)
    let scopeOfDecoder = scope("decoder")
    layers = (0..<sizes.layers).map {
      Layer(inputs: sizes.width, width: sizes.width, peepholes: sizes.hasPeepholes, in: scopeOfDecoder.block($0))
    }
  }

  func states(
    _ sequences: TokenSequences, state kept: (any SequenceState)?, recomputing: Bool, on tape: Tape
  ) -> (hidden: Tensor, rows: SequenceRows) {
    let state = kept?.own(RecurrentState.self)
    let rows = SequenceRows(sequences, following: state)
    var x = embedded(rows, on: tape)
    tape.show(x, rows, as: "embedding")
    for (index, layer) in layers.enumerated() {
      let input = x
      x = self.layer(index, of: input, state, recomputing: recomputing, on: tape) { start in
        let (states, end) = tape.inLayer("\(index)") {
          layer(input, rows, from: start, dropConnect: regularization.recurrentDropout, on: tape)
        }
        state?.setHeld(in: states, rows, layer: index)
        let isLast = index == layers.count - 1
        return (isLast ? last(states, rows, on: tape) : dropped(states, rows, layerDropout, on: tape), end)
      }
    }
    state?.advance(by: rows.lengths)
    return (x, rows)
  }

  var stateParts: [[RecurrentStatePart]] { layers.map(\.stateParts) }

  /// The embeddings in the operand type, with both kinds of dropout.
  private func embedded(_ rows: SequenceRows, on tape: Tape) -> Tensor {
    var x = tape.embed(rows, tokenEmbedding)
    if tape.isTraining, regularization.embeddingDropout > 0 {
      x = tape.tokenDropout(
        x, rows, vocabularySize: tokenEmbedding.rows, regularization.embeddingDropout)
    }
    guard regularization.isLocked else { return tape.narrowed(tape.dropout(x, inputDropout)) }
    return tape.lockedDropout(tape.narrowed(x), rows, inputDropout)
  }

  /// The states of the last layer.
  private func last(_ states: Tensor, _ rows: SequenceRows, on tape: Tape) -> Tensor {
    let slow = tape.penalized(states, rows, temporal: regularization.temporal)
    return tape.penalized(
      dropped(slow, rows, outputDropout, on: tape), rows, activation: regularization.activation)
  }

  /// Dropout of single values is computed in f32.
  private func dropped(_ states: Tensor, _ rows: SequenceRows, _ probability: Double, on tape: Tape) -> Tensor {
    guard tape.isTraining, probability > 0 else { return states }
    if regularization.isLocked { return tape.lockedDropout(states, rows, probability) }
    return tape.narrowed(tape.dropout(tape.widened(states), probability))
  }

  func forwardOperations(_ batch: Batch) -> Double {
    2 * Double(batch.decoder.tokens.count) * Double(layers.reduce(0) { $0 + $1.multipliedWeights })
  }
}
