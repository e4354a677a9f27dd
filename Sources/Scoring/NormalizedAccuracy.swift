import Records
import Support

/// The share of rows whose right choice has the greatest log-probability by its length, where `Accuracy` takes the
/// log-probability itself, which favours short choices. Of several with the greatest each is worth its share.
///
/// Worked example: choices of -4 nats over 2 tokens and of -5 over 5: the first is likelier, the second by tokens.
public struct NormalizedAccuracy: Metric {
  /// What lengths are counted in.
  public enum Unit: String, Sendable, CaseIterable {
    /// Of the model's vocabulary, end-of-sequence counted.
    case token
    /// Of UTF-8.
    case byte
  }

  /// What a log-probability is divided by the number of.
  public let unit: Unit

  /// Accuracy by log-probability per token or per byte.
  public init(_ unit: Unit) { self.unit = unit }

  public var name: String { "accuracy-per-\(unit.rawValue)" }
  public var signature: String { "\(name)|ranked:log-probability" }
  public var input: MetricInput { .rankedChoices }

  /// How much of the example is right, 0 to 1.
  /// - Throws: `.badData` for an answer that was not ranked.
  public func statistic(prediction: Prediction, reference: Reference) throws(GraftError) -> Double {
    let found = unit == .token ? prediction.choiceScoresPerToken : prediction.choiceScoresPerByte
    guard let choice = reference.choice, let scores = found, let best = scores.max() else {
      throw GraftError(
        .badData, "\(name) is of choices that a model has ranked",
        hint: "`graft evaluate --answers rank` keeps what it needs in its predictions.")
    }
    let tied = scores.indices.filter { scores[$0] == best }
    return tied.contains(choice) ? 1 / Double(tied.count) : 0
  }

  public func score(_ statistics: [Double], multiplicities: [Int]) -> Double {
    mean(statistics, multiplicities)
  }
}
