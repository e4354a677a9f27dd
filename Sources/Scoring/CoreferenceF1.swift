import Records
import Support

/// F1 of decisions whether a pronoun refers to a candidate, where the last choice says that it refers to none (GAP;
/// Webster, Recasens, Axelrod and Baldridge 2018, "Mind the GAP", section 5.1). Answering a candidate claims that it is
/// the referent and that the others are not.
///
/// F1 is 2 TP / (2 TP + FP + FN). A candidate answered and right is a TP; answered and wrong an FP; right and not
/// answered an FN. Where no candidate is right and none is answered nothing is counted.
///
/// Worked example: choices A, B, neither; right A, A, B, neither; answered A, B, neither, A: one TP, two FP (the B and
/// the last A) and two FN (the second A and the B), F1 = 2/6.
public struct CoreferenceF1: Metric {
  /// What one answer counts for.
  public struct Counts: Sendable, Hashable {
    /// 1 for a candidate answered and right.
    public var right = 0
    /// 1 for a candidate answered and wrong.
    public var wrong = 0
    /// 1 for a right candidate that was not answered.
    public var missed = 0
  }

  /// How many choices there are, the last of which is none of the candidates.
  public let choiceCount: Int

  public let name = "coreference-f1"
  public let signature = "coreference-f1|none:last-of-3|invalid:none|undefined:0"
  public var input: MetricInput { .choices }

  /// - Parameter choiceCount: how many choices there are, none of the candidates among them as the last.
  public init(choiceCount: Int = 3) { self.choiceCount = choiceCount }

  public func statistic(prediction: Prediction, reference: Reference) throws(GraftError) -> Counts {
    let pair = try ChoicePair(prediction, reference, metric: name)
    guard pair.gold < choiceCount else {
      throw GraftError(.badData, "\(name) is for \(choiceCount) choices, the last of which is none")
    }
    let none = choiceCount - 1
    let claims = pair.answer >= 0 && pair.answer != none
    if pair.gold == pair.answer { return Counts(right: claims ? 1 : 0) }
    return Counts(wrong: claims ? 1 : 0, missed: pair.gold == none ? 0 : 1)
  }

  public func score(_ statistics: [Counts], multiplicities: [Int]) -> Double {
    let (sum, total) = sum(statistics, multiplicities)
    guard total > 0 else { return .nan }
    let whole = 2 * sum.right + sum.wrong + sum.missed
    return whole == 0 ? 0 : Double(2 * sum.right) / Double(whole)
  }

  public func details(_ statistics: [Counts], multiplicities: [Int]) -> [String: Double] {
    let (sum, _) = sum(statistics, multiplicities)
    func ratio(_ rest: Int) -> Double {
      sum.right + rest == 0 ? 0 : Double(sum.right) / Double(sum.right + rest)
    }
    return ["precision": ratio(sum.wrong), "recall": ratio(sum.missed)]
  }

  private func sum(_ statistics: [Counts], _ multiplicities: [Int]) -> (sum: Counts, total: Int) {
    var (sum, total) = (Counts(), 0)
    for (counts, multiplicity) in zip(statistics, multiplicities) {
      total += multiplicity
      sum.right += multiplicity * counts.right
      sum.wrong += multiplicity * counts.wrong
      sum.missed += multiplicity * counts.missed
    }
    return (sum, total)
  }
}
