import Autograd
import Checkpointing
import ModelKit
import Records
import Support

/// One stack of what small models of recent years are built from, each part a switch: RMSNorm before the branches,
/// rotary positions, normalised queries and keys, squared ReLU or gated units, no biases, residual outputs that begin
/// at zero, a shortcut to the first embedding, value embeddings, bigram embeddings, bounded logits (the GPT-2 speed
/// runs of Jordan et al. 2024; Karpathy's nanochat, 2025). It stands as a decoder, as an encoder, or as a decoder that
/// reads its prompt from both sides.
public struct Modern: ModelFamily {
  public static let name = "modern"
  public static let summary = "encoder, decoder or both at once, of recent parts, each a switch"

  public static var modelTypes: [Registry<any HuggingFaceModelType.Type>.Entry] {
    [(HuggingFaceModern.modelType, "encoder or decoder of recent parts", HuggingFaceModern.self)]
  }

  /// How a model knows the order of its tokens.
  enum Positions: String, CaseIterable {
    /// By turned queries and keys (Su et al. 2021).
    case rotary
    /// By learned scalars on the scores, by distance, the same in all layers (Raffel et al. 2020).
    case relative
    /// By sines and cosines that are added to the first embedding (Vaswani et al. 2017), with a learned weight.
    case sinusoidal
    /// Not at all, but for the causal mask.
    case absent = "none"
  }

  let blocks: BlockSizes
  let layers: Int
  /// How it reads; nil for as its objective asks.
  let layout: BatchLayout?
  let positions: Positions
  let rotary: RotaryPositions
  let relativeBuckets, relativeDistance: Int
  /// The longest sequence it is made for; nil for any.
  let maximumLength: Int?
  /// Whether queries and keys are divided by their root mean squares.
  let normalizesHeads: Bool
  /// Factor on the scores.
  let scoreScale: Double
  /// Whether the first embedding is normalised.
  let normalizesEmbedding: Bool
  /// Whether what residual branches add begins as zero.
  let startsAtZero: Bool
  /// Whether every block reads the first embedding beside the stream.
  let hasShortcut: Bool
  /// Every how many-th block, counted from the last, adds a vector of each token to its values; nil for none.
  let valueEmbeddingStride: Int?
  /// Rows of the table of pairs of tokens, which every block reads; nil for none.
  let bigramRows: Int?
  /// What bounds the logits; nil for nothing.
  let logitCap: Double?

  public init(_ sizes: inout SizeReader) throws(GraftError) {
    blocks = try BlockSizes(&sizes)
    layers = try sizes.integer("layers", in: 1...SizeLimit.layers)
    layout = try sizes.choice(ifPresent: "layout")
    guard layout != .encoderDecoder else {
      throw sizes.failure("'layout' is '\(BatchLayout.encoderDecoder.rawValue)', but the stack is one")
    }
    positions = try sizes.choice(ifPresent: "positions") ?? .rotary
    rotary = RotaryPositions(base: try sizes.positive(ifPresent: "ropeTheta") ?? 10_000)
    guard positions != .rotary || blocks.headDimension % 2 == 0 else {
      throw sizes.failure(
        "'headDimension' is \(blocks.headDimension), expected an even number", hint: "rotary positions turn pairs.")
    }
    relativeBuckets = try sizes.integer(ifPresent: "relativeBuckets", in: 4...1024) ?? 32
    relativeDistance = try sizes.integer(ifPresent: "relativeDistance", in: 4...SizeLimit.maximumLength) ?? 128
    guard relativeBuckets % 4 == 0, relativeDistance > relativeBuckets / 2 else {
      throw sizes.failure(
        "'relativeBuckets' \(relativeBuckets) and 'relativeDistance' \(relativeDistance) do not go together",
        hint: "buckets are a multiple of 4, and the distance is more than half of them.")
    }
    maximumLength = try sizes.integer(ifPresent: "maximumLength", in: 1...SizeLimit.maximumLength)
    normalizesHeads = try sizes.boolean("headNorm", default: true)
    // Normalised heads of d dimensions have products of at most d: a little more room than 1 / √d leaves them
    // (0.12 at 128 dimensions, Jordan et al. 2024).
    scoreScale =
      try sizes.positive(ifPresent: "scoreScale")
      ?? (normalizesHeads ? 1.36 : 1) / Double(blocks.headDimension).squareRoot()
    normalizesEmbedding = try sizes.boolean("embeddingNorm", default: true)
    startsAtZero = try sizes.boolean("zeroOutputs", default: true)
    hasShortcut = try sizes.boolean("shortcut", default: true)
    valueEmbeddingStride = try sizes.integer(ifPresent: "valueEmbeddingStride", in: 1...SizeLimit.layers)
    bigramRows = try sizes.integer(ifPresent: "bigramRows", in: 2...SizeLimit.vocabularySize)
    logitCap = try sizes.positive(ifPresent: "logitCap")
  }

  public static func sizes(of shape: ModelShape) -> [String: SizeValue] {
    BlockSizes.sizes(of: shape, activation: .squaredReLU, epsilon: 1e-6).merging([
      "layers": SizeValue(shape.layers), "maximumLength": SizeValue(shape.length),
    ]) { $1 }
  }

  public static func fitting(
    _ sizes: [String: SizeValue], _ layouts: Set<BatchLayout>
  ) -> [String: SizeValue] {
    guard sizes["layout"] == nil,
      let layout = [BatchLayout.prefixDecoder, .decoder, .encoder].first(where: layouts.contains)
    else { return sizes }
    return sizes.merging(["layout": SizeValue(layout)]) { $1 }
  }

  /// How it reads where nothing is said.
  var reading: BatchLayout { layout ?? .prefixDecoder }

  public func traits(_ configuration: ModelConfiguration) -> ModelTraits {
    var facts = blocks.facts(layers: "\(layers)")
    if positions != .rotary { facts.append("\(positions.rawValue) positions") }
    if let valueEmbeddingStride {
      facts.append("value embeddings in \((layers + valueEmbeddingStride - 1) / valueEmbeddingStride) layers")
    }
    if let bigramRows { facts.append("\(bigramRows) bigram embeddings") }
    if layout == nil { facts.append("reads as its objective asks") }
    var traits = ModelTraits(
      layout: reading, writes: reading != .encoder, longestSequence: maximumLength, facts: facts)
    traits.capsLogits = logitCap != nil
    traits.comparesTexts = true
    return traits
  }

  public func makeBackbone(
    _ configuration: ModelConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> any Backbone {
    let reader = ModernReader(self, configuration, in: scope)
    let leaving = startsAtZero ? Initializer.constant(0) : ModernReader.initializer(columns: blocks.width)
    let parts = BackboneParts(
      configuration, traits(configuration), reader, isTied: blocks.isTied, width: blocks.width,
      initializer: leaving, cap: logitCap, in: scope)
    return reading == .encoder ? EncoderBackbone(parts) : DecoderBackbone(parts)
  }

  /// Answers are read off the mean over all tokens, whichever way they are read: none was trained to stand for the
  /// whole text.
  public func makeHeadedModel(
    _ configuration: ModelConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> HeadedModel? {
    HeadedModel(
      configuration, traits(configuration), ModernReader(self, configuration, in: scope),
      HeadedModel.HeadStyle(
        .mean, width: blocks.width, activation: .tanh,
        initializer: ModernReader.initializer(columns: blocks.width)),
      in: scope)
  }
}
