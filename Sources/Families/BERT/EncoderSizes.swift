import Autograd
import ModelKit
import Support

/// The sizes of the encoder that BERT and ELECTRA have.
struct EncoderSizes: Sendable {
  let blocks: BlockSizes
  let layers: Int
  /// How many positions are learned.
  let maximumLength: Int
  /// How many rows of the positions stand before that of the first token, which no text reads: RoBERTa counts from
  /// behind its padding token.
  let firstPosition: Int
  /// How many buckets of relative positions all layers have a learned bias for, as MPNet's; nil for none.
  let relativeBuckets: Int?
  /// Whether all layers are one and the same, as ALBERT's.
  let sharesLayers: Bool
  /// How many kinds of segment are told apart; 0 where they are not embedded, as in DistilBERT.
  let segments: Int
  /// Of the token, position and segment embeddings; a linear layer leads from there to the width, if that is another.
  let embeddingWidth: Int
  /// Standard deviation of the drawn weights. The papers' 0.02 was made for widths of 768 and more; a narrow encoder
  /// learns faster from a wider draw, see Docs/results/grid.md.
  let deviation: Double

  init(_ sizes: inout SizeReader) throws(GraftError) {
    blocks = try BlockSizes(&sizes)
    guard !blocks.isGated else { throw sizes.failure("an encoder of this family has no gated feed-forward layers") }
    layers = try sizes.integer("encoderLayers", in: 1...SizeLimit.layers)
    try sizes.constant("decoderLayers", 0)
    maximumLength = try sizes.integer("maximumLength", in: 1...SizeLimit.maximumLength)
    firstPosition = try sizes.integer(ifPresent: "firstPosition", in: 1...SizeLimit.maximumLength) ?? 0
    relativeBuckets = try sizes.integer(ifPresent: "relativeBuckets", in: 4...1024)
    sharesLayers = try sizes.boolean(ifPresent: "sharesLayers") ?? false
    segments = try sizes.integer(ifPresent: "segments", in: 0...SizeLimit.segments) ?? 2
    embeddingWidth = try sizes.integer(ifPresent: "embeddingWidth", in: 1...SizeLimit.width) ?? blocks.width
    if let relativeBuckets, relativeBuckets % 2 != 0 {
      throw sizes.failure("'relativeBuckets' is \(relativeBuckets), expected an even number")
    }
    deviation = try sizes.positive(ifPresent: "initializerDeviation", most: 1) ?? 0.02
  }

  /// By the keys that `init` reads.
  static func sizes(of shape: ModelShape) -> [String: SizeValue] {
    BlockSizes.sizes(of: shape, activation: .exactGELU, epsilon: 1e-12).merging([
      "encoderLayers": SizeValue(shape.layers), "maximumLength": SizeValue(shape.length),
    ]) { $1 }
  }

  var initializer: Initializer { .normal(standardDeviation: deviation) }
  var isProjected: Bool { embeddingWidth != blocks.width }

  func traits(_ facts: [String], companion: ModelTraits.Companion? = nil) -> ModelTraits {
    ModelTraits(
      layout: .encoder, writes: false, longestSequence: maximumLength,
      facts: blocks.facts(layers: "\(layers)") + (isProjected ? ["embeddings of width \(embeddingWidth)"] : [])
        + (sharesLayers ? ["the same layer every time"] : []) + facts, companion: companion)
  }

  /// Heads read the first token.
  /// - Parameter activation: of their first layer.
  func makeHeadedModel(
    _ configuration: ModelConfiguration, _ traits: ModelTraits, activation: Activation, in scope: ParameterScope
  ) -> HeadedModel {
    HeadedModel(
      configuration, traits, BERTEncoder(self, configuration, in: scope),
      HeadedModel.HeadStyle(.first, width: blocks.width, activation: activation, initializer: initializer),
      in: scope)
  }
}
