import Autograd
import ModelKit
import Records

/// The encoder of BERT (Devlin et al. 2019) and ELECTRA (Clark et al. 2020): token and position embeddings and, in
/// most, those of segments, a norm, in ELECTRA a linear layer from the width of the embeddings to that of the model,
/// and blocks with a norm after every branch.
struct BERTEncoder: StateReader {
  /// Where an encoder's tokens enter.
  struct Embeddings: Sendable {
    let tokens, positions: Parameter
    let segments: Parameter?
  }

  let embeddings: Embeddings
  var tokenEmbedding: Parameter { embeddings.tokens }
  private let dropout: Double
  private let embeddingNorm: Normalization
  private let projection, projectionBias: Parameter?
  /// [buckets, heads]
  private let relativeBias: Parameter?
  private let stack: TransformerStack

  /// - Parameter shared: another encoder's embeddings to use in place of its own.
  init(
    _ sizes: EncoderSizes, _ configuration: ModelConfiguration, sharing shared: Embeddings? = nil,
    in scope: ParameterScope
  ) {
    let dropout = configuration.dropout
    self.dropout = dropout
    let c = sizes.blocks
    let small = sizes.initializer
    let width = sizes.embeddingWidth
    embeddings =
      shared
      ?? Embeddings(
        tokens: scope("embedding").matrix(
          "weight", rows: configuration.vocabularySize, columns: width, role: .embedding, small),
        positions: scope("position_embedding").matrix(
          "weight", rows: sizes.firstPosition + sizes.maximumLength, columns: width, role: .position, small
        ).rows(from: sizes.firstPosition),
        segments: sizes.segments == 0
          ? nil
          : scope("segment_embedding").matrix(
            "weight", rows: sizes.segments, columns: width, role: .embedding, small))
    embeddingNorm = Normalization(.layer, width: width, epsilon: c.epsilon, in: scope("embedding_norm"))
    let isProjected = sizes.isProjected
    let scopeOfProjection = scope("embedding_projection")
    projection = isProjected ? scopeOfProjection.matrix("weight", rows: c.width, columns: width, small) : nil
    projectionBias = isProjected ? scopeOfProjection.vector("bias", count: c.width, .constant(0)) : nil
    relativeBias = sizes.relativeBuckets.map {
      scope("relative_bias").matrix("weight", rows: $0, columns: c.heads, role: .position, small)
    }
    let attention = AttentionStyle(
      width: c.width, heads: c.heads, headDimension: c.headDimension, hasBias: true,
      scale: 1 / Double(c.headDimension).squareRoot(), dropout: dropout, queryInitializer: small,
      keyValueInitializer: small, outputInitializer: small)
    let feedForward = FeedForwardLayer.Style(
      width: c.width, inner: c.feedForward, activation: c.activation, gated: false, hasBias: true, dropout: 0,
      inputInitializer: small, outputInitializer: small)
    let blocks = (0..<(sizes.sharesLayers ? 1 : sizes.layers)).map { layer in
      TransformerBlock(
        norm: .layer, placement: .afterBranches, epsilon: c.epsilon, attention: attention,
        feedForward: feedForward, hasCrossAttention: false, dropout: dropout,
        in: scope("encoder").block(layer))
    }
    // Before a projection, dropout comes before it, too.
    stack = TransformerStack(
      blocks: sizes.sharesLayers ? Array(repeating: blocks[0], count: sizes.layers) : blocks, finalNorm: nil,
      dropout: isProjected ? 0 : dropout)
  }

  func read(_ batch: Batch, recomputing: Bool, on tape: Tape) -> (hidden: Tensor, rows: SequenceRows) {
    let rows = SequenceRows(batch.encoder.telling(segments: embeddings.segments?.rows ?? 0))
    precondition(
      rows.maximumLength <= embeddings.positions.rows,
      "a sequence of \(rows.maximumLength) tokens exceeds the \(embeddings.positions.rows) learned positions")
    let embedded = tape.embed(
      rows, embeddings.tokens, positions: embeddings.positions, segments: embeddings.segments)
    var entering = embeddingNorm.stream(embedded, on: tape)
    if let projection {
      let dropped = tape.dropout(entering, dropout)
      entering = tape.widened(tape.linear(tape.narrowed(dropped), projection, bias: projectionBias))
    }
    let bias = relativeBias.map {
      tape.relativeBias($0, RelativePositionBuckets(count: $0.rows, bidirectional: true), length: rows.reach)
    }
    let hidden = stack(
      entering, rows, isCausal: false, bias: bias, isShared: false, recomputing: recomputing, on: tape)
    return (hidden, rows)
  }

  func forwardOperations(_ batch: Batch) -> Double {
    stack.operations(batch.encoder) + 2 * Double(batch.encoder.tokens.count) * Double(projection?.count ?? 0)
  }
}
