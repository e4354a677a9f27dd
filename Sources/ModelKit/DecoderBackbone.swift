import Autograd
import Records

/// What a decoder that stands alone has below its output.
public protocol DecoderReader: StateReader {
  /// States [N, width] of the sequences in the operand type.
  /// - Parameters:
  ///   - state: what earlier calls read, which the sequences continue; nil to read whole sequences.
  ///   - recomputing: whether layers keep only their input for the backward pass.
  func states(
    _ sequences: TokenSequences, state: (any SequenceState)?, recomputing: Bool, on tape: Tape
  ) -> (hidden: Tensor, rows: SequenceRows)

  /// An empty state; by default the keys and values of a transformer. See `GenerativeBackbone`.
  func makeState(sequences: Int, rowsPerSequence: Int) -> any SequenceState

  /// An empty state that training may carry; by default nil. See `GenerativeBackbone`.
  func makeCarriedState(sequences: Int) -> (any CarriedState)?
}

extension DecoderReader {
  public func read(_ batch: Batch, recomputing: Bool, on tape: Tape) -> (hidden: Tensor, rows: SequenceRows) {
    states(batch.decoder, state: nil, recomputing: recomputing, on: tape)
  }

  public func makeState(sequences: Int, rowsPerSequence: Int) -> any SequenceState {
    DecodingCache(sequences: sequences, rowsPerSequence: rowsPerSequence)
  }

  public func makeCarriedState(sequences: Int) -> (any CarriedState)? { nil }
}

/// A decoder that stands alone: a reader, and an output layer that may be its embedding.
public struct DecoderBackbone<Reader: DecoderReader>: GenerativeBackbone {
  public var configuration: ModelConfiguration { parts.configuration }
  public var traits: ModelTraits { parts.traits }
  public var tokenEmbedding: Parameter { parts.reader.tokenEmbedding }
  private let parts: BackboneParts<Reader>

  /// A model of these parts.
  public init(_ parts: BackboneParts<Reader>) { self.parts = parts }

  public func makeState(sequences: Int, rowsPerSequence: Int) -> any SequenceState {
    parts.reader.makeState(sequences: sequences, rowsPerSequence: rowsPerSequence)
  }

  public func makeCarriedState(sequences: Int) -> (any CarriedState)? {
    parts.reader.makeCarriedState(sequences: sequences)
  }

  public func decode(
    _ sequences: TokenSequences, memory: EncodedInputs?, state: (any SequenceState)?, recomputing: Bool,
    on tape: Tape
  ) -> BackboneOutput {
    let (hidden, rows) = parts.reader.states(sequences, state: state, recomputing: recomputing, on: tape)
    return BackboneOutput(hidden: hidden, rows: rows, vocabularyHead: parts.head)
  }

  public func forwardOperations(_ batch: Batch) -> Double {
    parts.forwardOperations(batch)
  }
}
