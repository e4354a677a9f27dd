import Records
import Scoring

/// The share of answers whose first word is that of the reference.
struct FirstWord: Metric {
  let name = "first-word"
  let signature = "first-word|split:space"

  private func first(_ text: String) -> Substring? { text.split(separator: " ").first }

  func statistic(prediction: Prediction, reference: Reference) -> Bool {
    first(prediction.text) == first(reference.text)
  }

  func score(_ statistics: [Bool], multiplicities: [Int]) -> Double {
    let right = zip(statistics, multiplicities).reduce(0) { $0 + ($1.0 ? $1.1 : 0) }
    return Double(right) / Double(multiplicities.reduce(0, +))
  }
}
