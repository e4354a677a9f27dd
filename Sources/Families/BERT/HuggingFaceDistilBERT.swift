import Checkpointing
import ModelKit
import Support

/// DistilBERT (Sanh et al. 2019), which to Graft is a BERT without segments whose heads have a ReLU; config.json has
/// other keys.
enum HuggingFaceDistilBERT: HuggingFaceModelType {
  /// Which its code has and no key of config.json says.
  private static let epsilon = 1e-12

  static func model(_ config: HuggingFaceConfig, _ weights: WeightFiles) throws(GraftError)
    -> HuggingFaceModel
  {
    let width = try config.size("dim", in: 1...SizeLimit.width)
    let heads = try config.size("n_heads", in: 1...SizeLimit.heads)
    try config.requireEvenHeads("n_heads", heads: heads, width: width)
    // `sinusoidal_pos_embds` says how the positions began; what they are stands in the file either way.
    var configuration = ModelConfiguration(
      family: BERT.name, vocabularySize: try config.size("vocab_size", in: 1...SizeLimit.vocabularySize),
      dropout: try config.number("dropout", default: 0.1),
      sizes: [
        "width": SizeValue(width), "heads": SizeValue(heads),
        "feedForward": SizeValue(try config.size("hidden_dim", in: 1...SizeLimit.feedForward)),
        "encoderLayers": SizeValue(try config.size("n_layers", in: 1...SizeLimit.layers)),
        "activation": SizeValue(try config.activation("activation", default: "gelu")),
        "tied": .boolean(try config.boolean("tie_word_embeddings", default: true)),
        "epsilon": .number(epsilon),
        "maximumLength": SizeValue(
          try config.size("max_position_embeddings", in: 1...SizeLimit.maximumLength, default: 512)),
        "segments": 0, "headActivation": "relu",
      ])
    try configuration.readClassifier(config, weights, output: "classifier.weight")
    let (bert, complete) = try BERT.member(configuration, source: config.path)
    return HuggingFaceModel(configuration: complete, map: map(bert, complete))
  }

  private static func map(_ bert: BERT, _ configuration: ModelConfiguration) -> ForeignKeyMap {
    .distilBERT(
      layers: bert.encoder.layers, head: .of(configuration.answers), isTied: bert.encoder.blocks.isTied)
  }

  static func claims(_ configuration: ModelConfiguration) -> Bool { BERT.kind(configuration) == .distilBERT }

  static func export(
    _ configuration: ModelConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> HuggingFaceExport {
    let (bert, complete) = try BERT.member(configuration)
    let (encoder, blocks) = (bert.encoder, bert.encoder.blocks)
    try blocks.requireEvenHeads()
    guard blocks.epsilon == epsilon else {
      throw GraftError(
        .usage, "the norms of transformers' DistilBERT have the epsilon \(epsilon), not \(blocks.epsilon)",
        hint: "only models with that \"epsilon\" can be written.")
    }
    let dropout = ConfigValue.number(complete.dropout)
    let config: [String: ConfigValue] = [
      "activation": .string(blocks.activation.huggingFaceName), "attention_dropout": dropout,
      "dim": .integer(blocks.width), "dropout": dropout, "hidden_dim": .integer(blocks.feedForward),
      "max_position_embeddings": .integer(encoder.maximumLength), "n_heads": .integer(blocks.heads),
      "n_layers": .integer(encoder.layers), "pad_token_id": .integer(tokens.padding),
      "tie_word_embeddings": .boolean(blocks.isTied),
    ]
    return HuggingFaceExport(
      architecture: complete.answers != nil ? "DistilBertForSequenceClassification" : "DistilBertForMaskedLM",
      map: map(bert, complete),
      config: config.merging(try complete.classifierConfig()) { $1 },
      maximumLength: encoder.maximumLength, readsSegments: false)
  }
}
