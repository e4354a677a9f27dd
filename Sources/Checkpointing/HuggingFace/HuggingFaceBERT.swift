import ModelKit
import Support

/// BERT with its masked language modelling head, or fine-tuned on one task.
enum HuggingFaceBERT: HuggingFaceFamily {
  static func model(_ config: HuggingFaceConfig, _ weights: WeightFiles) throws(GraftError)
    -> HuggingFaceModel
  {
    var configuration = try config.encoder(family: "bert")
    configuration.answers = try config.answers()
    return HuggingFaceModel(
      configuration: configuration,
      map: .bert(layers: configuration.encoderLayers, head: head(of: configuration)))
  }

  private static func head(of c: TransformerConfiguration) -> ForeignKeyMap.EncoderHead {
    c.answers?.first.map { .answers(task: $0.task) } ?? .vocabulary
  }

  static func claims(_ c: TransformerConfiguration) -> Bool {
    c.family == "bert" && c.embeddingWidth == nil
  }

  static func export(
    _ c: TransformerConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> HuggingFaceExport {
    HuggingFaceExport(
      architecture: c.answers == nil ? "BertForMaskedLM" : "BertForSequenceClassification",
      map: .bert(layers: c.encoderLayers, head: head(of: c)), config: try c.encoderConfig(tokens))
  }
}
