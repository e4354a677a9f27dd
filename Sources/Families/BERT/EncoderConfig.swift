import Checkpointing
import ModelKit
import Support

// What config.json has for BERT, RoBERTa and ELECTRA alike.

extension HuggingFaceConfig {
  /// An encoder of this family, without a head.
  /// - Parameter absent: the activation of files that do not say it.
  /// - Throws: `.badData` for what an encoder of Graft's does not have.
  func encoder(family: String, activation absent: String = "gelu") throws(GraftError) -> ModelConfiguration {
    try require("is_decoder", false)
    try require("is_encoder_decoder", false)
    try require("add_cross_attention", false)
    try require("position_embedding_type", "absolute")
    let width = try size("hidden_size", in: 1...SizeLimit.width)
    let heads = try size("num_attention_heads", in: 1...SizeLimit.heads)
    try requireEvenHeads("num_attention_heads", heads: heads, width: width)
    var configuration = ModelConfiguration(
      family: family, vocabularySize: try size("vocab_size", in: 1...SizeLimit.vocabularySize),
      dropout: try number("hidden_dropout_prob", default: 0.1),
      sizes: [
        "width": SizeValue(width), "heads": SizeValue(heads),
        "feedForward": SizeValue(try size("intermediate_size", in: 1...SizeLimit.feedForward)),
        "encoderLayers": SizeValue(try size("num_hidden_layers", in: 1...SizeLimit.layers)),
        "activation": SizeValue(try activation("hidden_act", default: absent)),
        "tied": .boolean(try boolean("tie_word_embeddings", default: true)),
        "epsilon": .number(try number("layer_norm_eps", default: 1e-12)),
        "maximumLength": SizeValue(try size("max_position_embeddings", in: 1...SizeLimit.maximumLength)),
      ])
    // transformers cannot run one without any, either: every token has a segment.
    let segments = try size("type_vocab_size", in: 1...SizeLimit.segments, default: 2)
    if segments != 2 { configuration.sizes["segments"] = SizeValue(segments) }
    return configuration
  }
}

extension EncoderSizes {
  /// - Throws: `.usage` for an encoder that transformers has not.
  func config(
    _ configuration: ModelConfiguration, _ tokens: HuggingFaceTokens
  ) throws(GraftError) -> [String: ConfigValue] {
    try blocks.requireEvenHeads()
    let dropout = configuration.dropout
    let config: [String: ConfigValue] = [
      "attention_probs_dropout_prob": .number(dropout), "hidden_act": .string(blocks.activation.huggingFaceName),
      "hidden_dropout_prob": .number(dropout), "hidden_size": .integer(blocks.width),
      "intermediate_size": .integer(blocks.feedForward), "layer_norm_eps": .number(blocks.epsilon),
      "max_position_embeddings": .integer(firstPosition + maximumLength), "num_attention_heads": .integer(blocks.heads),
      "num_hidden_layers": .integer(layers), "pad_token_id": .integer(tokens.padding),
      "tie_word_embeddings": .boolean(blocks.isTied), "type_vocab_size": .integer(segments),
    ]
    return config.merging(try configuration.classifierConfig()) { $1 }
  }
}
