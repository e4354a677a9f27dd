import Checkpointing
import ModelKit
import Support

/// RoBERTa and XLM-RoBERTa, which to Graft are BERTs: their positions begin behind the padding token's, and their heads
/// have other names. They are read; what is written is a BERT, which computes the same.
enum HuggingFaceRoBERTa: HuggingFaceModelType {
  static func model(_ config: HuggingFaceConfig, _ weights: WeightFiles) throws(GraftError)
    -> HuggingFaceModel
  {
    var configuration = try config.encoder(family: BERT.name)
    let firstPosition = try config.size("pad_token_id", in: 0...1 << 16, default: 1) + 1
    let rows = try config.size("max_position_embeddings", in: 1...SizeLimit.maximumLength)
    guard rows > firstPosition else {
      throw config.unsupported(
        "max_position_embeddings", hint: "the first \(firstPosition) are for padding; it must be larger.")
    }
    configuration.sizes["maximumLength"] = SizeValue(rows - firstPosition)
    configuration.answers = try config.answers(weights, output: "classifier.out_proj.weight")
    if configuration.answers == nil, weights.contains("lm_head.dense.weight") {
      // Its head always has the exact GELU.
      try config.require("hidden_act", "gelu")
    }
    let (bert, complete) = try BERT.member(configuration, source: config.path)
    let head = complete.answers?.first.map { ForeignKeyMap.EncoderHead.answers(task: $0.task) }
    return HuggingFaceModel(
      configuration: complete,
      map: .roberta(
        layers: bert.encoder.layers, head: head ?? .vocabulary, isTied: bert.encoder.blocks.isTied,
        firstPosition: firstPosition))
  }

  static func claims(_ configuration: ModelConfiguration) -> Bool { false }

  static func export(
    _ configuration: ModelConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> HuggingFaceExport {
    try HuggingFaceBERT.export(configuration, tokens: tokens)
  }
}
