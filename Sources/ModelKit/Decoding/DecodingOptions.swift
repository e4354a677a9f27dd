import Randomness
import Records
import Support

/// How a model's answer is looked for.
public struct DecodingOptions: Sendable, Hashable {
  /// How the tokens of an answer are chosen.
  public enum Strategy: Sendable, Hashable {
    /// The most probable token, one after another.
    case greedy
    /// The most probable answer that a search with several under way finds.
    case beam(BeamOptions)
    /// Tokens drawn by their probabilities.
    case sampling(SamplingOptions)
  }

  /// How tokens are chosen.
  public var strategy: Strategy
  /// The most tokens of an answer, end-of-sequence included.
  public var maximumTokens: Int
  /// If not nil, an answer is one of these token sequences; they do not hold the end-of-sequence token.
  public var choices: [[TokenID]]?
  /// Whether greedy answers come with their log-probability, which costs a pass over the vocabulary per token. Beam
  /// search and sampling know it anyway.
  public var needsScores: Bool
  /// Units of a recurrent model's state that are held at values from the last token of what is read on.
  public var held: [HeldUnit] = []

  /// - Parameter maximumTokens: with 0 every answer is empty.
  public init(
    _ strategy: Strategy = .greedy, maximumTokens: Int, choices: [[TokenID]]? = nil, needsScores: Bool = false
  ) {
    self.strategy = strategy
    self.maximumTokens = maximumTokens
    self.choices = choices
    self.needsScores = needsScores
  }

  /// The most answers under way for one input.
  public var rowsPerSequence: Int {
    if case .beam(let options) = strategy { options.count } else { 1 }
  }

  /// - Throws: `.usage` naming the value that is out of range.
  public func validate() throws(GraftError) {
    switch strategy {
    case .greedy: break
    case .beam(let options): try options.validate()
    case .sampling(let options): try options.validate()
    }
    if let choices, choices.isEmpty {
      throw GraftError(.usage, "an answer cannot be one of no choices", hint: "give at least one.")
    }
  }
}

/// Settings of beam search; their meaning is that of `generate` in transformers.
public struct BeamOptions: Sendable, Hashable {
  /// How many unfinished answers are kept, and how many finished ones.
  public var count: Int
  /// Answers compare by summed log-probability / tokensᵖ, end-of-sequence counted; p above 0 favours long ones.
  public var lengthPenalty: Double
  /// Whether the search ends with as many finished answers as there are beams. Else it goes on while the best
  /// unfinished answer, at its present length, would beat the worst finished one.
  public var stopsEarly: Bool

  /// transformers' defaults, but for the number of beams.
  public init(count: Int, lengthPenalty: Double = 1, stopsEarly: Bool = false) {
    self.count = count
    self.lengthPenalty = lengthPenalty
    self.stopsEarly = stopsEarly
  }

  /// - Throws: `.usage` for a value out of range.
  public func validate() throws(GraftError) {
    guard (1...1024).contains(count) else {
      throw GraftError(.usage, "\(count) beams are impossible", hint: "give 1 to 1024; 4 is usual.")
    }
    guard lengthPenalty.isFinite else {
      throw GraftError(.usage, "a length penalty of \(lengthPenalty) is impossible", hint: "1 is usual.")
    }
  }
}

/// Settings of sampling. They apply in this order: temperature, top-k, nucleus.
public struct SamplingOptions: Sendable, Hashable {
  /// Logits are divided by it.
  public var temperature: Double
  /// Only the k most probable tokens, and those as probable as the k-th, are drawn; nil for all.
  public var topK: Int?
  /// Only the fewest tokens that have this probability together are drawn (Holtzman et al. 2020).
  public var topP: Double
  /// Tokens are drawn by (key, sample, position), so that an answer does not depend on its batch.
  public var key: RandomKey

  /// - Parameters:
  ///   - topK: nil for all tokens.
  ///   - topP: 1 for all tokens.
  public init(temperature: Double = 1, topK: Int? = nil, topP: Double = 1, key: RandomKey) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.key = key
  }

  /// - Throws: `.usage` for a value out of range.
  public func validate() throws(GraftError) {
    guard temperature > 0, temperature.isFinite else {
      throw GraftError(
        .usage, "a temperature of \(temperature) is impossible",
        hint: "give a positive number; without sampling the most probable token is taken.")
    }
    if let topK, topK < 1 {
      throw GraftError(.usage, "the \(topK) most probable tokens are none", hint: "give at least 1.")
    }
    guard topP > 0, topP <= 1 else {
      throw GraftError(
        .usage, "a nucleus of probability \(topP) is impossible", hint: "give more than 0, at most 1.")
    }
  }
}
