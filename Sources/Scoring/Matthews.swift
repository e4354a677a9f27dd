import Records
import Support

/// Matthews correlation, in Gorodkin's form for any number of classes ("Comparing two K-category assignments
/// by a K-category correlation coefficient", 2004). An answer that is none of the choices is a class of its
/// own, as with scikit-learn on −1; 0 where either side is constant, as there.
public struct Matthews: Metric {
  public let name = "matthews"
  public let signature = "matthews|invalid:own-class|undefined:0"
  public var input: MetricInput { .choices }

  /// There is nothing to choose.
  public init() {}

  public func statistic(
    prediction: Prediction, reference: Reference
  ) throws(GraftError) -> ChoicePair {
    try ChoicePair(prediction, reference, metric: name)
  }

  public func score(_ statistics: [ChoicePair], multiplicities: [Int]) -> Double {
    var total = 0
    var right = 0
    var golds: [Int: Int] = [:]
    var answers: [Int: Int] = [:]
    for (pair, multiplicity) in zip(statistics, multiplicities) {
      total += multiplicity
      if pair.gold == pair.answer { right += multiplicity }
      golds[pair.gold, default: 0] += multiplicity
      answers[pair.answer, default: 0] += multiplicity
    }
    guard total > 0 else { return .nan }
    // All sums are integers, hence the order of a dictionary does not matter.
    let square = Double(total) * Double(total)
    let both = golds.reduce(0.0) { $0 + Double($1.value) * Double(answers[$1.key] ?? 0) }
    let goldSpread = square - golds.values.reduce(0.0) { $0 + Double($1) * Double($1) }
    let answerSpread = square - answers.values.reduce(0.0) { $0 + Double($1) * Double($1) }
    guard goldSpread > 0, answerSpread > 0 else { return 0 }
    let covariance = Double(right) * Double(total) - both
    return covariance / (goldSpread.squareRoot() * answerSpread.squareRoot())
  }
}
