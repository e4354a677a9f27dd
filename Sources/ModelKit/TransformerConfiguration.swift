import Autograd
import Records
import Support

/// The sizes and choices that make a family's member; presets under `Checkpoints/presets` are this as JSON.
public struct TransformerConfiguration: Sendable, Codable, Hashable {
  /// The backbone's name in the registry: `bert`, `electra`, `gpt`, `t5`.
  public var family: String
  /// Columns of the states between blocks.
  public var width: Int
  /// Attention heads of every layer.
  public var heads: Int
  /// Columns of one head's queries, keys and values; heads · headDimension need not be `width`.
  public var headDimension: Int
  /// Columns between the two linear layers of every feed-forward layer.
  public var feedForward: Int
  /// Blocks of the encoder; 0 for a decoder that stands alone.
  public var encoderLayers: Int
  /// Blocks of the decoder; 0 for an encoder that stands alone.
  public var decoderLayers: Int
  /// The pointwise function of the feed-forward layers.
  public var activation: Activation
  /// Whether the feed-forward layer is a gated unit (T5 v1.1).
  public var gated: Bool
  /// Whether the output layer is the embedding.
  public var tied: Bool
  /// Whether a decoder that stands alone reads its prompt from both sides.
  public var prefix: Bool?
  /// Whether encoder and decoder have the same blocks; cross-attention is the decoder's own.
  public var shared: Bool?
  /// Width of the token, position and segment embeddings of an encoder; a linear layer leads from there to `width`. Nil
  /// if they are as wide as the model.
  public var embeddingWidth: Int?
  /// Width of the generator that is trained beside a discriminator (ELECTRA), as a fraction of `width`; nil for a
  /// discriminator alone.
  public var generatorSize: Double?
  /// Whether an encoder has a head that says if the second of two texts follows the first (BERT).
  public var nextSentence: Bool?
  /// The tasks an encoder was fine-tuned on, each with a head of its own in place of those of pretraining.
  public var answers: [AnswerFormat]?
  /// How a decoder was shown texts in training; nil where that is not known, and for all other models.
  public var reading: TextReading?
  /// Standard deviation of the weights that an encoder or decoder with learned positions draws; nil for the 0.02 of
  /// BERT and GPT-2. These were made for widths of 768 and more; a narrow encoder learns faster from a wider draw, see
  /// Docs/results/grid.md.
  public var initializerDeviation: Double?
  /// How many kinds of segment an encoder tells apart; nil for the two of BERT.
  public var segments: Int?
  /// How many buckets T5 sorts distances into, and from which distance on all share one; nil for its 32 and 128.
  public var relativeBuckets: Int?
  /// From this distance on all share a bucket; nil for T5's 128.
  public var relativeDistance: Int?
  /// Whether the scores of a decoder's attention are divided by the root of the heads' width, and whether also by the
  /// number of the layer, from 1; nil for GPT-2's yes and no.
  public var scalesAttention: Bool?
  /// Whether scores are divided by the layer's number, from 1, besides; nil for no.
  public var scalesAttentionByLayer: Bool?
  /// The probability with which values are left out while training, 0 ..< 1; the family decides where.
  public var dropout: Double
  /// What normalisations add to the mean square or the variance.
  public var epsilon: Double
  /// Longest sequence of a family with learned positions; nil where positions are relative.
  public var maximumLength: Int?
  /// Rows of the embedding; in models from elsewhere it may be more than the tokenizer has tokens.
  public var vocabularySize: Int

  /// The values every family needs; what is nil for most families is set afterwards.
  public init(
    family: String, width: Int, heads: Int, headDimension: Int, feedForward: Int, encoderLayers: Int,
    decoderLayers: Int, activation: Activation, gated: Bool, tied: Bool, dropout: Double, epsilon: Double,
    maximumLength: Int?, vocabularySize: Int
  ) {
    self.family = family
    self.width = width
    self.heads = heads
    self.headDimension = headDimension
    self.feedForward = feedForward
    self.encoderLayers = encoderLayers
    self.decoderLayers = decoderLayers
    self.activation = activation
    self.gated = gated
    self.tied = tied
    self.dropout = dropout
    self.epsilon = epsilon
    self.maximumLength = maximumLength
    self.vocabularySize = vocabularySize
  }

  /// The same model as it is fine-tuned for tasks: an encoder without what only its pretraining needs.
  public func answering(_ formats: [AnswerFormat]?) -> TransformerConfiguration {
    var result = self
    result.answers = formats
    if formats != nil { (result.generatorSize, result.nextSentence) = (nil, nil) }
    return result
  }

