import Autograd
import ModelKit
import Records
import Support

/// What GPT-2 has below its output: token and position embeddings and pre-norm blocks with LayerNorm and biases.
struct GPTDecoder: DecoderReader {
  let tokenEmbedding: Parameter
  /// The vectors of the positions from 0 on.
  private let positions: Parameter
  private let stack: TransformerStack

  init(_ sizes: GPT, _ configuration: ModelConfiguration, in scope: ParameterScope) {
    let blocks = sizes.blocks
    let dropout = configuration.dropout
    let small = Initializer.normal(standardDeviation: sizes.deviation)
    // Residual branches start smaller the more of them are summed (section 2.3 of the paper).
    let residual = Initializer.normal(
      standardDeviation: sizes.deviation / Double(2 * sizes.layers).squareRoot())
    tokenEmbedding = scope("embedding").matrix(
      "weight", rows: configuration.vocabularySize, columns: blocks.width, role: .embedding, small)
    let (skipped, length) = (sizes.skippedPositions, sizes.maximumLength)
    let table = scope("position_embedding").matrix(
      "weight", rows: skipped + length, columns: blocks.width, role: .position, small)
    positions = Parameter(offset: table.offset + skipped * blocks.width, rows: length, columns: blocks.width)
    let scale = sizes.scalesAttention ? 1 / Double(blocks.headDimension).squareRoot() : 1
    func attention(_ layer: Int) -> AttentionStyle {
      AttentionStyle(
        width: blocks.width, heads: blocks.heads, headDimension: blocks.headDimension,
        hasBias: sizes.hasInputBiases, hasOutputBias: true,
        scale: sizes.scalesAttentionByLayer ? scale / Double(layer + 1) : scale, dropout: dropout,
        queryInitializer: small, keyValueInitializer: small, outputInitializer: residual,
        window: layer % 2 == 1 ? sizes.window : nil)
    }
    // GPT-2 has no dropout between the two linear layers.
    let feedForward = FeedForwardLayer.Style(
      width: blocks.width, inner: blocks.feedForward, activation: blocks.activation, gated: blocks.isGated,
      hasBias: !blocks.isGated, dropout: 0, inputInitializer: small, outputInitializer: residual)
    let scopeOfDecoder = scope("decoder")
    let made = (0..<sizes.layers).map { layer in
      TransformerBlock(
        norm: .layer, epsilon: blocks.epsilon, attention: attention(layer), feedForward: feedForward,
        hasCrossAttention: false, dropout: dropout, in: scopeOfDecoder.block(layer))
    }
    let norm = Normalization(.layer, width: blocks.width, epsilon: blocks.epsilon, in: scopeOfDecoder("final_norm"))
    stack = TransformerStack(blocks: made, finalNorm: norm, dropout: dropout)
  }

  func states(
    _ sequences: TokenSequences, state: (any SequenceState)?, recomputing: Bool, on tape: Tape
  ) -> (hidden: Tensor, rows: SequenceRows) {
    let rows = SequenceRows(sequences, following: state)
    let last = rows.positions.max() ?? 0
    precondition(
      last < positions.rows,
      "a sequence of \(last + 1) tokens exceeds the \(positions.rows) learned positions")
    let hidden = stack(
      tape.embed(rows, tokenEmbedding, positions: positions), rows, isCausal: true, bias: nil,
      state: state, isShared: false, recomputing: recomputing, on: tape)
    return (hidden, rows)
  }

  func forwardOperations(_ batch: Batch) -> Double { stack.operations(batch.decoder) }
}
