import Records
import Support

/// The share of answers that are right where a tie counts as right: what a scorer finds that takes the first of the
/// greatest scores of a list whose first is right, such as that of BabyLM (Charpentier et al. 2025). A model that finds
/// everything alike has 1; `Accuracy` gives it what chance does.
///
/// Worked example: pairs scored (-3, -4), (-5, -5), (-6, -2) are right, tied, wrong: 2/3, where accuracy is 1/2.
public struct AccuracyTiesRight: Metric {
  public let name = "accuracy-ties-right"
  public let signature = "accuracy|ties:right|invalid:wrong"
  public var input: MetricInput { .choices }

  /// There is nothing to choose.
  public init() {}

  /// 1 or 0.
  /// - Throws: `.badData` for a reference that is no choice.
  public func statistic(prediction: Prediction, reference: Reference) throws(GraftError) -> Double {
    guard let choice = reference.choice else {
      throw GraftError(.badData, "\(name) needs references that are one of some choices")
    }
    return prediction.choice == choice || prediction.tiedChoices?.contains(choice) == true ? 1 : 0
  }

  public func score(_ statistics: [Double], multiplicities: [Int]) -> Double {
    mean(statistics, multiplicities)
  }
}
