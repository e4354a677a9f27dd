import Autograd

/// Whether a block normalises what enters its branches (T5, GPT-2) or the sum after each branch (BERT).
public enum NormPlacement: Sendable {
  /// x + branch(norm(x)); a stack of such blocks ends in a norm of its own.
  case beforeBranches
  /// The same with both branches of a decoder reading the same x: x + attention(norm(x)) + feed-forward(norm′(x)), as
  /// in GPT-NeoX (Black et al. 2022).
  case beforeParallelBranches
  /// norm(x + branch(x)), as in the first Transformer (Vaswani et al. 2017).
  case afterBranches
}

/// One transformer block: self-attention, optionally cross-attention, feed-forward. It serves encoders, decoders and
/// decoder-only models alike; families differ in the styles they pass.
public struct TransformerBlock: Sendable {
  /// Nil where what enters is normalised already.
  private let attentionNorm: Normalization?
  private let attention: AttentionLayer
  private let crossAttentionNorm: Normalization?
  private let crossAttention: AttentionLayer?
  private let feedForwardNorm: Normalization
  private let feedForward: FeedForwardLayer
  private let placement: NormPlacement
  private let dropout: Double
  /// What the block reads is weighted by; nil where it reads the stream alone.
  private let mix: Parameter?

  /// Declares attention, cross-attention if there is to be one, and feed-forward, each behind its norm.
  /// - Parameters:
  ///   - biasesNorms: whether its LayerNorms have biases.
  ///   - normalizesAttention: whether attention stands behind a norm, too; with norms before the branches it may not.
  ///   - mix: the first weights of the stream and of every other tensor that the block reads beside it; of the stream
  ///     alone if it is empty.
  public init(
    norm: NormalizationKind, placement: NormPlacement = .beforeBranches, epsilon: Double, biasesNorms: Bool = true,
    normalizesAttention: Bool = true,
    attention attentionStyle: AttentionStyle,
    feedForward feedForwardStyle: FeedForwardLayer.Style, hasCrossAttention: Bool, dropout: Double,
    mix weights: [Double] = [], in scope: ParameterScope
  ) {
    let width = attentionStyle.width
    func makeNorm(_ name: String) -> Normalization {
      Normalization(norm, width: width, epsilon: epsilon, hasBias: biasesNorms, in: scope(name))
    }
    precondition(normalizesAttention || placement == .beforeBranches, "a sum of branches is normalised")
    attentionNorm = normalizesAttention ? makeNorm("attention_norm") : nil
    attention = AttentionLayer(attentionStyle, in: scope("attention"))
    crossAttentionNorm = hasCrossAttention ? makeNorm("cross_attention_norm") : nil
    crossAttention =
      hasCrossAttention ? AttentionLayer(attentionStyle, in: scope("cross_attention")) : nil
    feedForwardNorm = makeNorm("feed_forward_norm")
    feedForward = FeedForwardLayer(feedForwardStyle, in: scope("feed_forward"))
    self.placement = placement
    self.dropout = dropout
    mix =
      weights.isEmpty
      ? nil : scope("mix").vector("weight", count: weights.count, role: .gain, .parts(weights))
  }

  /// The parameters of `block` with a cross-attention of its own, for decoders that share the encoder's blocks.
  public init(
    sharing block: TransformerBlock, norm: NormalizationKind, epsilon: Double,
    crossAttention style: AttentionStyle, in scope: ParameterScope
  ) {
    attentionNorm = block.attentionNorm
    attention = block.attention
    crossAttentionNorm = Normalization(
      norm, width: style.width, epsilon: epsilon, in: scope("cross_attention_norm"))
    crossAttention = AttentionLayer(style, in: scope("cross_attention"))
    feedForwardNorm = block.feedForwardNorm
    feedForward = block.feedForward
    placement = block.placement
    dropout = block.dropout
    mix = nil
  }

  /// x [N, width] f32 to [N, width] f32.
  /// - Parameters:
  ///   - others: what is read beside x, for a block with a mix: [N, width] f32 each.
  ///   - relative: see `AttentionLayer.attend`.
  ///   - cache: where keys and values are kept from one call to the next.
  public func callAsFunction(
    _ x: Tensor, _ rows: SequenceRows, isCausal: Bool, bias: Tensor?, relative: Tensor? = nil, others: [Tensor] = [],
    memory: EncodedInputs? = nil, cache: CachedLayer? = nil, on tape: Tape
  ) -> Tensor {
    let entering = mix.map { tape.weightedSum([x] + others, $0) } ?? x
    var x = branch(entering, attentionNorm, outputBias: attention.outputBias, on: tape) {
      attention.attend($0, rows, isCausal: isCausal, bias: bias, relative: relative, cache: cache, on: tape)
    }
    if let crossAttention, let crossAttentionNorm, let memory {
      x = branch(x, crossAttentionNorm, outputBias: crossAttention.outputBias, on: tape) {
        crossAttention.attend($0, rows, over: memory.states, memory.rows, cache: cache, on: tape)
      }
    }
    if placement == .beforeParallelBranches {
      let body = feedForward(feedForwardNorm(entering, on: tape), on: tape)
      return tape.residual(x, body, bias: feedForward.outputBias, dropout: dropout)
    }
    return branch(x, feedForwardNorm, outputBias: feedForward.outputBias, on: tape) {
      feedForward($0, on: tape)
    }
  }

  /// Operations of matrix products for sequences of these lengths.
  func operations(_ lengths: [Int], over memory: [Int]?) -> Double {
    attention.operations(lengths) + feedForward.operations(tokens: lengths.tokens)
      + (memory.flatMap { crossAttention?.operations(lengths, over: $0) } ?? 0)
  }

  /// x + body(norm(x)), or norm(x + body(x)).
  private func branch(
    _ x: Tensor, _ norm: Normalization?, outputBias: Parameter?, on tape: Tape, _ body: (Tensor) -> Tensor
  ) -> Tensor {
    switch placement {
    case .beforeBranches, .beforeParallelBranches:
      let normalized = norm?(x, on: tape) ?? tape.narrowed(x)
      return tape.residual(x, body(normalized), bias: outputBias, dropout: dropout)
    case .afterBranches:
      let sum = tape.residual(x, body(tape.narrowed(x)), bias: outputBias, dropout: dropout)
      return norm?.stream(sum, on: tape) ?? sum
    }
  }
}
