import Foundation
import Records
import Support

/// Expected calibration error (Naeini et al. 2015; Guo et al. 2017): how far confidence is from being right. Answers
/// are sorted by confidence, the probability of what was answered, into bins of equal width, open below and closed
/// above,
///
///     Σ over bins of |share of right answers − mean confidence| · answers in the bin / all answers.
///
/// Probabilities are those of the choices among themselves: their log-probabilities go through a softmax. Undefined if
/// an answer was given without them. A small error says nothing about how often answers are right.
///
/// Worked example, 2 bins: confidence .9 right, .7 wrong, .4 wrong. The upper bin has |.5 − .8| · 2/3, the lower
/// |0 − .4| · 1/3, together 1/3.
public struct CalibrationError: Metric {
  /// How sure a model was of an answer, and whether it was right.
  public struct Answer: Sendable, Hashable {
    /// Nil if the answer was not chosen by probability.
    public var confidence: Double?
    /// Whether the answer is the right choice.
    public var isRight: Bool
  }

  /// Bins of equal width between 0 and 1.
  public var bins: Int

  /// - Parameter bins: at least 1; the option of the command line takes up to 1000.
  public init(bins: Int = 15) { self.bins = bins }

  public static var options: [MetricOption<CalibrationError>] {
    [.count("bins", \.bins, in: 1...1000)]
  }

  public let name = "calibration-error"
  public var signature: String { "calibration-error|bins:\(bins)|width:equal|closed:above|norm:1" }
  public var input: MetricInput { .choiceProbabilities }

  public func statistic(prediction: Prediction, reference: Reference) throws(GraftError) -> Answer {
    let pair = try ChoicePair(prediction, reference, metric: name)
    return Answer(
      confidence: prediction.choiceScores.flatMap(confidence), isRight: pair.answer == pair.gold)
  }

  public func score(_ statistics: [Answer], multiplicities: [Int]) -> Double {
    var (right, confidence) = ([Double](repeating: 0, count: bins), [Double](repeating: 0, count: bins))
    var total = 0
    for (answer, multiplicity) in zip(statistics, multiplicities) where multiplicity > 0 {
      guard let value = answer.confidence else { return .nan }
      let bin = bin(of: value)
      if answer.isRight { right[bin] += Double(multiplicity) }
      confidence[bin] += Double(multiplicity) * value
      total += multiplicity
    }
    return zip(right, confidence).reduce(0) { $0 + abs($1.0 - $1.1) } / Double(total)
  }

  public func details(_ statistics: [Answer], multiplicities: [Int]) -> [String: Double] {
    [
      "accuracy": mean(statistics.map { $0.isRight ? 1 : 0 }, multiplicities),
      "confidence": mean(statistics.map { $0.confidence ?? .nan }, multiplicities),
    ]
  }

  /// The greatest probability of the softmax.
  private func confidence(_ scores: [Double]) -> Double? {
    guard let greatest = scores.max(), greatest.isFinite else { return nil }
    return 1 / scores.reduce(0) { $0 + exp($1 - greatest) }
  }

  private func bin(of confidence: Double) -> Int {
    // What is an edge of a bin but for rounding is that edge.
    min(bins - 1, max(0, Int((confidence * Double(bins) - 1e-9).rounded(.up)) - 1))
  }
}
