import Autograd
import ModelKit
import Records
import Support

/// ELECTRA (Clark et al. 2020) as it is pretrained: a discriminator that says of every token whether it was replaced
/// and, with `generatorSize`, the small generator that replaces them. Both enter by the same embeddings.
struct ELECTRABackbone: ReplacedTokenDetector {
  let configuration: ModelConfiguration
  let traits: ModelTraits
  var tokenEmbedding: Parameter { encoder.tokenEmbedding }
  let generator: (any TokenPredictor)?
  private let encoder: BERTEncoder
  private let head: DetectionHead

  init(_ sizes: ELECTRA, _ configuration: ModelConfiguration, in scope: ParameterScope) throws(GraftError) {
    self.configuration = configuration
    traits = sizes.traits(configuration)
    encoder = BERTEncoder(sizes.encoder, configuration, in: scope)
    head = DetectionHead(
      width: sizes.encoder.blocks.width, activation: sizes.encoder.blocks.activation,
      initializer: sizes.encoder.initializer, in: scope.head("detection_head"))
    if let small = sizes.generator(of: configuration) {
      let (bert, complete) = try BERT.member(small)
      let scope = scope.head(ELECTRA.generatorScope)
      generator = BERTBackbone(
        bert, complete, BERTEncoder(bert.encoder, complete, sharing: encoder.embeddings, in: scope), in: scope)
    } else {
      generator = nil
    }
  }

  func detect(_ batch: Batch, recomputing: Bool, on tape: Tape) -> DetectionOutput {
    let (hidden, rows) = encoder.read(batch, recomputing: recomputing, on: tape)
    return DetectionOutput(hidden: hidden, rows: rows, head: head)
  }

  func forwardOperations(_ batch: Batch) -> Double {
    encoder.forwardOperations(batch) + Double(batch.encoder.tokens.count) * head.operations
      + (generator?.forwardOperations(batch) ?? 0)
  }
}
