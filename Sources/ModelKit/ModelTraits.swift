import Records

/// What others must know of a model. They ask its family and draw no conclusions from its sizes.
public struct ModelTraits: Sendable, Hashable {
  /// Which arrays it consumes.
  public var layout: BatchLayout
  /// Whether it answers in text; else by heads, once it is fine-tuned.
  public var writes: Bool
  /// The most tokens of a sequence; nil where there is no such limit.
  public var longestSequence: Int?
  /// Its sizes and what else tells it from other members, for lists and reports: "width 256", "4 heads".
  public var facts: [String]
  /// Whether the logits are bounded, which rules out smoothed labels.
  public var capsLogits = false
  /// Whether a head compares the two texts of a task that has two, and reads them one after the other without the
  /// words of the prompt.
  public var comparesTexts = false
  /// The special tokens of its texts that are the model's own.
  public var tokens = TextTokens()
  /// A model that is trained beside it and is one of its own elsewhere: the generator of an ELECTRA.
  public var companion: Companion?

  /// What a family says of a member.
  public init(
    layout: BatchLayout, writes: Bool, longestSequence: Int?, facts: [String], companion: Companion? = nil
  ) {
    (self.layout, self.writes, self.longestSequence) = (layout, writes, longestSequence)
    (self.facts, self.companion) = (facts, companion)
  }

  /// A model within another, with which it shares some parameters.
  public struct Companion: Sendable, Hashable {
    /// The model by itself.
    public var configuration: ModelConfiguration
    /// Begins the names of the parameters that are its own.
    public var prefix: String

    /// - Parameter prefix: with its last dot.
    public init(_ configuration: ModelConfiguration, prefix: String) {
      (self.configuration, self.prefix) = (configuration, prefix)
    }
  }
}

/// The special tokens that a model's texts have by what it was trained on, whatever its tokenizer says; nil for none.
public struct TextTokens: Sendable, Hashable {
  /// What the decoder reads first, in place of the vocabulary's start.
  public var start: TokenID?
  /// What stands before every text, read or written.
  public var opening: TokenID?
  /// What an answer begins with and, where its length ends it, ends with, however probable it is.
  public var first, last: TokenID?
  /// What is never written.
  public var suppressed: TokenID?
  /// Whether the others share the probability of what is never written; else it is lost.
  public var sharesSuppressed = false

  /// Of which only what there is is given.
  public init(
    start: TokenID? = nil, opening: TokenID? = nil, first: TokenID? = nil, last: TokenID? = nil,
    suppressed: TokenID? = nil, sharesSuppressed: Bool = false
  ) {
    (self.start, self.opening, self.first, self.last) = (start, opening, first, last)
    (self.suppressed, self.sharesSuppressed) = (suppressed, sharesSuppressed)
  }
}

/// The sizes by which models of different families are compared. A family has a member that comes closest.
public struct ModelShape: Sendable, Hashable {
  /// As far as a family knows them.
  public var width, layers, heads, feedForward: Int
  /// The most tokens of a sequence.
  public var length: Int

  /// All sizes.
  public init(width: Int, layers: Int, heads: Int, feedForward: Int, length: Int) {
    (self.width, self.layers, self.heads) = (width, layers, heads)
    (self.feedForward, self.length) = (feedForward, length)
  }
}
