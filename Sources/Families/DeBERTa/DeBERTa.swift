import Autograd
import Checkpointing
import ModelKit
import Records
import Support

/// Encoders whose attention compares tokens with the distances between them, and whose embeddings know no positions:
/// DeBERTa of versions 2 and 3 (He et al. 2021 and 2023).
public struct DeBERTa: ModelFamily {
  public static let name = "deberta"
  public static let summary = "encoder with disentangled attention (DeBERTa v2 and v3)"

  public static var modelTypes: [Registry<any HuggingFaceModelType.Type>.Entry] {
    [("deberta-v2", "encoder with disentangled attention", HuggingFaceDeBERTa.self)]
  }

  let blocks: BlockSizes
  let layers: Int
  /// The longest sequence it is made for.
  let maximumLength: Int
  let distances: DisentangledDistances
  /// Whether the rows for distances are normalised before they are projected.
  let normalizesDistances: Bool
  /// How many kinds of segment are told apart; 0 where they are not embedded.
  let segments: Int
  /// Of the first layer of heads that answer.
  let headActivation: Activation
  /// Standard deviation of the drawn weights.
  let deviation: Double

  public init(_ sizes: inout SizeReader) throws(GraftError) {
    blocks = try BlockSizes(&sizes)
    guard !blocks.isGated else { throw sizes.failure("an encoder of this family has no gated feed-forward layers") }
    layers = try sizes.integer("encoderLayers", in: 1...SizeLimit.layers)
    maximumLength = try sizes.integer("maximumLength", in: 1...SizeLimit.maximumLength)
    let maximum = try sizes.integer("relativeDistance", in: 1...SizeLimit.maximumLength, default: maximumLength)
    let buckets = try sizes.integer(ifPresent: "relativeBuckets", in: 2...SizeLimit.maximumLength)
    if let buckets, maximum - 1 <= buckets / 2 {
      throw sizes.failure(
        "'relativeDistance' is \(maximum), expected more than half of 'relativeBuckets', which is \(buckets), and 1")
    }
    distances = DisentangledDistances(buckets: buckets, maximum: maximum)
    normalizesDistances = try sizes.boolean("relativeNorm", default: true)
    segments = try sizes.integer("segments", in: 0...SizeLimit.segments, default: 0)
    headActivation = try sizes.choice(ifPresent: "headActivation") ?? .exactGELU
    deviation = try sizes.positive(ifPresent: "initializerDeviation", most: 1) ?? 0.02
  }

  public static func sizes(of shape: ModelShape) -> [String: SizeValue] {
    BlockSizes.sizes(of: shape, activation: .exactGELU, epsilon: 1e-7).merging([
      "encoderLayers": SizeValue(shape.layers), "maximumLength": SizeValue(shape.length),
      "relativeBuckets": SizeValue(max(2, shape.length / 2)), "headActivation": SizeValue(Activation.exactGELU),
    ]) { $1 }
  }

  public func traits(_ configuration: ModelConfiguration) -> ModelTraits {
    ModelTraits(
      layout: .encoder, writes: false, longestSequence: maximumLength,
      facts: blocks.facts(layers: "\(layers)") + ["\(distances.rowCount) relative positions"])
  }

  public func makeBackbone(
    _ configuration: ModelConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> any Backbone {
    let encoder = DeBERTaEncoder(self, configuration, in: scope)
    let entering = encoder.tokenEmbedding
    let scopeOfHead = scope.head("vocabulary_head")
    let leaving = blocks.outputEmbedding(entering, initializer, in: scopeOfHead)
    let head = VocabularyHead(
      embedding: leaving, width: blocks.width, activation: blocks.activation, epsilon: blocks.epsilon,
      initializer: initializer, in: scopeOfHead)
    return EncoderBackbone(BackboneParts(configuration, traits(configuration), encoder, head))
  }

  public func makeHeadedModel(
    _ configuration: ModelConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> HeadedModel? {
    HeadedModel(
      configuration, traits(configuration), DeBERTaEncoder(self, configuration, in: scope),
      HeadedModel.HeadStyle(.first, width: blocks.width, activation: headActivation, initializer: initializer),
      in: scope)
  }

  var initializer: Initializer { .normal(standardDeviation: deviation) }
}
