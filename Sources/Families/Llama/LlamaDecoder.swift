import Autograd
import ModelKit
import Records

/// What Llama and its relatives have below their output: a token embedding and pre-norm blocks with rotary positions,
/// in which several query heads may share keys and values. Llama has RMSNorm, gated units and no biases.
struct LlamaDecoder: DecoderReader {
  let tokenEmbedding: Parameter
  private let stack: TransformerStack
  private let embeddingScale: Double

  init(_ sizes: Llama, _ configuration: ModelConfiguration, in scope: ParameterScope) {
    let c = sizes.blocks
    let dropout = configuration.dropout
    embeddingScale = sizes.scalesEmbedding ? Double(c.width).squareRoot() : 1
    let small = Initializer.normal(standardDeviation: sizes.deviation)
    tokenEmbedding = scope("embedding").matrix(
      "weight", rows: configuration.vocabularySize, columns: c.width, role: .embedding, small)
    func attention(_ layer: Int) -> AttentionStyle {
      AttentionStyle(
        width: c.width, heads: c.heads, headDimension: c.headDimension, hasBias: sizes.attentionBiases != nil,
        hasOutputBias: sizes.attentionBiases == .all, scale: 1 / Double(c.headDimension).squareRoot(),
        dropout: dropout, queryInitializer: small, keyValueInitializer: small, outputInitializer: small,
        keyValueHeads: sizes.keyValueHeads, rotary: sizes.rotary, headNorm: sizes.normalizesHeads ? c.epsilon : nil,
        hasHeadGains: sizes.normalizesHeads, window: layer < sizes.firstWindowedLayer ? nil : sizes.window)
    }
    let feedForward = FeedForwardLayer.Style(
      width: c.width, inner: c.feedForward, activation: c.activation, gated: c.isGated,
      hasBias: sizes.hasFeedForwardBiases, dropout: 0, inputInitializer: small, outputInitializer: small)
    let scopeOfDecoder = scope("decoder")
    let blocks = (0..<sizes.layers).map { layer in
      TransformerBlock(
        norm: sizes.norm, placement: sizes.isParallel ? .beforeParallelBranches : .beforeBranches,
        epsilon: c.epsilon, attention: attention(layer), feedForward: feedForward, hasCrossAttention: false,
        dropout: dropout, in: scopeOfDecoder.block(layer))
    }
    let norm = Normalization(sizes.norm, width: c.width, epsilon: c.epsilon, in: scopeOfDecoder("final_norm"))
    stack = TransformerStack(blocks: blocks, finalNorm: norm, dropout: dropout)
  }

  func states(
    _ sequences: TokenSequences, state: (any SequenceState)?, recomputing: Bool, on tape: Tape
  ) -> (hidden: Tensor, rows: SequenceRows) {
    let rows = SequenceRows(sequences, following: state)
    let hidden = stack(
      tape.embed(rows, tokenEmbedding, scale: embeddingScale), rows, isCausal: true, bias: nil, state: state,
      isShared: false, recomputing: recomputing, on: tape)
    return (hidden, rows)
  }

  func forwardOperations(_ batch: Batch) -> Double { stack.operations(batch.decoder) }
}
