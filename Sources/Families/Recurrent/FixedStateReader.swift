import Autograd
import ModelKit

/// A decoder that keeps as much of a text however long it is, so that training can carry what it keeps.
protocol FixedStateReader: DecoderReader {
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
