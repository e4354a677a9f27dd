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
  public let configuration: ModelConfiguration
  public let traits: ModelTraits
  public var tokenEmbedding: Parameter { reader.tokenEmbedding }
  private let reader: Reader
  private let head: VocabularyHead

  /// - Parameters:
  ///   - reader: declared in the same scope before.
  ///   - isTied: whether the output layer is the reader's embedding.
  ///   - initializer: of an output layer of its own, [V, width].
  ///   - cap: bounds the logits; see `VocabularyHead`.
  public init(
    _ configuration: ModelConfiguration, _ traits: ModelTraits, _ reader: Reader, isTied: Bool, width: Int,
    initializer: Initializer, cap: Double? = nil, in scope: ParameterScope
  ) {
    (self.configuration, self.traits, self.reader) = (configuration, traits, reader)
    head = VocabularyHead(reader.tokenEmbedding, isTied: isTied, width: width, initializer, cap: cap, in: scope)
  }

  public func makeState(sequences: Int, rowsPerSequence: Int) -> any SequenceState {
    reader.makeState(sequences: sequences, rowsPerSequence: rowsPerSequence)
  }

  public func makeCarriedState(sequences: Int) -> (any CarriedState)? {
    reader.makeCarriedState(sequences: sequences)
  }

  public func decode(
    _ sequences: TokenSequences, memory: EncodedInputs?, state: (any SequenceState)?, recomputing: Bool,
    on tape: Tape
  ) -> BackboneOutput {
    let (hidden, rows) = reader.states(sequences, state: state, recomputing: recomputing, on: tape)
    return BackboneOutput(hidden: hidden, rows: rows, vocabularyHead: head)
  }

  public func forwardOperations(_ batch: Batch) -> Double {
    reader.forwardOperations(batch) + Double(batch.targetCount) * head.operations
  }
}
