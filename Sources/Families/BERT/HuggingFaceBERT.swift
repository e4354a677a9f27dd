import Checkpointing
import ModelKit
import Support

/// BERT with its masked language modelling head, also with that for next-sentence prediction, or fine-tuned on one
/// task.
enum HuggingFaceBERT: HuggingFaceModelType {
  static func model(_ config: HuggingFaceConfig, _ weights: WeightFiles) throws(GraftError)
    -> HuggingFaceModel
  {
    var configuration = try config.encoder(family: BERT.name)
    try configuration.readClassifier(config, weights, output: "classifier.weight")
    let (bert, _) = try BERT.member(configuration, source: config.path)
    if configuration.answers == nil, nextSentence.allSatisfy(weights.contains), bert.encoder.segments >= 2 {
      configuration.sizes["nextSentence"] = true
    }
    return try model(configuration, source: config.path)
  }

  private static func model(_ configuration: ModelConfiguration, source: String) throws(GraftError) -> HuggingFaceModel
  {
    let (bert, complete) = try BERT.member(configuration, source: source)
    return HuggingFaceModel(configuration: complete, map: map(bert, complete.answers))
  }

  /// What a folder has that was saved with the head for next-sentence prediction.
  private static let nextSentence = ["bert.pooler.dense.weight", "cls.seq_relationship.weight"]

  private static func map(_ bert: BERT, _ answers: [AnswerFormat]?) -> ForeignKeyMap {
    .bert(
      layers: bert.encoder.layers, head: .of(answers),
      nextSentence: bert.predictsNextSentences, isTied: bert.encoder.blocks.isTied)
  }

  static func claims(_ configuration: ModelConfiguration) -> Bool {
    BERT.kind(configuration) == .bert
  }

  static func export(
    _ configuration: ModelConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> HuggingFaceExport {
    let (bert, complete) = try BERT.member(configuration)
    return HuggingFaceExport(
      architecture: complete.answers != nil
        ? "BertForSequenceClassification"
        : bert.predictsNextSentences ? "BertForPreTraining" : "BertForMaskedLM",
      map: map(bert, complete.answers), config: try bert.encoder.config(complete, tokens),
      maximumLength: bert.encoder.maximumLength, readsSegments: bert.encoder.segments > 1)
  }
}
