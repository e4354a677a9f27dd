import Autograd
import ModelKit
import Records

/// A part of a decoder that reads a text from a state of fixed size on.
protocol FixedStateBlock: Sendable {
  var stateParts: [RecurrentStatePart] { get }

  /// x [N, width] f32 to [N, width] f32, and what each sequence ends with.
  /// - Parameter start: what they begin with; nil for zeros.
  func callAsFunction(
    _ x: Tensor, _ rows: SequenceRows, from start: [Tensor]?, on tape: Tape
  ) -> (states: Tensor, end: [Tensor])
}

/// A decoder that keeps as much of a text however long it is, so that training can carry what it keeps.
protocol FixedStateReader: DecoderReader {
  /// The first values of the token embedding.
  static var embedding: Initializer { get }

  /// What every layer keeps.
  var stateParts: [[RecurrentStatePart]] { get }
}

extension FixedStateReader {
  func makeState(sequences: Int, rowsPerSequence: Int) -> any SequenceState {
    RecurrentState(sequences: sequences, parts: stateParts)
  }

  func makeCarriedState(sequences: Int) -> (any CarriedState)? {
    RecurrentState(sequences: sequences, parts: stateParts)
  }

  /// The stream [N, width] f32 behind blocks, the first of which reads the embedding.
  /// - Parameter dropout: of the embedding.
  func stream(
    _ sequences: TokenSequences, through blocks: [some FixedStateBlock], dropout: Double,
    state kept: (any SequenceState)?, recomputing: Bool, on tape: Tape
  ) -> (x: Tensor, rows: SequenceRows) {
    let state = kept?.own(RecurrentState.self)
    let rows = SequenceRows(sequences, following: state)
    var x = tape.dropout(tape.embed(rows, tokenEmbedding), dropout)
    tape.show(x, rows, as: "embedding")
    for (index, block) in blocks.enumerated() {
      let input = x
      x = layer(index, of: input, state, recomputing: recomputing, on: tape) { start in
        tape.inLayer("\(index)") { block(input, rows, from: start, on: tape) }
      }
      tape.show(x, rows, as: "\(index)")
    }
    state?.advance(by: rows.lengths)
    return (x, rows)
  }

  /// Reads a layer from where `state` has left it, and keeps what it ends with.
  /// - Parameters:
  ///   - index: of the layer.
  ///   - input: all that it reads from outside but its state.
  ///   - recomputing: whether it keeps only that for the backward pass.
  ///   - read: what the layer computes of the state that sequences begin with, and what they end with; nil for zeros.
  func layer(
    _ index: Int, of input: Tensor, _ state: RecurrentState?, recomputing: Bool, on tape: Tape,
    _ read: @escaping (_ start: [Tensor]?) -> (states: Tensor, end: [Tensor])
  ) -> Tensor {
    let start = state?.state(layer: index, on: tape)
    func body() -> Tensor {
      let (states, end) = read(start)
      state?.setHeld(atEnd: end, layer: index)
      // What is computed again in the backward pass ends with the same.
      state?.keep(end, layer: index)
      return states
    }
    return recomputing ? tape.recomputed([input] + (start ?? []), body) : body()
  }
}
