import Checkpointing
import ModelKit
import Records
import Support

/// Encoder-decoders that normalise behind their branches (Lewis et al. 2020), and by their sizes those of Marian
/// (Junczys-Dowmunt et al. 2018).
public struct BART: ModelFamily {
  public static let name = "bart"
  public static let summary = "encoder-decoder with learned positions (BART) or sinusoidal ones (Marian)"

  public static var modelTypes: [Registry<any HuggingFaceModelType.Type>.Entry] {
    [
      ("bart", "encoder-decoder with learned positions", HuggingFaceBART.self),
      ("marian", "encoder-decoder with sinusoidal positions, which translates", HuggingFaceMarian.self),
    ]
  }

  /// How a model knows the order of its tokens.
  enum Positions: String, CaseIterable {
    /// By a learned vector of each position, in each stack its own.
    case learned
    /// By sines and cosines (Vaswani et al. 2017).
    case sinusoidal
  }

  let blocks: BlockSizes
  let encoderLayers, decoderLayers: Int
  let positions: Positions
  /// The most positions of a sequence.
  let maximumLength: Int
  /// How many rows at the beginning of the tables of positions no position has: 2 in BART.
  let skippedPositions: Int
  /// Whether what enters a stack is normalised.
  let normalizesEmbedding: Bool
  /// Whether embeddings are multiplied by the root of the width.
  let scalesEmbedding: Bool
  /// Whether the logits have a bias, which is not trained.
  let hasOutputBias: Bool
  /// A token whose vector is not trained where it is read: the padding of transformers.
  let untrainedToken: TokenID?
  let tokens: TextTokens

  public init(_ sizes: inout SizeReader) throws(GraftError) {
    blocks = try BlockSizes(&sizes)
    guard !blocks.isGated, blocks.isTied else {
      throw sizes.failure("a model of the family '\(Self.name)' is not gated, and its output layer is the embedding")
    }
    encoderLayers = try sizes.integer("encoderLayers", in: 1...SizeLimit.layers)
    decoderLayers = try sizes.integer("decoderLayers", in: 1...SizeLimit.layers)
    positions = try sizes.choice(ifPresent: "positions") ?? .learned
    maximumLength = try sizes.integer("maximumLength", in: 1...SizeLimit.maximumLength)
    skippedPositions = try sizes.integer(ifPresent: "skippedPositions", in: 0...SizeLimit.maximumLength) ?? 0
    guard positions == .learned || blocks.width % 2 == 0 else {
      throw sizes.failure("'width' is \(blocks.width), expected an even number for sines and cosines")
    }
    normalizesEmbedding = try sizes.boolean("embeddingNorm", default: true)
    scalesEmbedding = try sizes.boolean("scalesEmbedding", default: false)
    hasOutputBias = try sizes.boolean(ifPresent: "outputBias") ?? false
    untrainedToken = try sizes.token("untrainedToken")
    tokens = TextTokens(
      start: try sizes.token("startToken"), opening: try sizes.token("openingToken"),
      first: try sizes.token("firstToken"), last: try sizes.token("lastToken"),
      suppressed: try sizes.token("suppressedToken"),
      sharesSuppressed: try sizes.boolean(ifPresent: "sharesSuppressed") ?? false)
  }

  public static let keysOfPretraining: Set = [
    "firstToken", "lastToken", "openingToken", "outputBias", "sharesSuppressed", "suppressedToken",
  ]

  public static func sizes(of shape: ModelShape) -> [String: SizeValue] {
    BlockSizes.sizes(of: shape, activation: .exactGELU, epsilon: 1e-5).merging([
      "encoderLayers": SizeValue(shape.layers), "decoderLayers": SizeValue(shape.layers),
      "maximumLength": SizeValue(shape.length),
    ]) { $1 }
  }

  public func traits(_ configuration: ModelConfiguration) -> ModelTraits {
    var facts = blocks.facts(layers: "\(encoderLayers)+\(decoderLayers)")
    if positions == .sinusoidal { facts.append("sinusoidal positions") }
    // With heads it reads texts as an encoder does, each behind its tokenizer's own start token.
    let reads = configuration.answers != nil
    var traits = ModelTraits(
      layout: reads ? .encoder : .encoderDecoder, writes: true, longestSequence: maximumLength, facts: facts)
    if !reads { traits.tokens = tokens }
    return traits
  }

  public func makeBackbone(
    _ configuration: ModelConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> any Backbone {
    try requireTokens(configuration)
    return BARTBackbone(self, configuration, in: scope)
  }

  /// As Lewis et al. (2020, section 3.1) classify: by the decoder's state of the last token.
  public func makeHeadedModel(
    _ configuration: ModelConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> HeadedModel? {
    try requireTokens(configuration)
    return HeadedModel(
      configuration, traits(configuration), BARTReader(self, configuration, in: scope),
      HeadedModel.HeadStyle(.last, width: blocks.width, activation: .tanh, initializer: BARTStack.initializer),
      in: scope)
  }

  private func requireTokens(_ configuration: ModelConfiguration) throws(GraftError) {
    let read = [untrainedToken, tokens.start, tokens.opening, tokens.first, tokens.last, tokens.suppressed]
    if let token = read.compactMap({ $0 }).first(where: { $0 >= configuration.vocabularySize }) {
      throw GraftError(
        .badData, "token \(token) of the model is none of its \(configuration.vocabularySize) tokens",
        hint: "the special tokens in its configuration are those of another vocabulary.")
    }
  }
}

extension SizeReader {
  /// The number of a token; nil where it is not given.
  fileprivate mutating func token(_ key: String) throws(GraftError) -> TokenID? {
    try integer(ifPresent: key, in: 0...SizeLimit.vocabularySize).map { TokenID($0) }
  }
}
