import Autograd
import Checkpointing
import ModelKit
import Records
import Support

/// Decoders with rotary positions (Touvron et al. 2023), which may read their prompt from both sides: Llama's own, and
/// by their sizes those of Qwen, Mistral, Gemma and GPT-NeoX.
public struct Llama: ModelFamily {
  public static let name = "llama"
  public static let summary = "decoder with rotary positions (Llama, Qwen, Mistral, Gemma, GPT-NeoX)"

  public static var modelTypes: [Registry<any HuggingFaceModelType.Type>.Entry] {
    [
      ("gemma", "as llama, with embeddings scaled by the root of the width", HuggingFaceGemma.self),
      ("gpt_neox", "decoder with rotary positions, as Pythia", HuggingFaceGPTNeoX.self),
      ("llama", "decoder with rotary positions", HuggingFaceLlama.self),
      ("mistral", "as llama, through a window", HuggingFaceMistral.self),
      ("qwen2", "as llama, with biases of queries, keys and values", HuggingFaceQwen2.self),
      ("qwen3", "as llama, with normalised queries and keys", HuggingFaceQwen3.self),
    ]
  }

  /// Which projections of attention may have biases: those of what enters, or that of the output, too.
  enum AttentionBiases: String, CaseIterable {
    case inputs
    case all
  }

  let blocks: BlockSizes
  let layers: Int
  /// How many heads keys and values have, each for as many query heads.
  let keyValueHeads: Int
  let rotary: RotaryPositions
  let norm: NormalizationKind
  /// Whether embeddings are multiplied by the root of the width.
  let scalesEmbedding: Bool
  /// Which projections of attention have biases; nil for none.
  let attentionBiases: AttentionBiases?
  /// Whether the feed-forward layers have biases.
  let hasFeedForwardBiases: Bool
  /// Whether queries and keys are normalised head by head, with a gain, before they are turned.
  let normalizesHeads: Bool
  /// Whether attention and feed-forward of a block read the same states.
  let isParallel: Bool
  /// How many positions one sees, itself the last, and the first layer for which that holds; nil for all.
  let window: Int?
  let firstWindowedLayer: Int
  /// The longest sequence it is made for.
  let maximumLength: Int?
  /// Whether the prompt is read from both sides.
  let hasPrefix: Bool
  /// Standard deviation of the drawn weights.
  let deviation: Double

  public init(_ sizes: inout SizeReader) throws(GraftError) {
    blocks = try BlockSizes(&sizes)
    layers = try sizes.integer("decoderLayers", in: 1...SizeLimit.layers)
    keyValueHeads = try sizes.integer(ifPresent: "keyValueHeads", in: 1...SizeLimit.heads) ?? blocks.heads
    guard blocks.heads % keyValueHeads == 0 else {
      throw sizes.failure("'keyValueHeads' is \(keyValueHeads), which does not divide the \(blocks.heads) 'heads'")
    }
    rotary = try RotaryPositions(&sizes, headDimension: blocks.headDimension)
    norm = try sizes.choice(ifPresent: "norm") ?? .rms
    scalesEmbedding = try sizes.boolean(ifPresent: "scalesEmbedding") ?? false
    attentionBiases = try sizes.choice(ifPresent: "attentionBiases")
    hasFeedForwardBiases = try sizes.boolean(ifPresent: "feedForwardBiases") ?? false
    normalizesHeads = try sizes.boolean(ifPresent: "headNorm") ?? false
    isParallel = try sizes.boolean(ifPresent: "parallel") ?? false
    window = try sizes.integer(ifPresent: "window", in: 1...SizeLimit.maximumLength)
    firstWindowedLayer = try sizes.integer(ifPresent: "firstWindowedLayer", in: 0...SizeLimit.layers) ?? 0
    maximumLength = try sizes.integer(ifPresent: "maximumLength", in: 1...SizeLimit.maximumLength)
    hasPrefix = try sizes.boolean(ifPresent: "prefix") ?? false
    guard window == nil || !hasPrefix else {
      throw sizes.failure("'window' and 'prefix' do not go together: a prompt would be seen in part")
    }
    deviation = try sizes.positive(ifPresent: "initializerDeviation", most: 1) ?? 0.02
  }

  public static func sizes(of shape: ModelShape) -> [String: SizeValue] {
    BlockSizes.sizes(of: shape, activation: .silu, epsilon: 1e-5).merging([
      "gated": true, "decoderLayers": SizeValue(shape.layers), "maximumLength": SizeValue(shape.length),
    ]) { $1 }
  }

  public func traits(_ configuration: ModelConfiguration) -> ModelTraits {
    var facts = blocks.facts(layers: "\(layers)")
    if keyValueHeads < blocks.heads { facts.append("\(keyValueHeads) heads of keys and values") }
    if let window { facts.append("window of \(window)") }
    if hasPrefix { facts.append("prompt read from both sides") }
    return ModelTraits(
      layout: hasPrefix ? .prefixDecoder : .decoder, writes: true, longestSequence: maximumLength, facts: facts)
  }

  public func makeBackbone(
    _ configuration: ModelConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> any Backbone {
    DecoderBackbone(
      BackboneParts(
        configuration, traits(configuration), LlamaDecoder(self, configuration, in: scope), isTied: blocks.isTied,
        width: blocks.width, initializer: .normal(standardDeviation: deviation), in: scope))
  }

  public func makeHeadedModel(
    _ configuration: ModelConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> HeadedModel? {
    HeadedModel(
      configuration, traits(configuration), LlamaDecoder(self, configuration, in: scope),
      HeadedModel.HeadStyle(
        .last, width: blocks.width, activation: .tanh, initializer: .normal(standardDeviation: deviation)),
      in: scope)
  }
}
