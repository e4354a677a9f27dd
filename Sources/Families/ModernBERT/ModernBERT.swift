import Autograd
import Checkpointing
import ModelKit
import Records
import Support

/// Encoders with rotary positions, gated units and no biases, most of whose layers see a few tokens on either side only
/// (Warner et al. 2024).
public struct ModernBERT: ModelFamily {
  public static let name = "modernbert"
  public static let summary = "encoder with rotary positions and local attention (ModernBERT)"

  public static var modelTypes: [Registry<any HuggingFaceModelType.Type>.Entry] {
    [("modernbert", "encoder with rotary positions and local attention", HuggingFaceModernBERT.self)]
  }

  /// Off what of a text heads read their answers.
  enum AnswerPooling: String, CaseIterable {
    case first
    case mean
  }

  let blocks: BlockSizes
  let layers: Int
  /// The longest sequence it is made for.
  let maximumLength: Int
  /// Every how many-th layer, from the first on, sees all of a text.
  let globalStride: Int
  /// How many tokens on either side the other layers see.
  let reach: Int
  /// Of layers that see all, and of the others.
  let globalRotary, localRotary: RotaryPositions
  /// Of the first layer of heads.
  let headActivation: Activation
  let pooling: AnswerPooling
  /// Standard deviation of the drawn weights.
  let deviation: Double

  public init(_ sizes: inout SizeReader) throws(GraftError) {
    blocks = try BlockSizes(&sizes)
    guard blocks.isGated else { throw sizes.failure("a model of this family has gated feed-forward layers only") }
    guard blocks.headDimension % 2 == 0 else {
      throw sizes.failure(
        "'headDimension' is \(blocks.headDimension), expected an even number", hint: "rotary positions turn pairs.")
    }
    layers = try sizes.integer("encoderLayers", in: 1...SizeLimit.layers)
    maximumLength = try sizes.integer("maximumLength", in: 1...SizeLimit.maximumLength)
    globalStride = try sizes.integer("globalStride", in: 1...SizeLimit.layers, default: 3)
    reach = try sizes.integer("reach", in: 0...SizeLimit.maximumLength, default: 64)
    globalRotary = RotaryPositions(base: try sizes.positive(ifPresent: "ropeTheta") ?? 160_000)
    localRotary = RotaryPositions(base: try sizes.positive(ifPresent: "localRopeTheta") ?? 10_000)
    headActivation = try sizes.choice(ifPresent: "headActivation") ?? .exactGELU
    pooling = try sizes.choice(ifPresent: "pooling") ?? .first
    deviation = try sizes.positive(ifPresent: "initializerDeviation", most: 1) ?? 0.02
  }

  public static func sizes(of shape: ModelShape) -> [String: SizeValue] {
    BlockSizes.sizes(of: shape, activation: .exactGELU, epsilon: 1e-5).merging([
      "gated": true, "encoderLayers": SizeValue(shape.layers), "maximumLength": SizeValue(shape.length),
      "ropeTheta": 160_000, "localRopeTheta": 10_000, "headActivation": SizeValue(Activation.exactGELU),
      "pooling": SizeValue(AnswerPooling.first),
    ]) { $1 }
  }

  func isGlobal(_ layer: Int) -> Bool { layer % globalStride == 0 }

  public func traits(_ configuration: ModelConfiguration) -> ModelTraits {
    ModelTraits(
      layout: .encoder, writes: false, longestSequence: maximumLength,
      facts: blocks.facts(layers: "\(layers)")
        + (globalStride > 1 ? ["\(reach) tokens to either side but in every \(globalStride). layer"] : []))
  }

  public func makeBackbone(
    _ configuration: ModelConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> any Backbone {
    let encoder = ModernBERTEncoder(self, configuration, in: scope)
    let entering = encoder.tokenEmbedding
    let scopeOfHead = scope.head("vocabulary_head")
    let leaving = blocks.outputEmbedding(entering, initializer, in: scopeOfHead)
    let head = VocabularyHead(
      embedding: leaving, width: blocks.width, activation: headActivation, epsilon: blocks.epsilon,
      biasesTransformation: false, initializer: initializer, in: scopeOfHead)
    return EncoderBackbone(BackboneParts(configuration, traits(configuration), encoder, head))
  }

  public func makeHeadedModel(
    _ configuration: ModelConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> HeadedModel? {
    HeadedModel(
      configuration, traits(configuration), ModernBERTEncoder(self, configuration, in: scope),
      HeadedModel.HeadStyle(
        pooling == .mean ? .mean : .first, width: blocks.width, activation: headActivation, norm: blocks.epsilon,
        initializer: initializer),
      in: scope)
  }

  var initializer: Initializer { .normal(standardDeviation: deviation) }
}
