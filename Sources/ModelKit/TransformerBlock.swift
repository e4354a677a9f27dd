import Autograd

/// One pre-norm transformer block: self-attention, optionally cross-attention, feed-forward. It serves encoders,
/// decoders and decoder-only models alike; families differ in the styles they pass.
public struct TransformerBlock: Sendable {
  private let attentionNorm: Normalization
  private let attention: AttentionLayer
  private let crossAttentionNorm: Normalization?
  private let crossAttention: AttentionLayer?
  private let feedForwardNorm: Normalization
  private let feedForward: FeedForwardLayer
  private let dropout: Double

  public init(
    norm: NormalizationKind, epsilon: Double, attention attentionStyle: AttentionStyle,
    feedForward feedForwardStyle: FeedForwardLayer.Style, hasCrossAttention: Bool, dropout: Double,
    in scope: ParameterScope
  ) {
    let width = attentionStyle.width
    func makeNorm(_ name: String) -> Normalization {
      Normalization(norm, width: width, epsilon: epsilon, in: scope(name))
    }
    attentionNorm = makeNorm("attention_norm")
    attention = AttentionLayer(attentionStyle, in: scope("attention"))
    crossAttentionNorm = hasCrossAttention ? makeNorm("cross_attention_norm") : nil
    crossAttention =
      hasCrossAttention ? AttentionLayer(attentionStyle, in: scope("cross_attention")) : nil
    feedForwardNorm = makeNorm("feed_forward_norm")
    feedForward = FeedForwardLayer(feedForwardStyle, in: scope("feed_forward"))
    self.dropout = dropout
  }

  /// What the block attends to beside its own input.
  public struct Memory {
    public var states: Tensor
    public var rows: SequenceRows

    public init(states: Tensor, rows: SequenceRows) {
      self.states = states
      self.rows = rows
    }
  }

  /// x [N, width] f32 to [N, width] f32.
  public func callAsFunction(
    _ x: Tensor, _ rows: SequenceRows, isCausal: Bool, bias: Tensor?, memory: Memory? = nil, on tape: Tape
  ) -> Tensor {
    var x = x
    let attended = attention.attend(
      attentionNorm(x, on: tape), rows, isCausal: isCausal, bias: bias, on: tape)
    x = tape.residual(x, attended, bias: attention.outputBias, dropout: dropout)
    if let crossAttention, let crossAttentionNorm, let memory {
      let crossed = crossAttention.attend(
        crossAttentionNorm(x, on: tape), rows, over: memory.states, memory.rows, on: tape)
      x = tape.residual(x, crossed, bias: crossAttention.outputBias, dropout: dropout)
    }
    let transformed = feedForward(feedForwardNorm(x, on: tape), on: tape)
    return tape.residual(x, transformed, bias: feedForward.outputBias, dropout: dropout)
  }
}
