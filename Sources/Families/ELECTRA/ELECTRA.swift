import Checkpointing
import ModelKit
import Records
import Support

/// Encoders that detect replaced tokens (Clark et al. 2020), with the generator that replaces them or alone.
public struct ELECTRA: ModelFamily {
  public static let name = "electra"
  public static let summary = "encoder that detects replaced tokens, and their generator (ELECTRA)"
  public static let keysOfPretraining: Set = ["generatorSize"]

  public static var modelTypes: [Registry<any HuggingFaceModelType.Type>.Entry] {
    [("electra", "encoder that detects replaced tokens", HuggingFaceELECTRA.self)]
  }

  let encoder: EncoderSizes
  /// Width of the generator as a fraction of the discriminator's; nil for a discriminator alone.
  let generatorSize: Double?

  public init(_ sizes: inout SizeReader) throws(GraftError) {
    encoder = try EncoderSizes(&sizes)
    guard encoder.segments > 0, encoder.firstPosition == 0, encoder.relativeBuckets == nil, !encoder.sharesLayers
    else {
      throw sizes.failure(
        "a model of this family has segments, and none of 'firstPosition', 'relativeBuckets' and 'sharesLayers'")
    }
    generatorSize = try sizes.positive(ifPresent: "generatorSize", most: 1)
  }

  public static func sizes(of shape: ModelShape) -> [String: SizeValue] {
    EncoderSizes.sizes(of: shape).merging(["generatorSize": 0.5]) { $1 }
  }

  public func traits(_ configuration: ModelConfiguration) -> ModelTraits {
    encoder.traits(
      generatorSize.map { ["generator of \($0) the width"] } ?? [],
      companion: generator(of: configuration).map { ModelTraits.Companion($0, prefix: "\(Self.generatorScope).") })
  }

  static let generatorScope = "generator"

  /// As deep as the discriminator, with narrower layers and as many heads as fit (`configure_pretraining.py`).
  func generator(of configuration: ModelConfiguration) -> ModelConfiguration? {
    guard let generatorSize else { return nil }
    func scaled(_ value: Int) -> Int { max(1, Int((Double(value) * generatorSize).rounded())) }
    let blocks = encoder.blocks
    var generator = configuration
    generator.family = BERT.name
    generator.sizes["generatorSize"] = nil
    generator.sizes["embeddingWidth"] = SizeValue(encoder.embeddingWidth)
    generator.sizes["width"] = SizeValue(scaled(blocks.width))
    generator.sizes["feedForward"] = SizeValue(scaled(blocks.feedForward))
    generator.sizes["heads"] = SizeValue(max(1, scaled(blocks.width) / blocks.headDimension))
    return generator
  }

  public func makeBackbone(
    _ configuration: ModelConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> any Backbone { try ELECTRABackbone(self, configuration, in: scope) }

  public func makeHeadedModel(
    _ configuration: ModelConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> HeadedModel? {
    encoder.makeHeadedModel(configuration, traits(configuration), activation: .exactGELU, in: scope)
  }
}
