import Autograd
import Records

/// An encoder that predicts tokens: a reader, and an output layer whose embedding may be the reader's.
public struct EncoderBackbone<Reader: StateReader>: TokenPredictor {
  public var configuration: ModelConfiguration { parts.configuration }
  public var traits: ModelTraits { parts.traits }
  public var tokenEmbedding: Parameter { parts.reader.tokenEmbedding }
  private let parts: BackboneParts<Reader>

  /// A model of these parts.
  public init(_ parts: BackboneParts<Reader>) { self.parts = parts }

  public func forward(
    _ batch: Batch, following state: (any CarriedState)?, recomputing: Bool, on tape: Tape
  ) -> BackboneOutput {
    precondition(state == nil, "an encoder keeps nothing of what it has read")
    let (hidden, rows) = parts.reader.read(batch, recomputing: recomputing, on: tape)
    return BackboneOutput(hidden: hidden, rows: rows, vocabularyHead: parts.head)
  }

  public func forwardOperations(_ batch: Batch) -> Double {
    parts.forwardOperations(batch)
  }
}
