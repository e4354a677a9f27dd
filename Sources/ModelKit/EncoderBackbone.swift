import Autograd
import Records

/// An encoder whose output layer reads its states as they are: a reader, and an embedding that may be the reader's.
public struct EncoderBackbone<Reader: StateReader>: TokenPredictor {
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

  public func forward(
    _ batch: Batch, following state: (any CarriedState)?, recomputing: Bool, on tape: Tape
  ) -> BackboneOutput {
    precondition(state == nil, "an encoder keeps nothing of what it has read")
    let (hidden, rows) = reader.read(batch, recomputing: recomputing, on: tape)
    return BackboneOutput(hidden: hidden, rows: rows, vocabularyHead: head)
  }

  public func forwardOperations(_ batch: Batch) -> Double {
    reader.forwardOperations(batch) + Double(batch.targetCount) * head.operations
  }
}
