import Checkpointing
import ModelKit
import Support

/// RoBERTa and XLM-RoBERTa, which to Graft are BERTs whose positions begin behind the padding token's; their heads have
/// other names. An XLM-RoBERTa is written as a RoBERTa, which computes the same.
enum HuggingFaceRoBERTa: HuggingFaceModelType {
  static func model(_ config: HuggingFaceConfig, _ weights: WeightFiles) throws(GraftError)
    -> HuggingFaceModel
  { try model(config, weights, adding: [:]) }

  /// - Parameter sizes: of a model that is like it but for these.
  static func model(
    _ config: HuggingFaceConfig, _ weights: WeightFiles, adding sizes: [String: SizeValue]
  ) throws(GraftError) -> HuggingFaceModel {
    var configuration = try config.encoder(family: BERT.name)
    configuration.sizes.merge(sizes) { $1 }
    let firstPosition = try config.size("pad_token_id", in: 0...1 << 16, default: 1) + 1
    let rows = try config.size("max_position_embeddings", in: 1...SizeLimit.maximumLength)
    guard rows > firstPosition else {
      throw config.unsupported(
        "max_position_embeddings", hint: "the first \(firstPosition) are for padding; it must be larger.")
    }
    configuration.sizes["firstPosition"] = SizeValue(firstPosition)
    configuration.sizes["maximumLength"] = SizeValue(rows - firstPosition)
    try configuration.readClassifier(config, weights, output: "classifier.out_proj.weight")
    if configuration.answers == nil, weights.contains("lm_head.dense.weight") {
      // Its head always has the exact GELU.
      try config.require("hidden_act", "gelu")
    }
    let (bert, complete) = try BERT.member(configuration, source: config.path)
    return HuggingFaceModel(configuration: complete, map: map(bert, complete))
  }

  private static func map(_ bert: BERT, _ configuration: ModelConfiguration) -> ForeignKeyMap {
    .roberta(
      layers: bert.encoder.layers, head: .of(configuration.answers), isTied: bert.encoder.blocks.isTied,
      isMPNet: bert.encoder.relativeBuckets != nil)
  }

  static func claims(_ configuration: ModelConfiguration) -> Bool { BERT.kind(configuration) == .roberta }

  static func export(
    _ configuration: ModelConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> HuggingFaceExport {
    let (bert, complete) = try BERT.member(configuration)
    let encoder = bert.encoder
    guard complete.answers != nil || encoder.blocks.activation == .exactGELU else {
      throw GraftError(
        .usage, "the head of transformers' RoBERTa and MPNet has no activation but the exact GELU",
        hint: "only models with \"exact-gelu\" can be written.")
    }
    var config = try encoder.config(complete, tokens)
    // The positions begin behind the row of this token.
    config["pad_token_id"] = .integer(encoder.firstPosition - 1)
    return HuggingFaceExport(
      architecture: complete.answers != nil ? "RobertaForSequenceClassification" : "RobertaForMaskedLM",
      map: map(bert, complete), config: config, maximumLength: encoder.maximumLength,
      readsSegments: encoder.segments > 1)
  }
}
