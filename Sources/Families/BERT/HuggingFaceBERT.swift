import Checkpointing
import ModelKit
import Support

/// BERT with its masked language modelling head, also with that for next-sentence prediction, or fine-tuned on one
/// task.
enum HuggingFaceBERT: HuggingFaceModelType {
  static func model(_ config: HuggingFaceConfig, _ weights: WeightFiles) throws(GraftError)
    -> HuggingFaceModel
  {
    var configuration = try config.encoder(family: "bert")
    configuration.answers = try config.answers(weights, output: "classifier.weight")
    if configuration.answers == nil, nextSentence.allSatisfy(weights.contains),
      configuration.segments ?? 2 >= 2
    {
      configuration.nextSentence = true
    }
    return HuggingFaceModel(configuration: configuration, map: map(configuration))
  }

  /// What a folder has that was saved with the head for next-sentence prediction.
  private static let nextSentence = ["bert.pooler.dense.weight", "cls.seq_relationship.weight"]

  private static func map(_ c: TransformerConfiguration) -> ForeignKeyMap {
    .bert(
      layers: c.encoderLayers, head: c.answers?.first.map { .answers(task: $0.task) } ?? .vocabulary,
      nextSentence: c.nextSentence == true, isTied: c.tied)
  }

  static func claims(_ c: TransformerConfiguration) -> Bool {
    c.family == "bert" && c.embeddingWidth == nil
  }

  static func export(
    _ c: TransformerConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> HuggingFaceExport {
    HuggingFaceExport(
      architecture: c.answers != nil
        ? "BertForSequenceClassification"
        : c.nextSentence == true ? "BertForPreTraining" : "BertForMaskedLM",
      map: map(c), config: try c.encoderConfig(tokens))
  }
}
