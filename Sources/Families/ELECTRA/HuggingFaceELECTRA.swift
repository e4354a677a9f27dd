import Checkpointing
import ModelKit
import Support

/// ELECTRA's discriminator, with its detection head or fine-tuned on one task, and its generator, which to Graft is a
/// BERT with narrower embeddings. transformers keeps the two in folders of their own.
enum HuggingFaceELECTRA: HuggingFaceModelType {
  static func model(_ config: HuggingFaceConfig, _ weights: WeightFiles) throws(GraftError)
    -> HuggingFaceModel
  {
    // Both have the same keys: the head says which it is.
    let isGenerator = weights.contains("generator_predictions.dense.weight")
    var configuration = try config.encoder(family: isGenerator ? BERT.name : ELECTRA.name)
    let width = SizeValue(try config.size("embedding_size", in: 1...SizeLimit.width, default: 128))
    if isGenerator {
      // Its head always has the exact GELU.
      try config.require("hidden_act", "gelu")
      configuration.sizes["embeddingWidth"] = width
    } else {
      configuration.sizes["embeddingWidth"] = width == configuration.sizes["width"] ? nil : width
      try configuration.readClassifier(config, weights, output: "classifier.out_proj.weight")
    }
    let (encoder, complete) = try encoder(of: configuration, source: config.path)
    return HuggingFaceModel(configuration: complete, map: map(encoder, complete))
  }

  /// Of a discriminator or of a generator.
  private static func encoder(
    of configuration: ModelConfiguration, source: String?
  ) throws(GraftError) -> (encoder: EncoderSizes, configuration: ModelConfiguration) {
    if configuration.family == ELECTRA.name {
      let (electra, complete) = try ELECTRA.member(configuration, source: source)
      return (electra.encoder, complete)
    }
    let (bert, complete) = try BERT.member(configuration, source: source)
    return (bert.encoder, complete)
  }

  private static func map(_ encoder: EncoderSizes, _ configuration: ModelConfiguration) -> ForeignKeyMap {
    let isDiscriminator = configuration.family == ELECTRA.name
    return .electra(
      layers: encoder.layers, isProjected: encoder.isProjected,
      head: configuration.answers?.first.map { .answers(task: $0.task) }
        ?? (isDiscriminator ? .detection : .vocabulary),
      isTied: encoder.blocks.isTied)
  }

  static func claims(_ configuration: ModelConfiguration) -> Bool {
    configuration.family == ELECTRA.name || BERT.kind(configuration) == .electraGenerator
  }

  static func export(
    _ configuration: ModelConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> HuggingFaceExport {
    let (encoder, c) = try encoder(of: configuration, source: nil)
    let isDiscriminator = c.family == ELECTRA.name
    guard isDiscriminator || encoder.blocks.activation == .exactGELU else {
      throw GraftError(
        .usage, "the head of transformers' ELECTRA generator has no activation but the exact GELU",
        hint: "only models with \"exact-gelu\" can be written.")
    }
    guard isDiscriminator || c.answers == nil else {
      throw GraftError(
        .usage, "transformers has no BERT with narrow embeddings that answers a task",
        hint: "only its masked language model can be written, as ELECTRA's generator.")
    }
    var config = try encoder.config(c, tokens)
    config["embedding_size"] = .integer(encoder.embeddingWidth)
    let architecture =
      c.answers != nil
      ? "ElectraForSequenceClassification"
      : isDiscriminator ? "ElectraForPreTraining" : "ElectraForMaskedLM"
    // A generator that was trained beside the discriminator is a model of its own there.
    return HuggingFaceExport(
      architecture: architecture, map: map(encoder, c), config: config, maximumLength: encoder.maximumLength,
      readsSegments: encoder.segments > 1,
      part: StorePart(others: isDiscriminator ? ["\(ELECTRA.generatorScope)."] : []))
  }
}
