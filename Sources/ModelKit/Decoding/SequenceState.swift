import Autograd
import Records

/// What a model keeps of the sequences it has read, so that a new token costs one step instead of its whole sequence:
/// keys and values, or the state of a recurrent network.
///
/// A state begins with one empty row per sequence of the batch. After each call of `decode`, `select` says which rows
/// go on: it drops ended ones, reorders them, and gives a row several successors, as beam search needs.
public protocol SequenceState: AnyObject {
  /// How many tokens each row has.
  var lengths: [Int] { get }

  /// Replaces the rows: row i of the next call continues row `parents[i]` of the last.
  func select(_ parents: [Int])
}

extension SequenceState {
  /// The state as the model that made it knows it.
  public func own<State: SequenceState>(_ type: State.Type) -> State {
    guard let state = self as? State else { preconditionFailure("a state of \(Self.self), not of \(type)") }
    return state
  }
}

extension SequenceRows {
  /// Rows of whole sequences, or of those that continue what `state` has: their positions go on from there.
  public init(_ sequences: TokenSequences, following state: (any SequenceState)?) {
    self.init(sequences, after: state?.lengths ?? [])
  }
}
