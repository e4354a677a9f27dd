import ModelKit
import Support

/// BERT with its masked language modelling head.
enum HuggingFaceBERT: HuggingFaceFamily {
  static func model(_ config: HuggingFaceConfig) throws(GraftError) -> HuggingFaceModel {
    try config.requireEncoder()
    try config.require("tie_word_embeddings", true)
    let width = try config.integer("hidden_size")
    let heads = try config.integer("num_attention_heads")
    try config.requireEvenHeads("num_attention_heads", heads: heads, width: width)
    let configuration = TransformerConfiguration(
      family: "bert", width: width, heads: heads, headDimension: width / heads,
      feedForward: try config.integer("intermediate_size"),
      encoderLayers: try config.integer("num_hidden_layers"), decoderLayers: 0,
      activation: try config.activation("hidden_act", default: "gelu"), gated: false, tied: true,
      dropout: try config.number("hidden_dropout_prob", default: 0.1),
      epsilon: try config.number("layer_norm_eps", default: 1e-12),
      maximumLength: try config.integer("max_position_embeddings"),
      vocabularySize: try config.integer("vocab_size"))
    return HuggingFaceModel(
      configuration: configuration, map: .bert(layers: configuration.encoderLayers))
  }

  static func claims(_ configuration: TransformerConfiguration) -> Bool { configuration.family == "bert" }

  static func export(
    _ c: TransformerConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> HuggingFaceExport {
    HuggingFaceExport(
      architecture: "BertForMaskedLM", map: .bert(layers: c.encoderLayers),
      config: try encoderConfig(c, tokens: tokens))
  }

  /// The keys that config.json has for BERT and ELECTRA alike.
  static func encoderConfig(
    _ c: TransformerConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> [String: ConfigValue] {
    guard let positions = c.maximumLength, c.heads * c.headDimension == c.width else {
      throw GraftError(
        .usage, "\(c.heads) heads of \(c.headDimension) are not the width \(c.width)",
        hint: "transformers' BERT and ELECTRA divide the width by the heads.")
    }
    return [
      "attention_probs_dropout_prob": .number(c.dropout), "hidden_act": .string(c.activation.huggingFaceName),
      "hidden_dropout_prob": .number(c.dropout), "hidden_size": .integer(c.width),
      "intermediate_size": .integer(c.feedForward), "layer_norm_eps": .number(c.epsilon),
      "max_position_embeddings": .integer(positions), "num_attention_heads": .integer(c.heads),
      "num_hidden_layers": .integer(c.encoderLayers), "pad_token_id": .integer(tokens.padding),
      "tie_word_embeddings": .boolean(true), "type_vocab_size": .integer(2),
    ]
  }
}

extension HuggingFaceConfig {
  /// - Throws: `.badData` for what an encoder of Graft's does not have.
  func requireEncoder() throws(GraftError) {
    try require("is_decoder", false)
    try require("is_encoder_decoder", false)
    try require("add_cross_attention", false)
    try require("position_embedding_type", "absolute")
    try require("type_vocab_size", 2)
  }
}
