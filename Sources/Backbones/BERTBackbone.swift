import Autograd
import Examples
import ModelKit
import Support

/// BERT (Devlin et al. 2019): an encoder with learned positions and segments, a norm after every branch, biases, and
/// a transformation before the tied output embedding.
public struct BERTBackbone: Backbone {
  public let configuration: TransformerConfiguration
  public let layout = BatchLayout.encoder
  public let tokenEmbedding: Parameter
  private let positions, segments: Parameter
  private let embeddingNorm: Normalization
  private let encoder: TransformerStack
  private let vocabularyHead: VocabularyHead

  public init(_ configuration: TransformerConfiguration, in scope: ParameterScope) throws(GraftError) {
    guard let maximumLength = configuration.maximumLength, maximumLength > 0 else {
      throw GraftError(.badData, "the bert family needs a positive 'maximumLength'")
    }
    guard configuration.encoderLayers > 0, configuration.decoderLayers == 0 else {
      throw GraftError(.badData, "the bert family needs 'encoderLayers' of at least 1 and no 'decoderLayers'")
    }
    guard configuration.tied, !configuration.gated else {
      throw GraftError(.badData, "the bert family is tied and not gated")
    }
    let c = configuration
    self.configuration = c
    let small = Initializer.normal(standardDeviation: 0.02)
    tokenEmbedding = scope("embedding").matrix("weight", rows: c.vocabularySize, columns: c.width, small)
    positions = scope("position_embedding").matrix("weight", rows: maximumLength, columns: c.width, small)
    segments = scope("segment_embedding").matrix("weight", rows: 2, columns: c.width, small)
    embeddingNorm = Normalization(.layer, width: c.width, epsilon: c.epsilon, in: scope("embedding_norm"))
    let attention = AttentionStyle(
      width: c.width, heads: c.heads, headDimension: c.headDimension, hasBias: true,
      scale: 1 / Double(c.headDimension).squareRoot(), dropout: c.dropout, queryInitializer: small,
      keyValueInitializer: small, outputInitializer: small)
    let feedForward = FeedForwardLayer.Style(
      width: c.width, inner: c.feedForward, activation: c.activation, gated: false, hasBias: true, dropout: 0,
      inputInitializer: small, outputInitializer: small)
    let blocks = (0..<c.encoderLayers).map { layer in
      TransformerBlock(
        norm: .layer, placement: .afterBranches, epsilon: c.epsilon, attention: attention,
        feedForward: feedForward, hasCrossAttention: false, dropout: c.dropout,
        in: scope("encoder")("blocks")("\(layer)"))
    }
    encoder = TransformerStack(blocks: blocks, finalNorm: nil, dropout: c.dropout)
    vocabularyHead = VocabularyHead(
      embedding: tokenEmbedding, activation: c.activation, epsilon: c.epsilon, initializer: small,
      in: scope("vocabulary_head"))
  }

  public func forward(_ batch: Batch, recomputing: Bool, on tape: Tape) -> BackboneOutput {
    let rows = SequenceRows(batch.encoder)
    precondition(
      rows.maximumLength <= positions.rows,
      "a sequence of \(rows.maximumLength) tokens exceeds the \(positions.rows) learned positions")
    let embedded = tape.embed(rows, tokenEmbedding, positions: positions, segments: segments)
    let hidden = encoder(
      embeddingNorm.stream(embedded, on: tape), rows, isCausal: false, bias: nil, isShared: false,
      recomputing: recomputing, on: tape)
    return BackboneOutput(hidden: hidden, rows: rows, vocabularyHead: vocabularyHead)
  }

  public func forwardOperations(_ batch: Batch) -> Double {
    let c = configuration
    let inner = Double(c.heads * c.headDimension)
    let perToken = Double(c.width) * (4 * inner + 2 * Double(c.feedForward))
    var operations = 2 * Double(batch.encoder.tokens.count) * perToken
    for length in batch.encoder.lengths { operations += 4 * inner * Double(length * length) }
    return operations * Double(c.encoderLayers) + Double(batch.targetCount) * vocabularyHead.operations
  }
}
