import Autograd
import Records

/// What a model of one reader is made of, whichever way it reads: the reader, and an output layer that may be its
/// embedding.
public struct BackboneParts<Reader: StateReader>: Sendable {
  let configuration: ModelConfiguration
  let traits: ModelTraits
  let reader: Reader
  let head: VocabularyHead

  /// - Parameters:
  ///   - reader: declared in the same scope before.
  ///   - isTied: whether the output layer is the reader's embedding.
  ///   - initializer: of an output layer of its own, [V, width].
  ///   - cap: bounds the logits; see `VocabularyHead`.
  public init(
    _ configuration: ModelConfiguration, _ traits: ModelTraits, _ reader: Reader, isTied: Bool, width: Int,
    initializer: Initializer, cap: Double? = nil, in scope: ParameterScope
  ) {
    self.init(
      configuration, traits, reader,
      VocabularyHead(reader.tokenEmbedding, isTied: isTied, width: width, initializer, cap: cap, in: scope))
  }

  /// With an output layer that was declared before.
  public init(_ configuration: ModelConfiguration, _ traits: ModelTraits, _ reader: Reader, _ head: VocabularyHead) {
    (self.configuration, self.traits, self.reader, self.head) = (configuration, traits, reader, head)
  }

  func forwardOperations(_ batch: Batch) -> Double {
    reader.forwardOperations(batch) + Double(batch.targetCount) * head.operations
  }
}
