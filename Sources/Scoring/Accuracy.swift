import Records
import Support

/// The share of answers that are right: the right choice where there are choices, else the same text to the
/// byte. Of several choices that share the highest score each is worth its share.
public struct Accuracy: Metric {
  public let name = "accuracy"
  public let signature = "accuracy|invalid:wrong"

  /// There is nothing to choose.
  public init() {}

  /// How much of the example is right, 0 to 1.
  public func statistic(prediction: Prediction, reference: Reference) -> Double {
    guard let choice = reference.choice else {
      return prediction.text.utf8.elementsEqual(reference.text.utf8) ? 1 : 0
    }
    guard let tied = prediction.tiedChoices, !tied.isEmpty else { return prediction.choice == choice ? 1 : 0 }
    return Double(tied.count { $0 == choice }) / Double(tied.count)
  }

  public func score(_ statistics: [Double], multiplicities: [Int]) -> Double {
    mean(statistics, multiplicities)
  }
}
