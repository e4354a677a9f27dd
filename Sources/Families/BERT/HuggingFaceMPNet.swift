import Checkpointing
import ModelKit
import Support

/// MPNet (Song et al. 2020): a RoBERTa without segments, all of whose layers have a bias of relative positions.
enum HuggingFaceMPNet: HuggingFaceModelType {
  private static let key = "relative_attention_num_buckets"

  static func model(_ config: HuggingFaceConfig, _ weights: WeightFiles) throws(GraftError)
    -> HuggingFaceModel
  {
    // Its code computes with these numbers, whatever the keys say.
    try config.require(key, BERT.bucketsOfMPNet)
    try config.require("pad_token_id", BERT.firstPositionOfMPNet - 1)
    return try HuggingFaceRoBERTa.model(
      config, weights, adding: ["relativeBuckets": SizeValue(BERT.bucketsOfMPNet), "segments": 0])
  }

  static func claims(_ configuration: ModelConfiguration) -> Bool { BERT.kind(configuration) == .mpnet }

  static func export(
    _ configuration: ModelConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> HuggingFaceExport {
    var export = try HuggingFaceRoBERTa.export(configuration, tokens: tokens)
    export.architecture = export.architecture.replacing("Roberta", with: "MPNet")
    export.config[key] = .integer(BERT.bucketsOfMPNet)
    export.config["type_vocab_size"] = nil
    return export
  }
}
