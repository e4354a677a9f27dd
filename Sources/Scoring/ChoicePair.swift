import Records
import Support

/// An answer beside the right one, among numbered choices.
public struct ChoicePair: Sendable, Hashable {
  /// The index of the right choice.
  public var gold: Int
  /// −1 if the answer was none of the choices.
  public var answer: Int

  /// - Parameters:
  ///   - gold: the index of the right choice.
  ///   - answer: the index of the answered one, −1 for none of them.
  public init(gold: Int, answer: Int) {
    self.gold = gold
    self.answer = answer
  }

  init(_ prediction: Prediction, _ reference: Reference, metric: String) throws(GraftError) {
    guard let gold = reference.choice else {
      throw GraftError(
        .badData, "\(metric) needs references that are one of the choices; got '\(reference.text)'")
    }
    self.init(gold: gold, answer: prediction.choice ?? -1)
  }
}
