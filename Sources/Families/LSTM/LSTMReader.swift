import Autograd
import ModelKit
import Records

/// A token embedding and LSTM layers, as torch.nn.LSTM computes them, with dropout before, between and behind them.
struct LSTMReader: DecoderReader {
  static let embedding = Initializer.normal(standardDeviation: 0.05)

  let tokenEmbedding: Parameter
  private let width: Int
  private let layers: [LSTMWeights]
  private let dropout: Double

  init(_ sizes: LSTM, _ configuration: ModelConfiguration, in scope: ParameterScope) {
    let width = sizes.width
    self.width = width
    dropout = configuration.dropout
    tokenEmbedding = scope("embedding").matrix(
      "weight", rows: configuration.vocabularySize, columns: width, role: .embedding, Self.embedding)
    // The deviation of the uniform numbers that PyTorch draws.
    let drawn = Initializer.normal(standardDeviation: 1 / Double(3 * width).squareRoot())
    let scopeOfDecoder = scope("decoder")
    layers = (0..<sizes.layers).map { index in
      let block = scopeOfDecoder.block(index)
      func weight(_ name: String) -> Parameter {
        block(name).matrix("weight", rows: 4 * width, columns: width, isLinear: false, drawn)
      }
      func bias(_ name: String, _ initializer: Initializer) -> Parameter {
        block(name).vector("bias", count: 4 * width, initializer)
      }
      return LSTMWeights(
        input: weight("input"), recurrent: weight("recurrent"),
        // Cells that forget little at first learn to keep more easily (Jozefowicz et al. 2015).
        inputBias: bias("input", .parts([0, 1, 0, 0])), recurrentBias: bias("recurrent", .constant(0)))
    }
  }

  func states(
    _ sequences: TokenSequences, state kept: (any SequenceState)?, recomputing: Bool, on tape: Tape
  ) -> (hidden: Tensor, rows: SequenceRows) {
    let state = kept?.own(RecurrentState.self)
    let rows = SequenceRows(sequences, following: state)
    var x = tape.narrowed(tape.dropout(tape.embed(rows, tokenEmbedding), dropout))
    for (index, layer) in layers.enumerated() {
      let input = x
      let start = state?.state(layer: index, on: tape)
      func read() -> Tensor {
        let (states, end) = tape.lstm(input, rows, layer, from: start)
        // What is computed again in the backward pass ends with the same.
        state?.keep(end, layer: index)
        return dropped(states, on: tape)
      }
      let inputs = [input] + (start.map { [$0.hidden, $0.cell] } ?? [])
      x = recomputing ? tape.recomputed(inputs, read) : read()
    }
    state?.advance(by: rows.lengths)
    return (x, rows)
  }

  func makeState(sequences: Int, rowsPerSequence: Int) -> any SequenceState { makeRecurrentState(sequences) }

  func makeCarriedState(sequences: Int) -> (any CarriedState)? { makeRecurrentState(sequences) }

  private func makeRecurrentState(_ sequences: Int) -> RecurrentState {
    RecurrentState(sequences: sequences, layers: layers.count, width: width)
  }

  /// Dropout is computed in f32.
  private func dropped(_ states: Tensor, on tape: Tape) -> Tensor {
    guard tape.isTraining, dropout > 0 else { return states }
    return tape.narrowed(tape.dropout(tape.widened(states), dropout))
  }

  func forwardOperations(_ batch: Batch) -> Double {
    let weights = layers.reduce(0) { $0 + $1.input.count + $1.recurrent.count }
    return 2 * Double(batch.decoder.tokens.count) * Double(weights)
  }
}
