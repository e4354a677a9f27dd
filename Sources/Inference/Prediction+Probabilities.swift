import Foundation
import Records

extension Prediction {
  /// The probabilities of the choices among themselves: the softmax of their log-probabilities, or of a head's outputs.
  /// Nil where none were ranked; empty where scores are not finite.
  public var choiceProbabilities: [Double]? {
    guard let choiceScores else { return nil }
    guard let greatest = choiceScores.max(), greatest.isFinite else { return [] }
    let weights = choiceScores.map { exp($0 - greatest) }
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
  }
}
