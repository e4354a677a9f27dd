import Autograd
import ModelKit
import Records
import Support

/// The decoder half of T5 on its own: RMSNorm, no biases, causal relative position buckets instead of learned
/// positions, so that sequences may have any length.
public struct RelativeDecoderBackbone: GenerativeBackbone {
  public let configuration: TransformerConfiguration
  public let layout = BatchLayout.decoder
  public let tokenEmbedding: Parameter
  private let outputEmbedding, bias: Parameter
  private let decoder: TransformerStack

  private static let buckets = RelativePositionBuckets(bidirectional: false)

  public init(_ configuration: TransformerConfiguration, in scope: ParameterScope) throws(GraftError) {
    guard configuration.encoderLayers == 0 else {
      throw GraftError(
        .badData, "the relative-decoder family has no encoder", hint: "leave 'encoderLayers' out.")
    }
    let c = configuration
    self.configuration = c
    let small = Initializer.normal(standardDeviation: 0.02)
    tokenEmbedding = scope("embedding").matrix(
      "weight", rows: c.vocabularySize, columns: c.width, role: .embedding, small)
    let scopeOfDecoder = scope("decoder")
    bias = scopeOfDecoder("relative_attention_bias").matrix(
      "weight", rows: Self.buckets.count, columns: c.heads, role: .position, small)
    let attention = AttentionStyle(
      width: c.width, heads: c.heads, headDimension: c.headDimension, hasBias: false,
      scale: 1 / Double(c.headDimension).squareRoot(), dropout: c.dropout, queryInitializer: small,
      keyValueInitializer: small, outputInitializer: small)
    let feedForward = FeedForwardLayer.Style(
      width: c.width, inner: c.feedForward, activation: c.activation, gated: c.gated, hasBias: false,
      dropout: c.dropout, inputInitializer: small, outputInitializer: small)
    let blocks = (0..<c.decoderLayers).map { layer in
      TransformerBlock(
        norm: .rms, epsilon: c.epsilon, attention: attention, feedForward: feedForward,
        hasCrossAttention: false, dropout: c.dropout, in: scopeOfDecoder.block(layer))
    }
    let norm = Normalization(.rms, width: c.width, epsilon: c.epsilon, in: scopeOfDecoder("final_norm"))
    decoder = TransformerStack(blocks: blocks, finalNorm: norm, dropout: c.dropout)
    outputEmbedding =
      c.tied
      ? tokenEmbedding
      : scope("output_embedding").matrix(
        "weight", rows: c.vocabularySize, columns: c.width, role: .head, small)
  }

  public func encode(_ sequences: TokenSequences, recomputing: Bool, on tape: Tape)
    -> TransformerBlock.Memory?
  { nil }

  public func decode(
    _ sequences: TokenSequences, memory: TransformerBlock.Memory?, cache: DecodingCache?, recomputing: Bool,
    on tape: Tape
  ) -> BackboneOutput {
    let rows = SequenceRows(sequences, following: cache)
    let distances = tape.relativeBias(bias, Self.buckets, length: rows.reach)
    let hidden = decoder(
      tape.embed(rows, tokenEmbedding), rows, isCausal: true, bias: distances, cache: cache,
      isShared: false, recomputing: recomputing, on: tape)
    return BackboneOutput(
      hidden: hidden, rows: rows, vocabularyHead: VocabularyHead(embedding: outputEmbedding))
  }

  public func forwardOperations(_ batch: Batch) -> Double {
    let c = configuration
    let (width, inner) = (Double(c.width), Double(c.heads * c.headDimension))
    let weights = 4 * width * inner + Double(c.feedForward) * width * (c.gated ? 3 : 2)
    let scores = batch.decoder.lengths.reduce(0.0) { $0 + 4 * inner * Double($1 * $1) }
    return Double(c.decoderLayers) * (2 * Double(batch.decoder.tokens.count) * weights + scores)
      + 2 * Double(batch.targetCount) * width * Double(c.vocabularySize)
  }
}
