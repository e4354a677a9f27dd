import Foundation
import Records
import TaskRegistry

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

extension TaskDefinition {
  /// Every choice by its label, in the task's order, with its probability; nil where there is nothing to choose from.
  /// - Parameter answer: as `interpreted` gives it.
  public func labelledProbabilities(
    of answer: Prediction, to example: Example
  ) -> [(label: String, probability: Double)]? {
    let words = choices ?? example.candidates?.map(\.targets) ?? []
    guard let found = answer.choiceProbabilities, found.count == words.count else { return nil }
    return zip(words.indices, found).map { choice, probability in
      (label(of: Prediction(text: words[choice], choice: choice), to: example) ?? words[choice], probability)
    }
  }
}
