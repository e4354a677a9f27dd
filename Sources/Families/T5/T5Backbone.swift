import Autograd
import ModelKit
import Records
import Support

/// T5 (Raffel et al. 2020): pre-norm encoder-decoder with RMSNorm, no biases, relative position buckets shared
/// by the layers of a stack, unscaled attention. Version 1.0: ReLU and tied output scaled by width^-1/2;
/// version 1.1: gated GELU and an output layer of its own. With `shared`, the decoder's blocks are the encoder's but
/// for cross-attention.
public struct T5Backbone: GenerativeBackbone {
  public let configuration: TransformerConfiguration
  public let layout = BatchLayout.encoderDecoder
  public let tokenEmbedding: Parameter
  private let outputEmbedding: Parameter
  private let encoderBias, decoderBias: Parameter
  private let encoder, decoder: TransformerStack

  public init(_ configuration: TransformerConfiguration, in scope: ParameterScope) throws(GraftError) {
    guard configuration.encoderLayers > 0 else {
      throw GraftError(.badData, "the t5 family needs 'encoderLayers' of at least 1")
    }
    let c = configuration
    let isShared = c.shared == true
    guard !isShared || c.encoderLayers == c.decoderLayers else {
      throw GraftError(.badData, "shared blocks need as many 'decoderLayers' as 'encoderLayers'")
    }
    guard c.decoderLayers > 0 else {
      throw GraftError(.badData, "the t5 family needs 'decoderLayers' of at least 1")
    }
    self.configuration = c
    tokenEmbedding = scope("embedding").matrix(
      "weight", rows: c.vocabularySize, columns: c.width, role: .embedding, .normal(standardDeviation: 1))

    func stack(
      _ scope: ParameterScope, layers: Int, isDecoder: Bool, sharing: [TransformerBlock] = []
    ) -> (Parameter, [TransformerBlock], TransformerStack) {
      let width = Double(c.width)
      // Mesh TensorFlow's initialisation: the missing 1/√d of attention is folded into the query weights.
      let attention = AttentionStyle(
        width: c.width, heads: c.heads, headDimension: c.headDimension, hasBias: false, scale: 1,
        dropout: c.dropout,
        queryInitializer: .normal(standardDeviation: 1 / (width * Double(c.headDimension)).squareRoot()),
        keyValueInitializer: .normal(standardDeviation: 1 / width.squareRoot()),
        outputInitializer: .normal(standardDeviation: 1 / Double(c.heads * c.headDimension).squareRoot()))
      let feedForward = FeedForwardLayer.Style(
        width: c.width, inner: c.feedForward, activation: c.activation, gated: c.gated, hasBias: false,
        dropout: c.dropout, inputInitializer: .normal(standardDeviation: 1 / width.squareRoot()),
        outputInitializer: .normal(standardDeviation: 1 / Double(c.feedForward).squareRoot()))
      let bias = scope("relative_attention_bias").matrix(
        "weight", rows: c.relativeBuckets ?? 32, columns: c.heads, role: .position,
        .normal(standardDeviation: 1 / width.squareRoot()))
      let blocks = (0..<layers).map { layer in
        if !sharing.isEmpty {
          return TransformerBlock(
            sharing: sharing[layer], norm: .rms, epsilon: c.epsilon, crossAttention: attention,
            in: scope.block(layer))
        }
        return TransformerBlock(
          norm: .rms, epsilon: c.epsilon, attention: attention, feedForward: feedForward,
          hasCrossAttention: isDecoder, dropout: c.dropout, in: scope.block(layer))
      }
      let norm = Normalization(.rms, width: c.width, epsilon: c.epsilon, in: scope("final_norm"))
      return (bias, blocks, TransformerStack(blocks: blocks, finalNorm: norm, dropout: c.dropout))
    }
    let encoderBlocks: [TransformerBlock]
    (encoderBias, encoderBlocks, encoder) = stack(
      scope("encoder"), layers: c.encoderLayers, isDecoder: false)
    (decoderBias, _, decoder) = stack(
      scope("decoder"), layers: c.decoderLayers, isDecoder: true, sharing: isShared ? encoderBlocks : [])
    outputEmbedding =
      c.tied
      ? tokenEmbedding
      : scope("output_embedding").matrix(
        "weight", rows: c.vocabularySize, columns: c.width, role: .head, .normal(standardDeviation: 1))
  }

  private func buckets(bidirectional: Bool) -> RelativePositionBuckets {
    RelativePositionBuckets(
      count: configuration.relativeBuckets ?? 32, maximumDistance: configuration.relativeDistance ?? 128,
      bidirectional: bidirectional)
  }

  public func encode(_ sequences: TokenSequences, recomputing: Bool, on tape: Tape)
    -> TransformerBlock.Memory?
  {
    let rows = SequenceRows(sequences)
    let bias = tape.relativeBias(
      encoderBias, buckets(bidirectional: true),
      length: max(1, rows.reserved.max() ?? 1))
    let states = encoder(
      tape.embed(rows, tokenEmbedding), rows, isCausal: false, bias: bias, isShared: true,
      recomputing: recomputing, on: tape)
    return TransformerBlock.Memory(states: states, rows: rows)
  }

  public func decode(
    _ sequences: TokenSequences, memory: TransformerBlock.Memory?, cache: DecodingCache?, recomputing: Bool,
    on tape: Tape
  ) -> BackboneOutput {
    let rows = SequenceRows(sequences, following: cache)
    let bias = tape.relativeBias(
      decoderBias, buckets(bidirectional: false),
      length: rows.reach)
    let hidden = decoder(
      tape.embed(rows, tokenEmbedding), rows, isCausal: true, bias: bias, memory: memory, cache: cache,
      isShared: false, recomputing: recomputing, on: tape)
    let head = VocabularyHead(
      embedding: outputEmbedding,
      scale: configuration.tied ? 1 / Double(configuration.width).squareRoot() : 1)
    return BackboneOutput(hidden: hidden, rows: rows, vocabularyHead: head)
  }

  public func forwardOperations(_ batch: Batch) -> Double {
    let c = configuration
    let width = Double(c.width)
    let inner = Double(c.heads * c.headDimension)
    let feedForward = Double(c.feedForward) * width * (c.gated ? 3 : 2)
    let attention = 4 * width * inner
    let encoderTokens = Double(batch.encoder.tokens.count)
    let decoderTokens = Double(batch.decoder.tokens.count)
    var operations = 2 * encoderTokens * Double(c.encoderLayers) * (attention + feedForward)
    operations += 2 * decoderTokens * Double(c.decoderLayers) * (attention + 2 * width * inner + feedForward)
    // Cross-attention projects the encoder's states to keys and values in every decoder layer.
    operations += 2 * encoderTokens * Double(c.decoderLayers) * 2 * width * inner
    for (source, target) in zip(batch.encoder.lengths, batch.decoder.lengths) {
      let (s, t) = (Double(source), Double(target))
      operations += 4 * inner * (s * s * Double(c.encoderLayers) + t * (t + s) * Double(c.decoderLayers))
    }
    return operations + 2 * Double(batch.targetCount) * width * Double(c.vocabularySize)
  }
}
