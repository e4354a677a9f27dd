import Records
import Support

/// F1 over any number of choices (scikit-learn's `f1_score`; Opitz and Burst, "Macro F1 and Macro F1", 2019, on why
/// the average has to be named).
///
/// F1 of a class is 2 TP / (2 TP + FP + FN), and 0 where that is undefined. `macro` is the mean over the classes that
/// occur among references or answers, `micro` the same formula on counts summed over classes. An answer that is none
/// of the choices is missed by its class and charged to no other, so that micro F1 is accuracy where all answers are
/// valid and lies above it elsewhere.
///
/// Worked example: references a a b c, answers a b b –, where – is invalid: F1 of a is 2/3, of b 2/3, of c 0, hence
/// macro 4/9; TP is 2, FP 1, FN 2, hence micro 4/7.
public struct AveragedF1: Metric {
  /// What is averaged; its raw value begins the metric's name.
  public enum Average: String, Sendable, Hashable {
    /// The mean over the classes that occur; the formula on counts summed over classes.
    case macro, micro
  }

  /// Which average `score` and `details` give.
  public let average: Average

  /// F1 by one of the two averages.
  public init(_ average: Average) { self.average = average }

  public var name: String { "\(average.rawValue)-f1" }

  public var signature: String {
    average == .macro
      ? "macro-f1|classes:seen|invalid:missed|undefined:0" : "micro-f1|invalid:missed|undefined:0"
  }

  public var input: MetricInput { .choices }

  public func statistic(
    prediction: Prediction, reference: Reference
  ) throws(GraftError) -> ChoicePair {
    try ChoicePair(prediction, reference, metric: name)
  }

  public func score(_ statistics: [ChoicePair], multiplicities: [Int]) -> Double {
    averaged(statistics, multiplicities) { ratio(2 * $0.right, 2 * $0.right + $0.wrong + $0.missed) }
  }

  public func details(_ statistics: [ChoicePair], multiplicities: [Int]) -> [String: Double] {
    [
      "precision": averaged(statistics, multiplicities) { ratio($0.right, $0.right + $0.wrong) },
      "recall": averaged(statistics, multiplicities) { ratio($0.right, $0.right + $0.missed) },
    ]
  }

  /// True positives, false positives and false negatives of a class.
  private struct Counts {
    var right = 0
    var wrong = 0
    var missed = 0
  }

  private func averaged(
    _ statistics: [ChoicePair], _ multiplicities: [Int], _ value: (Counts) -> Double
  ) -> Double {
    var classes: [Int: Counts] = [:]
    for (pair, multiplicity) in zip(statistics, multiplicities) where multiplicity > 0 {
      if pair.gold == pair.answer {
        classes[pair.gold, default: Counts()].right += multiplicity
      } else {
        classes[pair.gold, default: Counts()].missed += multiplicity
        if pair.answer >= 0 { classes[pair.answer, default: Counts()].wrong += multiplicity }
      }
    }
    guard !classes.isEmpty else { return .nan }
    switch average {
    case .macro:
      // In the order of the choices: the sum of rounded numbers depends on it.
      return classes.sorted { $0.key < $1.key }.reduce(0) { $0 + value($1.value) } / Double(classes.count)
    case .micro:
      return value(
        classes.values.reduce(into: Counts()) {
          $0.right += $1.right
          $0.wrong += $1.wrong
          $0.missed += $1.missed
        })
    }
  }

  private func ratio(_ part: Int, _ whole: Int) -> Double { whole == 0 ? 0 : Double(part) / Double(whole) }
}
