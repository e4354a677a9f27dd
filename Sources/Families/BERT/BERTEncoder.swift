import Autograd
import ModelKit
import Records
import Support

/// The encoder of BERT (Devlin et al. 2019) and ELECTRA (Clark et al. 2020): token, position and segment embeddings,
/// a norm, in ELECTRA a linear layer from the width of the embeddings to that of the model, and blocks with a norm
/// after every branch.
struct BERTEncoder: Sendable {
  /// Where an encoder's tokens enter.
  struct Embeddings: Sendable {
    let tokens, positions, segments: Parameter
  }

  let configuration: TransformerConfiguration
  let embeddings: Embeddings
  private let embeddingNorm: Normalization
  private let projection, projectionBias: Parameter?
  private let stack: TransformerStack

  /// - Parameter shared: another encoder's embeddings to use in place of its own.
  /// - Throws: `.badData` for what no encoder of this kind has.
  init(
    _ configuration: TransformerConfiguration, sharing shared: Embeddings? = nil, in scope: ParameterScope
  ) throws(GraftError) {
    let c = configuration
    guard let maximumLength = c.maximumLength, maximumLength > 0 else {
      throw GraftError(.badData, "the \(c.family) family needs a positive 'maximumLength'")
    }
    guard c.encoderLayers > 0, c.decoderLayers == 0 else {
      throw GraftError(
        .badData, "the \(c.family) family needs 'encoderLayers' of at least 1 and no 'decoderLayers'")
    }
    guard !c.gated else { throw GraftError(.badData, "the \(c.family) family is not gated") }
    guard c.nextSentence != true || c.segments ?? 2 >= 2 else {
      throw GraftError(
        .badData, "'nextSentence' needs 'segments' of at least 2, which tell the two texts apart")
    }
    self.configuration = c
    let small = c.initializer
    let width = c.embeddingWidth ?? c.width
    embeddings =
      shared
      ?? Embeddings(
        tokens: scope("embedding").matrix(
          "weight", rows: c.vocabularySize, columns: width, role: .embedding, small),
        positions: scope("position_embedding").matrix(
          "weight", rows: maximumLength, columns: width, role: .position, small),
        segments: scope("segment_embedding").matrix(
          "weight", rows: c.segments ?? 2, columns: width, role: .embedding, small))
    embeddingNorm = Normalization(.layer, width: width, epsilon: c.epsilon, in: scope("embedding_norm"))
    let isProjected = width != c.width
    let scopeOfProjection = scope("embedding_projection")
    projection = isProjected ? scopeOfProjection.matrix("weight", rows: c.width, columns: width, small) : nil
    projectionBias = isProjected ? scopeOfProjection.vector("bias", count: c.width, .constant(0)) : nil
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
        in: scope("encoder").block(layer))
    }
    // Before a projection, dropout comes before it, too.
    stack = TransformerStack(blocks: blocks, finalNorm: nil, dropout: isProjected ? 0 : c.dropout)
  }

  /// States [N, width] in the operand type.
  func callAsFunction(_ sequences: TokenSequences, recomputing: Bool, on tape: Tape)
    -> (hidden: Tensor, rows: SequenceRows)
  {
    let rows = SequenceRows(sequences)
    precondition(
      rows.maximumLength <= embeddings.positions.rows,
      "a sequence of \(rows.maximumLength) tokens exceeds the \(embeddings.positions.rows) learned positions")
    let embedded = tape.embed(
      rows, embeddings.tokens, positions: embeddings.positions, segments: embeddings.segments)
    var entering = embeddingNorm.stream(embedded, on: tape)
    if let projection {
      let dropped = tape.dropout(entering, configuration.dropout)
      entering = tape.widened(tape.linear(tape.narrowed(dropped), projection, bias: projectionBias))
    }
    let hidden = stack(
      entering, rows, isCausal: false, bias: nil, isShared: false, recomputing: recomputing, on: tape)
    return (hidden, rows)
  }

  /// Floating-point operations of one forward pass, without a head.
  func operations(_ sequences: TokenSequences) -> Double {
    let c = configuration
    let inner = Double(c.heads * c.headDimension)
    let perToken = Double(c.width) * (4 * inner + 2 * Double(c.feedForward))
    let tokens = Double(sequences.tokens.count)
    var operations = 2 * tokens * perToken
    for length in sequences.lengths { operations += 4 * inner * Double(length * length) }
    let entering = projection.map { 2 * tokens * Double($0.count) } ?? 0
    return operations * Double(c.encoderLayers) + entering
  }
}
