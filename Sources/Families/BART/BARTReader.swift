import Autograd
import ModelKit
import Records
import Support

/// The two stacks of a BART below its output. Alone it reads a text for heads: the decoder reads the text again, moved
/// on by a place behind its start token, so that the state of the last token, the end, has seen all of it.
struct BARTReader: StateReader {
  let tokenEmbedding: Parameter
  private let sizes: BART
  private let encoder, decoder: BARTStack

  init(_ sizes: BART, _ configuration: ModelConfiguration, in scope: ParameterScope) {
    self.sizes = sizes
    tokenEmbedding = scope("embedding").matrix(
      "weight", rows: configuration.vocabularySize, columns: sizes.blocks.width, role: .embedding,
      BARTStack.initializer)
    let dropout = configuration.dropout
    encoder = BARTStack(
      sizes, layers: sizes.encoderLayers, isDecoder: false, dropout: dropout, in: scope("encoder"))
    decoder = BARTStack(
      sizes, layers: sizes.decoderLayers, isDecoder: true, dropout: dropout, in: scope("decoder"))
  }

  func encode(_ sequences: TokenSequences, recomputing: Bool, on tape: Tape) -> EncodedInputs {
    let rows = SequenceRows(sequences)
    let states = encoder(
      tokenEmbedding, rows, isCausal: false, memory: nil, state: nil, recomputing: recomputing, on: tape)
    return EncodedInputs(states: states, rows: rows)
  }

  /// States [N, width] of the decoder in the operand type.
  func decode(
    _ rows: SequenceRows, memory: EncodedInputs?, state: (any SequenceState)?, recomputing: Bool, on tape: Tape
  ) -> Tensor {
    decoder(tokenEmbedding, rows, isCausal: true, memory: memory, state: state, recomputing: recomputing, on: tape)
  }

  func read(_ batch: Batch, recomputing: Bool, on tape: Tape) -> (hidden: Tensor, rows: SequenceRows) {
    // It knows no segments.
    let texts = batch.encoder.telling(segments: 0)
    let memory = encode(texts, recomputing: recomputing, on: tape)
    let rows = SequenceRows(moved(texts))
    return (decode(rows, memory: memory, state: nil, recomputing: recomputing, on: tape), rows)
  }

  /// Start token 2 and the text [0 5 6 2] give [2 0 5 6].
  private func moved(_ texts: TokenSequences) -> TokenSequences {
    var result = TokenSequences()
    var start = 0
    for length in texts.lengths {
      let text = texts.tokens[start..<start + length]
      // A text of a model that says no other begins with its start token.
      result.append((sizes.tokens.start ?? text.first).map { [$0] + text.dropLast() } ?? [])
      start += length
    }
    return result
  }

  func operations(_ written: TokenSequences, over texts: TokenSequences) -> Double {
    encoder.stack.operations(texts) + decoder.stack.operations(written, over: texts)
  }

  func forwardOperations(_ batch: Batch) -> Double { operations(batch.encoder, over: batch.encoder) }
}

/// The encoder or the decoder.
struct BARTStack: Sendable {
  /// That of the paper's code.
  static let initializer = Initializer.normal(standardDeviation: 0.02)

  let stack: TransformerStack
  private let sizes: BART
  /// The vectors of the positions from 0 on; nil where they are sinusoidal.
  private let positions: Parameter?
  private let embeddingNorm: Normalization?

  init(_ sizes: BART, layers: Int, isDecoder: Bool, dropout: Double, in scope: ParameterScope) {
    self.sizes = sizes
    let (c, small) = (sizes.blocks, Self.initializer)
    if sizes.positions == .learned {
      let (skipped, length) = (sizes.skippedPositions, sizes.maximumLength)
      let table = scope("position_embedding").matrix(
        "weight", rows: skipped + length, columns: c.width, role: .position, small)
      positions = Parameter(offset: table.offset + skipped * c.width, rows: length, columns: c.width)
    } else {
      positions = nil
    }
    embeddingNorm =
      sizes.normalizesEmbedding
      ? Normalization(.layer, width: c.width, epsilon: c.epsilon, in: scope("embedding_norm")) : nil
    let attention = AttentionStyle(
      width: c.width, heads: c.heads, headDimension: c.headDimension, hasBias: true,
      scale: 1 / Double(c.headDimension).squareRoot(), dropout: dropout, queryInitializer: small,
      keyValueInitializer: small, outputInitializer: small)
    let feedForward = FeedForwardLayer.Style(
      width: c.width, inner: c.feedForward, activation: c.activation, gated: false, hasBias: true, dropout: 0,
      inputInitializer: small, outputInitializer: small)
    let blocks = (0..<layers).map { layer in
      TransformerBlock(
        norm: .layer, placement: .afterBranches, epsilon: c.epsilon, attention: attention, feedForward: feedForward,
        hasCrossAttention: isDecoder, dropout: dropout, in: scope.block(layer))
    }
    stack = TransformerStack(blocks: blocks, finalNorm: nil, dropout: dropout)
  }

  /// States [N, width] in the operand type.
  func callAsFunction(
    _ tokens: Parameter, _ rows: SequenceRows, isCausal: Bool, memory: EncodedInputs?, state: (any SequenceState)?,
    recomputing: Bool, on tape: Tape
  ) -> Tensor {
    let last = rows.positions.max() ?? 0
    precondition(
      last < sizes.maximumLength, "a sequence of \(last + 1) tokens exceeds the \(sizes.maximumLength) positions")
    let scale = sizes.scalesEmbedding ? Double(sizes.blocks.width).squareRoot() : 1
    var x = tape.embed(rows, tokens, scale: scale, untrained: sizes.untrainedToken, positions: positions)
    if positions == nil { x = tape.addSinusoids(to: x, rows) }
    if let embeddingNorm { x = embeddingNorm.stream(x, on: tape) }
    return stack(
      x, rows, isCausal: isCausal, bias: nil, memory: memory, state: state, isShared: false,
      recomputing: recomputing, on: tape)
  }
}
