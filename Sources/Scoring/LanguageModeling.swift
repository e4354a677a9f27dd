import Foundation
import Records
import Support

/// What a model thought of one text.
public struct TextLikelihood: Sendable, Hashable {
  /// Minus the sum of the tokens' log-probabilities.
  public var nats: Double
  /// How many tokens have a log-probability.
  public var tokens: Int
  /// Of the text in UTF-8, without the end of its line.
  public var bytes: Int

  init(_ prediction: Prediction, _ reference: Reference, metric: String) throws(GraftError) {
    guard let given = prediction.logProbabilities else {
      throw GraftError(.badData, "\(metric) needs the log-probability of every token of a text")
    }
    nats = given.reduce(0, -)
    tokens = given.count
    bytes = reference.text.utf8.count
  }
}

/// A metric of what a model thought of texts.
public protocol LikelihoodMetric: Metric where Statistic == TextLikelihood {}

extension LikelihoodMetric {
  public var input: MetricInput { .logProbabilities }
  public var displayFactor: Double { 1 }

  public func statistic(
    prediction: Prediction, reference: Reference
  ) throws(GraftError) -> TextLikelihood {
    try TextLikelihood(prediction, reference, metric: name)
  }
}

/// exp(−Σ log p / tokens), over the tokens of all texts together (Jelinek et al. 1977); log p in nats. Two models can
/// be compared by it only if they have the same tokens.
///
/// Worked example: one token of probability 1/2 and one of 1/8 have perplexity √16 = 4.
public struct Perplexity: LikelihoodMetric {
  public let name = "perplexity"
  public let signature = "perplexity|per:token|log:e"

  /// There is nothing to choose.
  public init() {}

  public func score(_ statistics: [TextLikelihood], multiplicities: [Int]) -> Double {
    let tokens = sum(statistics, multiplicities) { Double($0.tokens) }
    return exp(sum(statistics, multiplicities, \.nats) / tokens)
  }
}

/// exp(−Σ log p / texts): of a cloze task whose texts are one word each, the perplexity of the word, as papers on
/// LAMBADA have it (Radford et al. 2019). It does not depend on how words fall into tokens.
///
/// Worked example: a text of two tokens of probability 1/2 and 1/8, and one of a token of probability 1, have √16 = 4.
public struct PerplexityPerText: LikelihoodMetric {
  public let name = "perplexity-per-text"
  public let signature = "perplexity|per:text|log:e"

  /// There is nothing to choose.
  public init() {}

  public func score(_ statistics: [TextLikelihood], multiplicities: [Int]) -> Double {
    exp(sum(statistics, multiplicities, \.nats) / Double(multiplicities.reduce(0, +)))
  }
}

/// −Σ log₂ p / bytes, over all texts together: comparable between models with different tokens.
///
/// Worked example: the two bytes "ab", read as one token of probability 1/16, have 4 / 2 = 2 bits per byte.
public struct BitsPerByte: LikelihoodMetric {
  public let name = "bits-per-byte"
  public let signature = "bits-per-byte|bytes:utf-8,without-line-end"

  /// There is nothing to choose.
  public init() {}

  public func score(_ statistics: [TextLikelihood], multiplicities: [Int]) -> Double {
    let bytes = sum(statistics, multiplicities) { Double($0.bytes) }
    return sum(statistics, multiplicities, \.nats) / log(2) / bytes
  }
}

private func sum(
  _ statistics: [TextLikelihood], _ multiplicities: [Int], _ value: (TextLikelihood) -> Double
) -> Double {
  zip(statistics, multiplicities).reduce(0) { $1.1 == 0 ? $0 : $0 + Double($1.1) * value($1.0) }
}
