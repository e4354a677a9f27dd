import Autograd
import ModelKit
import Records

/// What ModernBERT has below its heads: a token embedding with a norm, and pre-norm blocks with rotary positions, of
/// which the first has no norm of its own before attention. Norms and linear layers have no biases.
struct ModernBERTEncoder: StateReader {
  let tokenEmbedding: Parameter
  private let embeddingNorm: Normalization
  private let stack: TransformerStack

  init(_ sizes: ModernBERT, _ configuration: ModelConfiguration, in scope: ParameterScope) {
    let c = sizes.blocks
    let dropout = configuration.dropout
    let small = sizes.initializer
    func norm(_ scope: ParameterScope) -> Normalization {
      Normalization(.layer, width: c.width, epsilon: c.epsilon, hasBias: false, in: scope)
    }
    tokenEmbedding = scope("embedding").matrix(
      "weight", rows: configuration.vocabularySize, columns: c.width, role: .embedding, small)
    embeddingNorm = norm(scope("embedding_norm"))
    let feedForward = FeedForwardLayer.Style(
      width: c.width, inner: c.feedForward, activation: c.activation, gated: true, hasBias: false, dropout: dropout,
      inputInitializer: small, outputInitializer: small)
    let scopeOfEncoder = scope("encoder")
    let blocks = (0..<sizes.layers).map { layer in
      let isGlobal = sizes.isGlobal(layer)
      let attention = AttentionStyle(
        width: c.width, heads: c.heads, headDimension: c.headDimension, hasBias: false,
        scale: 1 / Double(c.headDimension).squareRoot(), dropout: dropout, queryInitializer: small,
        keyValueInitializer: small, outputInitializer: small,
        rotary: isGlobal ? sizes.globalRotary : sizes.localRotary, window: isGlobal ? nil : sizes.reach + 1)
      return TransformerBlock(
        norm: .layer, epsilon: c.epsilon, biasesNorms: false, normalizesAttention: layer > 0, attention: attention,
        feedForward: feedForward, hasCrossAttention: false, dropout: dropout, in: scopeOfEncoder.block(layer))
    }
    stack = TransformerStack(blocks: blocks, finalNorm: norm(scopeOfEncoder("final_norm")), dropout: dropout)
  }

  func read(_ batch: Batch, recomputing: Bool, on tape: Tape) -> (hidden: Tensor, rows: SequenceRows) {
    let rows = SequenceRows(batch.encoder)
    let embedded = embeddingNorm.stream(tape.embed(rows, tokenEmbedding), on: tape)
    let hidden = stack(
      embedded, rows, isCausal: false, bias: nil, isShared: false, recomputing: recomputing, on: tape)
    return (hidden, rows)
  }

  func forwardOperations(_ batch: Batch) -> Double { stack.operations(batch.encoder) }
}
