import Checkpointing
import ModelKit
import Records
import Support

/// Decoders with learned positions (Radford et al. 2019), which may read their prompt from both sides.
public struct GPT: ModelFamily {
  public static let name = "gpt"
  public static let summary = "decoder with learned positions (GPT-2, GPT-Neo, OPT)"

  public static var modelTypes: [Registry<any HuggingFaceModelType.Type>.Entry] {
    [
      ("gpt2", "decoder with learned positions", HuggingFaceGPT2.self),
      ("gpt_neo", "as gpt2, every second layer through a window", HuggingFaceGPTNeo.self),
      ("opt", "as gpt2, with ReLU and rows before its positions", HuggingFaceOPT.self),
    ]
  }

  /// Which projections of attention have biases.
  enum AttentionBiases: String, CaseIterable {
    case all
    case output
  }

  let blocks: BlockSizes
  let layers: Int
  /// How many positions are learned.
  let maximumLength: Int
  /// How many rows at the beginning of their table no position has: 2 in OPT.
  let skippedPositions: Int
  /// How many positions one sees in every second layer, from the second on, itself the last; nil for all.
  let window: Int?
  /// Whether the projections to queries, keys and values have biases.
  let hasInputBiases: Bool
  /// Whether the prompt is read from both sides (the prefix LM of Raffel et al. 2020).
  let hasPrefix: Bool
  /// Whether attention scores are divided by the root of the heads' width, and whether also by the number of the layer,
  /// from 1.
  let scalesAttention, scalesAttentionByLayer: Bool
  /// Standard deviation of the drawn weights.
  let deviation: Double

  public init(_ sizes: inout SizeReader) throws(GraftError) {
    blocks = try BlockSizes(&sizes)
    try sizes.constant("encoderLayers", 0)
    layers = try sizes.integer("decoderLayers", in: 1...SizeLimit.layers)
    maximumLength = try sizes.integer("maximumLength", in: 1...SizeLimit.maximumLength)
    skippedPositions = try sizes.integer(ifPresent: "skippedPositions", in: 0...SizeLimit.maximumLength) ?? 0
    window = try sizes.integer(ifPresent: "window", in: 1...SizeLimit.maximumLength)
    hasInputBiases = try sizes.choice(ifPresent: "attentionBiases", of: AttentionBiases.self) != .output
    hasPrefix = try sizes.boolean(ifPresent: "prefix") ?? false
    scalesAttention = try sizes.boolean(ifPresent: "scalesAttention") ?? true
    scalesAttentionByLayer = try sizes.boolean(ifPresent: "scalesAttentionByLayer") ?? false
    guard window == nil || !hasPrefix else {
      throw sizes.failure("'window' and 'prefix' do not go together: a prompt would be seen in part")
    }
    deviation = try sizes.positive(ifPresent: "initializerDeviation", most: 1) ?? 0.02
  }

  public static func sizes(of shape: ModelShape) -> [String: SizeValue] {
    BlockSizes.sizes(of: shape, activation: .gelu, epsilon: 1e-5).merging([
      "decoderLayers": SizeValue(shape.layers), "maximumLength": SizeValue(shape.length),
    ]) { $1 }
  }

  public func traits(_ configuration: ModelConfiguration) -> ModelTraits {
    ModelTraits(
      layout: hasPrefix ? .prefixDecoder : .decoder, writes: true, longestSequence: maximumLength,
      facts: blocks.facts(layers: "\(layers)")
        + (window.map { ["window of \($0) in every second layer"] } ?? [])
        + (hasPrefix ? ["prompt read from both sides"] : []))
  }

  public func makeBackbone(
    _ configuration: ModelConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> any Backbone {
    DecoderBackbone(
      BackboneParts(
        configuration, traits(configuration), GPTDecoder(self, configuration, in: scope), isTied: blocks.isTied,
        width: blocks.width, initializer: .normal(standardDeviation: deviation), in: scope))
  }

  /// As Radford et al. 2018 classify: by the state of the last token, which is the end of the text.
  public func makeHeadedModel(
    _ configuration: ModelConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> HeadedModel? {
    HeadedModel(
      configuration, traits(configuration), GPTDecoder(self, configuration, in: scope),
      HeadedModel.HeadStyle(
        .last, width: blocks.width, activation: .tanh, initializer: .normal(standardDeviation: deviation)),
      in: scope)
  }
}
