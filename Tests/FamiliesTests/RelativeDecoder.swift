import Autograd
import Families
import ModelKit
import Records
import Support

/// The decoder half of T5 on its own: RMSNorm, no biases, causal relative position buckets instead of learned
/// positions, so that sequences may have any length.
public struct RelativeDecoder: ModelFamily {
  public static let name = "relative-decoder"
  public static let summary = "decoder with relative positions"

  let blocks: BlockSizes
  let layers: Int

  public init(_ sizes: inout SizeReader) throws(GraftError) {
    blocks = try BlockSizes(&sizes)
    layers = try sizes.integer("layers", in: 1...SizeLimit.layers)
  }

  public static func sizes(of shape: ModelShape) -> [String: SizeValue] {
    BlockSizes.sizes(of: shape, activation: .gelu, epsilon: 1e-6).merging(["layers": SizeValue(shape.layers)]) { $1 }
  }

  public func traits(_ configuration: ModelConfiguration) -> ModelTraits {
    ModelTraits(layout: .decoder, writes: true, longestSequence: nil, facts: blocks.facts(layers: "\(layers)"))
  }

  public func makeBackbone(
    _ configuration: ModelConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> any Backbone { RelativeDecoderBackbone(self, configuration, in: scope) }
}

struct RelativeDecoderBackbone: GenerativeBackbone {
  let configuration: ModelConfiguration
  let traits: ModelTraits
  let tokenEmbedding: Parameter
  private let outputEmbedding, bias: Parameter
  private let decoder: TransformerStack

  private static let buckets = RelativePositionBuckets(bidirectional: false)

  init(_ sizes: RelativeDecoder, _ configuration: ModelConfiguration, in scope: ParameterScope) {
    self.configuration = configuration
    traits = sizes.traits(configuration)
    let c = sizes.blocks
    let dropout = configuration.dropout
    let small = Initializer.normal(standardDeviation: 0.02)
    tokenEmbedding = scope("embedding").matrix(
      "weight", rows: configuration.vocabularySize, columns: c.width, role: .embedding, small)
    let scopeOfDecoder = scope("decoder")
    bias = scopeOfDecoder("relative_attention_bias").matrix(
      "weight", rows: Self.buckets.count, columns: c.heads, role: .position, small)
    let attention = AttentionStyle(
      width: c.width, heads: c.heads, headDimension: c.headDimension, hasBias: false,
      scale: 1 / Double(c.headDimension).squareRoot(), dropout: dropout, queryInitializer: small,
      keyValueInitializer: small, outputInitializer: small)
    let feedForward = FeedForwardLayer.Style(
      width: c.width, inner: c.feedForward, activation: c.activation, gated: c.isGated, hasBias: false,
      dropout: dropout, inputInitializer: small, outputInitializer: small)
    let blocks = (0..<sizes.layers).map { layer in
      TransformerBlock(
        norm: .rms, epsilon: c.epsilon, attention: attention, feedForward: feedForward,
        hasCrossAttention: false, dropout: dropout, in: scopeOfDecoder.block(layer))
    }
    let norm = Normalization(.rms, width: c.width, epsilon: c.epsilon, in: scopeOfDecoder("final_norm"))
    decoder = TransformerStack(blocks: blocks, finalNorm: norm, dropout: dropout)
    outputEmbedding =
      c.isTied
      ? tokenEmbedding
      : scope.head("output_embedding").matrix(
        "weight", rows: configuration.vocabularySize, columns: c.width, role: .head, small)
  }

  func decode(
    _ sequences: TokenSequences, memory: EncodedInputs?, state: (any SequenceState)?, recomputing: Bool,
    on tape: Tape
  ) -> BackboneOutput {
    let rows = SequenceRows(sequences, following: state)
    let distances = tape.relativeBias(bias, Self.buckets, length: rows.reach)
    let hidden = decoder(
      tape.embed(rows, tokenEmbedding), rows, isCausal: true, bias: distances, state: state,
      isShared: false, recomputing: recomputing, on: tape)
    return BackboneOutput(
      hidden: hidden, rows: rows, vocabularyHead: VocabularyHead(embedding: outputEmbedding))
  }

  func forwardOperations(_ batch: Batch) -> Double {
    decoder.operations(batch.decoder) + 2 * Double(batch.targetCount) * Double(outputEmbedding.count)
  }
}
