import Autograd
import ModelKit

/// What a recurrent decoder keeps of the answers under way: the states of its layers, and which input each answers.
final class Seq2SeqState: SequenceState {
  /// Of the decoder's layers.
  let layers: RecurrentState
  /// The sequence of the batch that each row answers.
  private(set) var sources: [Int]
  /// Whether anything was read, if only sequences without tokens: before, layers begin where the encoder ended.
  private(set) var hasBegun = false

  init(sequences: Int, parts: [[RecurrentStatePart]]) {
    layers = RecurrentState(sequences: sequences, parts: parts)
    sources = Array(0..<sequences)
  }

  var lengths: [Int] { layers.lengths }

  func select(_ parents: [Int]) {
    layers.select(parents)
    sources = parents.map { sources[$0] }
  }

  /// Counts the tokens of a call once every layer has kept its state.
  func advance(by read: [Int]) {
    layers.advance(by: read)
    hasBegun = true
  }
}
