import Records
import Support

/// F1 of class 1, the second choice. An answer that is none of the two choices counts as the wrong one of
/// them (as T5 evaluates MRPC and QQP); 0 where precision and recall are undefined, as in scikit-learn.
public struct F1: Metric {
  /// The cell of the 2×2 table an example falls into.
  public enum Cell: Sendable, Hashable {
    /// Class 1 is positive; an answer that is none of the choices is a false one.
    case truePositive, falsePositive, falseNegative, trueNegative
  }

  public let name = "f1"
  public let signature = "f1|positive:1|invalid:wrong|undefined:0"
  public var input: MetricInput { .choices }

  /// There is nothing to choose.
  public init() {}

  public func statistic(prediction: Prediction, reference: Reference) throws(GraftError) -> Cell {
    guard let gold = reference.choice else {
      throw GraftError(.badData, "f1 needs references that are one of two choices")
    }
    guard gold < 2 else {
      throw GraftError(.badData, "f1 is for two choices; '\(reference.text)' is a further one")
    }
    switch (gold, prediction.choice) {
    case (1, 1): return .truePositive
    case (1, _): return .falseNegative
    case (_, 0): return .trueNegative
    default: return .falsePositive
    }
  }

  public func score(_ statistics: [Cell], multiplicities: [Int]) -> Double {
    let counts = counts(statistics, multiplicities)
    guard counts.total > 0 else { return .nan }
    let errors = counts.falsePositive + counts.falseNegative
    let denominator = 2 * counts.truePositive + errors
    return denominator == 0 ? 0 : Double(2 * counts.truePositive) / Double(denominator)
  }

  public func details(_ statistics: [Cell], multiplicities: [Int]) -> [String: Double] {
    let counts = counts(statistics, multiplicities)
    func ratio(_ part: Int, _ rest: Int) -> Double {
      part + rest == 0 ? 0 : Double(part) / Double(part + rest)
    }
    return [
      "precision": ratio(counts.truePositive, counts.falsePositive),
      "recall": ratio(counts.truePositive, counts.falseNegative),
    ]
  }

  private func counts(
    _ statistics: [Cell], _ multiplicities: [Int]
  ) -> (truePositive: Int, falsePositive: Int, falseNegative: Int, total: Int) {
    var result = (truePositive: 0, falsePositive: 0, falseNegative: 0, total: 0)
    for (cell, multiplicity) in zip(statistics, multiplicities) {
      result.total += multiplicity
      switch cell {
      case .truePositive: result.truePositive += multiplicity
      case .falsePositive: result.falsePositive += multiplicity
      case .falseNegative: result.falseNegative += multiplicity
      case .trueNegative: break
      }
    }
    return result
  }
}
