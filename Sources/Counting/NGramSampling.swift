import Foundation
import Randomness
import Support

extension NGramModel {
  /// Words that were drawn.
  public struct Sample: Sendable, Hashable {
    /// Without the end of the sentence.
    public var words: [WordID] = []
    /// Whether the sentence ended; else the limit did.
    public var hasEnded = false
    /// Of the words, and of the end if it was drawn, without the temperature, in nats.
    public var logProbability = 0.0
  }

  /// Draws words until the end of the sentence.
  /// - Parameters:
  ///   - beginning: words that the sentence begins with.
  ///   - temperature: logarithms are divided by it; 0 for the most probable word each time.
  ///   - longest: the most words that are drawn.
  public func sample(
    after beginning: [WordID] = [], temperature: Double = 1, longest: Int, key: RandomKey
  ) -> Sample {
    var state = start
    var length = 0
    for word in beginning { _ = logProbability(of: word, &state, length: &length) }
    var result = Sample()
    var generator = key.generator()
    while result.words.count < longest, !result.hasEnded {
      var weights = distribution(state)
      let greatest = weights.max() ?? 0
      if temperature > 0, temperature != 1 { weights = weights.map { pow($0 / greatest, 1 / temperature) } }
      let drawn = temperature > 0 ? Self.draw(weights, generator.uniform()) : weights.firstIndex(of: greatest) ?? 0
      let word = WordID(drawn)
      result.logProbability += logProbability(of: word, &state, length: &length)
      if word == NGramVocabulary.end { result.hasEnded = true } else { result.words.append(word) }
    }
    return result
  }

  /// The place in which a number from 0 to below 1 falls.
  private static func draw(_ weights: [Double], _ number: Double) -> Int {
    var left = number * weights.reduce(0, +)
    var last = 0
    for (place, weight) in weights.enumerated() where weight > 0 {
      last = place
      if left < weight { return place }
      left -= weight
    }
    return last
  }
}
