import Autograd
import ModelKit
import Records
import Support

/// ELECTRA (Clark et al. 2020) as it is pretrained: a discriminator that says of every token whether it was replaced
/// and, with `generatorSize`, the small generator that replaces them. Both enter by the same embeddings.
public struct ELECTRABackbone: ReplacedTokenDetector {
  public var configuration: TransformerConfiguration { encoder.configuration }
  public let layout = BatchLayout.encoder
  public var tokenEmbedding: Parameter { encoder.embeddings.tokens }
  public let generator: (any TokenPredictor)?
  private let encoder: BERTEncoder
  private let head: DetectionHead

  public init(_ configuration: TransformerConfiguration, in scope: ParameterScope) throws(GraftError) {
    encoder = try BERTEncoder(configuration, in: scope)
    head = DetectionHead(
      width: configuration.width, activation: configuration.activation,
      initializer: configuration.initializer, in: scope("detection_head"))
    if let small = ELECTRABackbone.generatorConfiguration(of: configuration) {
      generator = try BERTBackbone(small, sharing: encoder.embeddings, in: scope("generator"))
    } else {
      generator = nil
    }
  }

  /// As deep as the discriminator, with narrower layers and as many heads as fit (`configure_pretraining.py`).
  public static func generatorConfiguration(
    of configuration: TransformerConfiguration
  ) -> TransformerConfiguration? {
    guard let size = configuration.generatorSize else { return nil }
    var generator = configuration
    func scaled(_ value: Int) -> Int { max(1, Int((Double(value) * size).rounded())) }
    generator.family = "bert"
    generator.generatorSize = nil
    generator.embeddingWidth = configuration.embeddingWidth ?? configuration.width
    generator.width = scaled(configuration.width)
    generator.feedForward = scaled(configuration.feedForward)
    generator.heads = max(1, generator.width / configuration.headDimension)
    return generator
  }

  public func detect(_ batch: Batch, recomputing: Bool, on tape: Tape) -> DetectionOutput {
    let (hidden, rows) = encoder(batch.encoder, recomputing: recomputing, on: tape)
    return DetectionOutput(hidden: hidden, rows: rows, head: head)
  }

  public func forwardOperations(_ batch: Batch) -> Double {
    encoder.operations(batch.encoder) + Double(batch.encoder.tokens.count) * head.operations
      + (generator?.forwardOperations(batch) ?? 0)
  }
}
