import Checkpointing
import ModelKit
import Support

/// ALBERT (Lan et al. 2020), which to Graft is a BERT with narrow embeddings all of whose layers are one.
enum HuggingFaceALBERT: HuggingFaceModelType {
  static func model(_ config: HuggingFaceConfig, _ weights: WeightFiles) throws(GraftError)
    -> HuggingFaceModel
  {
    try config.require("num_hidden_groups", 1)
    try config.require("inner_group_num", 1)
    var configuration = try config.encoder(family: BERT.name, activation: "gelu_new")
    let width = try config.size("embedding_size", in: 1...SizeLimit.width, default: 128)
    guard configuration.sizes["width"] != SizeValue(width) else {
      throw config.unsupported("embedding_size", hint: "only another one than 'hidden_size' is.")
    }
    configuration.sizes.merge(["embeddingWidth": SizeValue(width), "sharesLayers": true]) { $1 }
    try configuration.readClassifier(config, weights, output: "classifier.weight")
    let (bert, complete) = try BERT.member(configuration, source: config.path)
    return HuggingFaceModel(configuration: complete, map: map(bert, complete))
  }

  private static func map(_ bert: BERT, _ configuration: ModelConfiguration) -> ForeignKeyMap {
    .albert(head: .of(configuration.answers), isTied: bert.encoder.blocks.isTied)
  }

  static func claims(_ configuration: ModelConfiguration) -> Bool { BERT.kind(configuration) == .albert }

  static func export(
    _ configuration: ModelConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> HuggingFaceExport {
    let (bert, complete) = try BERT.member(configuration)
    var config = try bert.encoder.config(complete, tokens)
    config.merge([
      "embedding_size": .integer(bert.encoder.embeddingWidth), "inner_group_num": .integer(1),
      "num_hidden_groups": .integer(1),
    ]) { $1 }
    return HuggingFaceExport(
      architecture: complete.answers != nil ? "AlbertForSequenceClassification" : "AlbertForMaskedLM",
      map: map(bert, complete), config: config, maximumLength: bert.encoder.maximumLength,
      readsSegments: bert.encoder.segments > 1)
  }
}
