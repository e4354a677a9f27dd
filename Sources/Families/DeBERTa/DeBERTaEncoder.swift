import Autograd
import ModelKit
import Records

/// What DeBERTa has below its heads: token embeddings with a norm, a table of rows for distances that all layers share,
/// and blocks with a norm after every branch.
struct DeBERTaEncoder: StateReader {
  let tokenEmbedding: Parameter
  private let segments: Parameter?
  private let embeddingNorm: Normalization
  private let distances: DisentangledDistances
  private let relativeEmbedding: Parameter
  private let relativeNorm: Normalization?
  private let stack: TransformerStack

  init(_ sizes: DeBERTa, _ configuration: ModelConfiguration, in scope: ParameterScope) {
    let c = sizes.blocks
    let dropout = configuration.dropout
    let small = sizes.initializer
    func norm(_ name: String) -> Normalization {
      Normalization(.layer, width: c.width, epsilon: c.epsilon, in: scope(name))
    }
    tokenEmbedding = scope("embedding").matrix(
      "weight", rows: configuration.vocabularySize, columns: c.width, role: .embedding, small)
    segments =
      sizes.segments == 0
      ? nil
      : scope("segment_embedding").matrix(
        "weight", rows: sizes.segments, columns: c.width, role: .embedding, small)
    embeddingNorm = norm("embedding_norm")
    distances = sizes.distances
    relativeEmbedding = scope("relative_embedding").matrix(
      "weight", rows: sizes.distances.rowCount, columns: c.width, role: .position, small)
    relativeNorm = sizes.normalizesDistances ? norm("relative_norm") : nil
    // Three products make up a score: of contents, and of either content with the distance.
    var attention = AttentionStyle(
      width: c.width, heads: c.heads, headDimension: c.headDimension, hasBias: true,
      scale: 1 / Double(3 * c.headDimension).squareRoot(), dropout: dropout, queryInitializer: small,
      keyValueInitializer: small, outputInitializer: small)
    attention.distances = sizes.distances
    let style = attention
    let feedForward = FeedForwardLayer.Style(
      width: c.width, inner: c.feedForward, activation: c.activation, gated: false, hasBias: true, dropout: 0,
      inputInitializer: small, outputInitializer: small)
    let blocks = (0..<sizes.layers).map { layer in
      TransformerBlock(
        norm: .layer, placement: .afterBranches, epsilon: c.epsilon, attention: style, feedForward: feedForward,
        hasCrossAttention: false, dropout: dropout, in: scope("encoder").block(layer))
    }
    stack = TransformerStack(blocks: blocks, finalNorm: nil, dropout: dropout)
  }

  func read(_ batch: Batch, recomputing: Bool, on tape: Tape) -> (hidden: Tensor, rows: SequenceRows) {
    let rows = SequenceRows(batch.encoder.telling(segments: segments?.rows ?? 0))
    let embedded = embeddingNorm.stream(tape.embed(rows, tokenEmbedding, segments: segments), on: tape)
    let table = tape.lookUp(distances.rows(length: rows.reach).map { Int32($0) }, relativeEmbedding)
    let hidden = stack(
      embedded, rows, isCausal: false, bias: nil, relative: relativeNorm?.stream(table, on: tape) ?? table,
      isShared: false, recomputing: recomputing, on: tape)
    return (hidden, rows)
  }

  func forwardOperations(_ batch: Batch) -> Double { stack.operations(batch.encoder) }
}
