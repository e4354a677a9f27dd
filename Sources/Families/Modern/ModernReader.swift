import Autograd
import ModelKit
import Records

/// What a model of the family has below its output.
struct ModernReader: DecoderReader {
  let tokenEmbedding: Parameter
  private let sizes: Modern
  private let embeddingNorm: Normalization?
  /// Weights of the embedding and of the positions that are added to it, [1, 2].
  private let positionWeights: Parameter?
  private let relativeBias: Parameter?
  private let bigrams: BigramEmbedding?
  private let stack: TransformerStack

  /// Normal, with the deviation of uniform numbers within ±1 / √columns, so that a product is about as large as what
  /// enters.
  static func initializer(columns: Int) -> Initializer {
    .normal(standardDeviation: 1 / Double(3 * columns).squareRoot())
  }

  init(_ sizes: Modern, _ configuration: ModelConfiguration, in scope: ParameterScope) {
    self.sizes = sizes
    let c = sizes.blocks
    let dropout = configuration.dropout
    tokenEmbedding = scope("embedding").matrix(
      "weight", rows: configuration.vocabularySize, columns: c.width, role: .embedding,
      // A norm follows; as an output layer the embedding begins with small logits.
      .normal(standardDeviation: sizes.normalizesEmbedding && !c.isTied ? 1 : 0.02))
    embeddingNorm =
      sizes.normalizesEmbedding
      ? Normalization(.rms, width: c.width, epsilon: c.epsilon, in: scope("embedding_norm")) : nil
    positionWeights =
      sizes.positions == .sinusoidal
      ? scope("positions").vector("weight", count: 2, role: .gain, .parts([1, sizes.normalizesEmbedding ? 1 : 0.02]))
      : nil
    let scopeOfStack = scope("stack")
    relativeBias =
      sizes.positions == .relative
      ? scopeOfStack("relative_attention_bias").matrix(
        "weight", rows: sizes.relativeBuckets, columns: c.heads, role: .position, .constant(0)) : nil
    bigrams = sizes.bigramRows.map { BigramEmbedding(rows: $0, width: c.width, in: scope("bigram_embedding")) }
    let entering = Self.initializer(columns: c.width)
    func leaving(_ columns: Int) -> Initializer {
      guard !sizes.startsAtZero else { return .constant(0) }
      // Residual branches start smaller the more of them are summed, as in GPT-2.
      return .normal(standardDeviation: 1 / Double(6 * columns * sizes.layers).squareRoot())
    }
    let feedForward = FeedForwardLayer.Style(
      width: c.width, inner: c.feedForward, activation: c.activation, gated: c.isGated, hasBias: false, dropout: 0,
      inputInitializer: entering, outputInitializer: leaving(c.feedForward))
    var mix: [Double] = []
    if sizes.hasShortcut { mix.append(0) }
    if bigrams != nil { mix.append(0.1) }
    if !mix.isEmpty { mix.insert(1, at: 0) }
    let blocks = (0..<sizes.layers).map { layer in
      let addsValues = sizes.valueEmbeddingStride.map { (sizes.layers - 1 - layer) % $0 == 0 } ?? false
      let attention = AttentionStyle(
        width: c.width, heads: c.heads, headDimension: c.headDimension, hasBias: false, scale: sizes.scoreScale,
        dropout: dropout, queryInitializer: entering, keyValueInitializer: entering,
        outputInitializer: leaving(c.inner), rotary: sizes.positions == .rotary ? sizes.rotary : nil,
        headNorm: sizes.normalizesHeads ? c.epsilon : nil,
        valueVocabulary: addsValues ? configuration.vocabularySize : nil)
      return TransformerBlock(
        norm: .rms, epsilon: c.epsilon, attention: attention, feedForward: feedForward,
        hasCrossAttention: false, dropout: dropout, mix: mix, in: scopeOfStack.block(layer))
    }
    let norm = Normalization(.rms, width: c.width, epsilon: c.epsilon, in: scopeOfStack("final_norm"))
    stack = TransformerStack(blocks: blocks, finalNorm: norm, dropout: dropout)
  }

  func read(_ batch: Batch, recomputing: Bool, on tape: Tape) -> (hidden: Tensor, rows: SequenceRows) {
    states(
      sizes.reading == .encoder ? batch.encoder : batch.decoder, state: nil, recomputing: recomputing, on: tape)
  }

  func states(
    _ sequences: TokenSequences, state: (any SequenceState)?, recomputing: Bool, on tape: Tape
  ) -> (hidden: Tensor, rows: SequenceRows) {
    let rows = SequenceRows(sequences, following: state)
    let embedded = tape.embed(rows, tokenEmbedding)
    var first = embeddingNorm?.stream(embedded, on: tape) ?? embedded
    if let positionWeights {
      first = tape.weightedSum([first, tape.sinusoids(rows, width: first.columns)], positionWeights)
    }
    var others = sizes.hasShortcut ? [first] : []
    if let bigrams { others.append(bigrams(rows, following: state, on: tape)) }
    let isCausal = sizes.reading != .encoder
    let bias = relativeBias.map { table in
      tape.relativeBias(
        table,
        RelativePositionBuckets(
          count: sizes.relativeBuckets, maximumDistance: sizes.relativeDistance,
          bidirectional: sizes.reading != .decoder), length: rows.reach)
    }
    let hidden = stack(
      first, rows, isCausal: isCausal, bias: bias, others: others, state: state, isShared: false,
      recomputing: recomputing, on: tape)
    return (hidden, rows)
  }

  func forwardOperations(_ batch: Batch) -> Double {
    stack.operations(sizes.reading == .encoder ? batch.encoder : batch.decoder)
  }
}

/// A table that is looked up by a token and the one before it, which share a row with others (the hash and the
/// factors are those of the GPT-2 speed runs, 2026).
private struct BigramEmbedding: Sendable {
  /// [R, width]; the last row is that of a sequence's first token.
  private let table: Parameter

  init(rows: Int, width: Int, in scope: ParameterScope) {
    table = scope.matrix("weight", rows: rows, columns: width, role: .embedding, .constant(0))
  }

  func callAsFunction(_ rows: SequenceRows, following state: (any SequenceState)?, on tape: Tape) -> Tensor {
    var ids = [Int32](repeating: -1, count: rows.rowCount)
    let past = state?.own(DecodingCache.self).lastTokens
    for (sequence, offset) in rows.offsets.enumerated() {
      var previous = past?[sequence]
      for row in offset..<offset + rows.lengths[sequence] {
        let token = rows.tokens[row]
        ids[row] = previous.map { index(of: token, after: $0) } ?? Int32(table.rows - 1)
        previous = token
      }
    }
    return tape.lookUp(ids, table)
  }

  private func index(of token: TokenID, after previous: TokenID) -> Int32 {
    let hash = (36_313 * UInt64(UInt32(bitPattern: token))) ^ (27_191 * UInt64(UInt32(bitPattern: previous)))
    return Int32(hash % UInt64(table.rows - 1))
  }
}
