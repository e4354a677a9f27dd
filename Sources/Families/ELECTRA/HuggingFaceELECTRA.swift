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
    var configuration = try config.encoder(family: isGenerator ? "bert" : "electra")
    let width = try config.size(
      "embedding_size", in: 1...TransformerConfiguration.Limit.width, default: 128)
    if isGenerator {
      // Its head always has the exact GELU.
      try config.require("hidden_act", "gelu")
      configuration.embeddingWidth = width
    } else {
      configuration.embeddingWidth = width == configuration.width ? nil : width
      configuration.answers = try config.answers(weights, output: "classifier.out_proj.weight")
    }
    return HuggingFaceModel(configuration: configuration, map: map(configuration))
  }

  private static func map(_ c: TransformerConfiguration) -> ForeignKeyMap {
    let head: ForeignKeyMap.EncoderHead =
      c.answers?.first.map { .answers(task: $0.task) } ?? (c.family == "electra" ? .detection : .vocabulary)
    return .electra(
      layers: c.encoderLayers, isProjected: c.embeddingWidth.map { $0 != c.width } ?? false, head: head,
      isTied: c.tied)
  }

  static func claims(_ c: TransformerConfiguration) -> Bool {
    c.family == "electra" || c.family == "bert" && c.embeddingWidth != nil
  }

  static func export(
    _ c: TransformerConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> HuggingFaceExport {
    guard c.family == "electra" || c.activation == .exactGELU else {
      throw GraftError(
        .usage, "the head of transformers' ELECTRA generator has no activation but the exact GELU",
        hint: "only models with \"exact-gelu\" can be written.")
    }
    guard c.family == "electra" || c.answers == nil else {
      throw GraftError(
        .usage, "transformers has no BERT with narrow embeddings that answers a task",
        hint: "only its masked language model can be written, as ELECTRA's generator.")
    }
    var config = try c.encoderConfig(tokens)
    config["embedding_size"] = .integer(c.embeddingWidth ?? c.width)
    let architecture =
      c.answers != nil
      ? "ElectraForSequenceClassification"
      : c.family == "electra" ? "ElectraForPreTraining" : "ElectraForMaskedLM"
    // A generator that was trained beside the discriminator is a model of its own there.
    return HuggingFaceExport(
      architecture: architecture, map: map(c), config: config,
      part: StorePart(others: c.generatorSize == nil ? [] : ["generator."]))
  }
}
