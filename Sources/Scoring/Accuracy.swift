import Examples
import Support

/// The share of answers that are right: the right choice where there are choices, else the same text to the
/// byte.
public struct Accuracy: Metric {
  public let name = "accuracy"
  public let signature = "accuracy|invalid:wrong"

  public init() {}

  public func statistic(prediction: Prediction, reference: Reference) -> Bool {
    if let choice = reference.choice { return prediction.choice == choice }
    return prediction.text.utf8.elementsEqual(reference.text.utf8)
  }

  public func score(_ statistics: [Bool], multiplicities: [Int]) -> Double {
    mean(statistics.map { $0 ? 1 : 0 }, multiplicities)
  }
}
