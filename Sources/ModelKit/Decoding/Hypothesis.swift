import Records

/// An answer as a search found it.
public struct Hypothesis: Sendable, Codable, Hashable {
  /// Without end-of-sequence.
  public var tokens: [TokenID]
  /// Whether the model ended it; else the limit did.
  public var hasEnded: Bool
  /// Summed over the tokens, end-of-sequence included, in nats; nil if nobody asked. Of sampled answers: under the
  /// model, without temperature, top-k or nucleus.
  public var logProbability: Double?
  /// What answers are ordered by: in beam search the log-probability over a power of the length, else the
  /// log-probability.
  public var score: Double?

  /// An answer, with what is known of its probability.
  public init(tokens: [TokenID], hasEnded: Bool, logProbability: Double? = nil, score: Double? = nil) {
    self.tokens = tokens
    self.hasEnded = hasEnded
    self.logProbability = logProbability
    self.score = score
  }
}
