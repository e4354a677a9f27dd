import Autograd
import ModelKit
import Records
import Support

/// GPT-2 (Radford et al. 2019): pre-norm decoder with LayerNorm, biases, learned positions and a tied output. With
/// `prefix`, the prompt is read from both sides (the prefix LM of Raffel et al. 2020).
public struct GPTBackbone: GenerativeBackbone {
  public let configuration: TransformerConfiguration
  public var layout: BatchLayout { configuration.prefix == true ? .prefixDecoder : .decoder }
  public let tokenEmbedding: Parameter
  private let positions, outputEmbedding: Parameter
  private let decoder: TransformerStack

  public init(_ configuration: TransformerConfiguration, in scope: ParameterScope) throws(GraftError) {
    guard let maximumLength = configuration.maximumLength, maximumLength > 0 else {
      throw GraftError(.badData, "the gpt family needs a positive 'maximumLength'")
    }
    guard configuration.encoderLayers == 0, configuration.decoderLayers > 0 else {
      throw GraftError(.badData, "the gpt family needs 'decoderLayers' of at least 1 and no 'encoderLayers'")
    }
    let c = configuration
    self.configuration = c
    let small = c.initializer
    // Residual branches start smaller the more of them are summed (section 2.3 of the paper).
    let residual = Initializer.normal(
      standardDeviation: c.weightDeviation / Double(2 * c.decoderLayers).squareRoot())
    tokenEmbedding = scope("embedding").matrix(
      "weight", rows: c.vocabularySize, columns: c.width, role: .embedding, small)
    positions = scope("position_embedding").matrix(
      "weight", rows: maximumLength, columns: c.width, role: .position, small)
    let scale = c.scalesAttention == false ? 1 : 1 / Double(c.headDimension).squareRoot()
    func attention(_ layer: Int) -> AttentionStyle {
      AttentionStyle(
        width: c.width, heads: c.heads, headDimension: c.headDimension, hasBias: true,
        scale: c.scalesAttentionByLayer == true ? scale / Double(layer + 1) : scale, dropout: c.dropout,
        queryInitializer: small, keyValueInitializer: small, outputInitializer: residual)
    }
    // GPT-2 has no dropout between the two linear layers.
    let feedForward = FeedForwardLayer.Style(
      width: c.width, inner: c.feedForward, activation: c.activation, gated: c.gated, hasBias: !c.gated,
      dropout: 0, inputInitializer: small, outputInitializer: residual)
    let scopeOfDecoder = scope("decoder")
    let blocks = (0..<c.decoderLayers).map { layer in
      TransformerBlock(
        norm: .layer, epsilon: c.epsilon, attention: attention(layer), feedForward: feedForward,
        hasCrossAttention: false, dropout: c.dropout, in: scopeOfDecoder.block(layer))
    }
    let norm = Normalization(.layer, width: c.width, epsilon: c.epsilon, in: scopeOfDecoder("final_norm"))
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
    let last = rows.positions.max() ?? 0
    precondition(
      last < positions.rows,
      "a sequence of \(last + 1) tokens exceeds the \(positions.rows) learned positions")
    let hidden = decoder(
      tape.embed(rows, tokenEmbedding, positions: positions), rows, isCausal: true, bias: nil,
      cache: cache, isShared: false, recomputing: recomputing, on: tape)
    return BackboneOutput(
      hidden: hidden, rows: rows, vocabularyHead: VocabularyHead(embedding: outputEmbedding))
  }

  public func forwardOperations(_ batch: Batch) -> Double {
    let c = configuration
    let width = Double(c.width)
    let inner = Double(c.heads * c.headDimension)
    let perToken = 4 * width * inner + Double(c.feedForward) * width * (c.gated ? 3 : 2)
    var operations = 2 * Double(batch.decoder.tokens.count) * Double(c.decoderLayers) * perToken
    for length in batch.decoder.lengths {
      operations += 4 * inner * Double(length * length) * Double(c.decoderLayers)
    }
    return operations + 2 * Double(batch.targetCount) * width * Double(c.vocabularySize)
  }
}
