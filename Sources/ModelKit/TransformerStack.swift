import Autograd
import Records

/// Blocks one after another, with a final normalisation where the blocks do not end in one.
public struct TransformerStack: Sendable {
  private let blocks: [TransformerBlock]
  private let finalNorm: Normalization?
  private let dropout: Double

  /// - Parameters:
  ///   - finalNorm: for blocks that normalise before their branches; nil for those that end in a norm.
  ///   - dropout: of what enters the first block.
  public init(blocks: [TransformerBlock], finalNorm: Normalization?, dropout: Double) {
    self.blocks = blocks
    self.finalNorm = finalNorm
    self.dropout = dropout
  }

  /// - Parameters:
  ///   - embedded: [N, width] f32.
  ///   - bias: added to the scores of every block's attention to its own sequences.
  ///   - ownBiases: the same of each block, where they have different ones.
  ///   - relative: rows for distances, for attention that reads any: [rows, width] f32.
  ///   - others: what every block reads beside the stream, for blocks with a mix: [N, width] f32 each.
  ///   - isShared: whether several operations will read the result; only for a stack with a final norm.
  ///   - recomputing: whether blocks keep only their input for the backward pass.
  ///   - state: keys and values of earlier positions, to which those of these rows are added; nil in training.
  /// - Returns: normalised states [N, width] in the operand type.
  public func callAsFunction(
    _ embedded: Tensor, _ rows: SequenceRows, isCausal: Bool, bias: Tensor?, ownBiases: [Tensor] = [],
    relative: Tensor? = nil,
    others: [Tensor] = [],
    memory: EncodedInputs? = nil, state: (any SequenceState)? = nil, isShared: Bool, recomputing: Bool,
    on tape: Tape
  ) -> Tensor {
    let cache = state?.own(DecodingCache.self)
    precondition(cache == nil || !tape.isRecording, "a cache is for decoding, where nothing is recorded")
    var x = tape.dropout(embedded, dropout)
    tape.show(x, rows, as: "embedding")
    for (index, block) in blocks.enumerated() {
      let bias = ownBiases.isEmpty ? bias : ownBiases[index]
      if recomputing {
        let input = x
        x = tape.recomputed([input, bias, relative, memory?.states].compactMap { $0 } + others) {
          block(
            input, rows, isCausal: isCausal, bias: bias, relative: relative, others: others, memory: memory, on: tape)
        }
      } else {
        x = tape.settled {
          block(
            x, rows, isCausal: isCausal, bias: bias, relative: relative, others: others, memory: memory,
            cache: cache?.layer(index), on: tape)
        }
      }
      tape.show(x, rows, as: "\(index)")
    }
    cache?.advance(over: rows)
    guard let finalNorm else { return tape.narrowed(x) }
    let states = finalNorm(x, on: tape, shared: isShared)
    tape.show(states, rows, as: "output")
    return states
  }

  /// Floating-point operations of matrix products in one forward pass, without padding or recomputation: what the
  /// layers' weights and the lengths of the sequences come to.
  /// - Parameter memory: what cross-attention reads, a sequence each.
  public func operations(_ sequences: TokenSequences, over memory: TokenSequences? = nil) -> Double {
    blocks.reduce(0) { $0 + $1.operations(sequences.lengths, over: memory?.lengths) }
  }
}

extension [Int] {
  /// Of sequences of these lengths.
  var tokens: Double { Double(reduce(0, +)) }
}
