import Autograd
import ModelKit
import Records
import Support

/// T5 (Raffel et al. 2020): pre-norm encoder-decoder with RMSNorm, no biases, relative position buckets shared by the
/// layers of a stack or, in UMT5 (Chung et al. 2023), of each layer's own, unscaled attention. Version 1.0: ReLU and
/// tied output scaled by width^-1/2; version 1.1: gated GELU and an output layer of its own. With `shared`, the
/// decoder's blocks are the encoder's but for cross-attention.
struct T5Backbone: GenerativeBackbone {
  let configuration: ModelConfiguration
  let traits: ModelTraits
  let tokenEmbedding: Parameter
  private let sizes: T5
  private let outputEmbedding: Parameter
  /// Of a stack, or of each of its layers.
  private let encoderBiases, decoderBiases: [Parameter]
  private let encoder, decoder: TransformerStack

  init(_ sizes: T5, _ configuration: ModelConfiguration, in scope: ParameterScope) {
    self.configuration = configuration
    self.sizes = sizes
    traits = sizes.traits(configuration)
    let c = sizes.blocks
    let dropout = configuration.dropout
    tokenEmbedding = scope("embedding").matrix(
      "weight", rows: configuration.vocabularySize, columns: c.width, role: .embedding,
      .normal(standardDeviation: 1))

    func stack(
      _ scope: ParameterScope, layers: Int, isDecoder: Bool, sharing: [TransformerBlock] = []
    ) -> ([Parameter], [TransformerBlock], TransformerStack) {
      let width = Double(c.width)
      // Mesh TensorFlow's initialisation: the missing 1/√d of attention is folded into the query weights.
      let attention = AttentionStyle(
        width: c.width, heads: c.heads, headDimension: c.headDimension, hasBias: false, scale: 1,
        dropout: dropout,
        queryInitializer: .normal(standardDeviation: 1 / (width * Double(c.headDimension)).squareRoot()),
        keyValueInitializer: .normal(standardDeviation: 1 / width.squareRoot()),
        outputInitializer: .normal(standardDeviation: 1 / Double(c.inner).squareRoot()))
      let feedForward = FeedForwardLayer.Style(
        width: c.width, inner: c.feedForward, activation: c.activation, gated: c.isGated, hasBias: false,
        dropout: dropout, inputInitializer: .normal(standardDeviation: 1 / width.squareRoot()),
        outputInitializer: .normal(standardDeviation: 1 / Double(c.feedForward).squareRoot()))
      let biases = (sizes.hasOwnBiases ? (0..<layers).map { scope.block($0) } : [scope]).map { scope in
        scope("relative_attention_bias").matrix(
          "weight", rows: sizes.relativeBuckets, columns: c.heads, role: .position,
          .normal(standardDeviation: 1 / width.squareRoot()))
      }
      let blocks = (0..<layers).map { layer in
        if !sharing.isEmpty {
          return TransformerBlock(
            sharing: sharing[layer], norm: .rms, epsilon: c.epsilon, crossAttention: attention,
            in: scope.block(layer))
        }
        return TransformerBlock(
          norm: .rms, epsilon: c.epsilon, attention: attention, feedForward: feedForward,
          hasCrossAttention: isDecoder, dropout: dropout, in: scope.block(layer))
      }
      let norm = Normalization(.rms, width: c.width, epsilon: c.epsilon, in: scope("final_norm"))
      return (biases, blocks, TransformerStack(blocks: blocks, finalNorm: norm, dropout: dropout))
    }
    let encoderBlocks: [TransformerBlock]
    (encoderBiases, encoderBlocks, encoder) = stack(
      scope("encoder"), layers: sizes.encoderLayers, isDecoder: false)
    (decoderBiases, _, decoder) = stack(
      scope("decoder"), layers: sizes.decoderLayers, isDecoder: true, sharing: sizes.isShared ? encoderBlocks : [])
    outputEmbedding =
      c.isTied
      ? tokenEmbedding
      : scope("output_embedding").matrix(
        "weight", rows: configuration.vocabularySize, columns: c.width, role: .head, .normal(standardDeviation: 1))
  }

  private func buckets(bidirectional: Bool) -> RelativePositionBuckets {
    RelativePositionBuckets(
      count: sizes.relativeBuckets, maximumDistance: sizes.relativeDistance,
      bidirectional: bidirectional)
  }

  func encode(_ sequences: TokenSequences, recomputing: Bool, on tape: Tape)
    -> EncodedInputs?
  {
    let rows = SequenceRows(sequences)
    let biases = encoderBiases.map {
      tape.relativeBias($0, buckets(bidirectional: true), length: max(1, rows.reserved.max() ?? 1))
    }
    let states = encoder(
      tape.embed(rows, tokenEmbedding), rows, isCausal: false, bias: biases[0],
      ownBiases: sizes.hasOwnBiases ? biases : [], isShared: true,
      recomputing: recomputing, on: tape)
    return EncodedInputs(states: states, rows: rows)
  }

  func decode(
    _ sequences: TokenSequences, memory: EncodedInputs?, state: (any SequenceState)?, recomputing: Bool,
    on tape: Tape
  ) -> BackboneOutput {
    let rows = SequenceRows(sequences, following: state)
    let biases = decoderBiases.map {
      tape.relativeBias($0, buckets(bidirectional: false), length: rows.reach)
    }
    let hidden = decoder(
      tape.embed(rows, tokenEmbedding), rows, isCausal: true, bias: biases[0],
      ownBiases: sizes.hasOwnBiases ? biases : [], memory: memory, state: state,
      isShared: false, recomputing: recomputing, on: tape)
    let head = VocabularyHead(
      embedding: outputEmbedding,
      scale: sizes.blocks.isTied ? 1 / Double(sizes.blocks.width).squareRoot() : 1)
    return BackboneOutput(hidden: hidden, rows: rows, vocabularyHead: head)
  }

  func forwardOperations(_ batch: Batch) -> Double {
    encoder.operations(batch.encoder) + decoder.operations(batch.decoder, over: batch.encoder)
      + 2 * Double(batch.targetCount) * Double(outputEmbedding.count)
  }
}