  /// Whether a decoder stands alone, so that prompt and answer share its sequence.
  public var isDecoderAlone: Bool { encoderLayers == 0 && decoderLayers > 0 }

  /// The same without what bears on texts only: the model that computes the same of tokens.
  public var ofTokens: TransformerConfiguration {
    var result = self
    result.reading = nil
    return result
  }

  /// How an encoder or decoder with learned positions draws its weights.
  public var initializer: Initializer { .normal(standardDeviation: weightDeviation) }
  /// The standard deviation of that draw.
  public var weightDeviation: Double { initializerDeviation ?? 0.02 }

  /// Bounds of sizes, far above any sensible model: with them no product of sizes overflows, and no count of layers
  /// makes names without end.
  public enum Limit {
    /// Of `width` and `embeddingWidth`.
    public static let width = 1 << 16
    /// Of `heads`.
    public static let heads = 1 << 10
    /// Of `headDimension`.
    public static let headDimension = 1 << 12
    /// Of `feedForward`.
    public static let feedForward = 1 << 20
    /// Of `vocabularySize`.
    public static let vocabularySize = 1 << 24
    /// Of `maximumLength`, in tokens.
    public static let maximumLength = 1 << 20
    /// Of the encoder's blocks, and of the decoder's.
    public static let layers = 1 << 10
    /// Of `segments`.
    public static let segments = 1 << 10
    /// Of `relativeBuckets`.
    public static let relativeBuckets = 1 << 12
    /// Of `relativeDistance`, in tokens.
    public static let relativeDistance = 1 << 20
  }

  /// - Throws: `.badData` naming the first value that makes no sense.
  public func validate(source: String) throws(GraftError) {
    func require(_ condition: Bool, _ message: String) throws(GraftError) {
      if !condition { throw GraftError(.badData, message, location: SourceLocation(file: source)) }
    }
    for (name, value, bound) in [
      ("width", width, Limit.width), ("heads", heads, Limit.heads),
      ("headDimension", headDimension, Limit.headDimension), ("feedForward", feedForward, Limit.feedForward),
      ("embeddingWidth", embeddingWidth ?? 1, Limit.width), ("segments", segments ?? 1, Limit.segments),
      ("vocabularySize", vocabularySize, Limit.vocabularySize),
      ("maximumLength", maximumLength ?? 1, Limit.maximumLength),
    ] {
      try require(value > 0 && value <= bound, "'\(name)' is \(value), expected 1 to \(bound)")
    }
    for (name, layers) in [("encoderLayers", encoderLayers), ("decoderLayers", decoderLayers)] {
      try require(
        layers >= 0 && layers <= Limit.layers, "'\(name)' is \(layers), expected 0 to \(Limit.layers)")
    }
    try require(encoderLayers + decoderLayers > 0, "a model needs 'encoderLayers' or 'decoderLayers'")
    try require(
      generatorSize.map { $0 > 0 && $0 <= 1 } ?? true,
      "'generatorSize' is \(generatorSize ?? 0), expected more than 0, at most 1")
    try require(
      initializerDeviation.map { $0 > 0 && $0 <= 1 } ?? true,
      "'initializerDeviation' is \(initializerDeviation ?? 0), expected more than 0, at most 1")
    try require(dropout >= 0 && dropout < 1, "'dropout' is \(dropout), expected 0 ..< 1")
    try require(
      epsilon > 0 && epsilon.isFinite, "'epsilon' is \(epsilon), expected a positive, finite number")
    try validateRelativePositions(require)
    var tasks: Set<String> = []
    for format in answers ?? [] {
      try require(tasks.insert(format.task).inserted, "'answers' has task '\(format.task)' twice")
      try require(format.choices?.isEmpty != true, "'answers' has no choices for task '\(format.task)'")
    }
  }

  private func validateRelativePositions(
    _ require: (Bool, String) throws(GraftError) -> Void
  ) throws(GraftError) {
    let (buckets, distance) = (relativeBuckets ?? 32, relativeDistance ?? 128)
    // Half the buckets are for each direction, and half of those for exact distances.
    try require(
      buckets >= 4 && buckets <= Limit.relativeBuckets,
      "'relativeBuckets' is \(buckets), expected 4 to \(Limit.relativeBuckets)")
    try require(
      distance > buckets / 2 && distance <= Limit.relativeDistance,
      "'relativeDistance' is \(distance), expected more than \(buckets / 2), at most \(Limit.relativeDistance)"
    )
  }
}
