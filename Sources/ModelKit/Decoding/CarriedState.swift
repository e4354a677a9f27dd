/// A state of fixed size, however long the texts are, which can therefore be carried from one window of a text to the
/// next, through updates and checkpoints. No gradient flows back into it: backpropagation through time is truncated
/// where a window begins (Williams & Peng 1990).
public protocol CarriedState: SequenceState {
  /// Everything the model keeps of the texts, in a fixed order. What is assigned has the same names and sizes.
  var arrays: [CarriedArray] { get set }

  /// Begins all texts anew.
  func forget()

  /// Begins some texts anew.
  /// - Parameter texts: their rows.
  func forget(_ texts: [Int])

  /// From the next call of `decode` on, holds these units of every text at their values, in place of those held before:
  /// they are set after the last token of every call, and what a layer hands on at its tokens has them as well.
  /// - Precondition: the units are among `arrays`.
  func hold(_ units: [HeldUnit])
}

/// A part of a carried state: a row of values for each text.
public struct CarriedArray: Sendable, Hashable {
  /// Which part: `0.cell`.
  public let name: String
  /// Values of a text.
  public let width: Int
  /// [texts, width], row after row.
  public var values: [Float]

  /// - Precondition: whole rows.
  public init(name: String, width: Int, values: [Float]) {
    precondition(values.count % max(1, width) == 0, "'\(name)': \(values.count) values in rows of \(width)")
    (self.name, self.width, self.values) = (name, width, values)
  }
}
