import Checkpointing
import ModelKit
import Support

// What config.json has for BERT, RoBERTa and ELECTRA alike.

extension HuggingFaceConfig {
  /// An encoder of this family, without a head.
  /// - Throws: `.badData` for what an encoder of Graft's does not have.
  func encoder(family: String) throws(GraftError) -> TransformerConfiguration {
    try require("is_decoder", false)
    try require("is_encoder_decoder", false)
    try require("add_cross_attention", false)
    try require("position_embedding_type", "absolute")
    typealias Limit = TransformerConfiguration.Limit
    let width = try size("hidden_size", in: 1...Limit.width)
    let heads = try size("num_attention_heads", in: 1...Limit.heads)
    try requireEvenHeads("num_attention_heads", heads: heads, width: width)
    // transformers cannot run one without any, either: every token has a segment.
    let segments = try size("type_vocab_size", in: 1...Limit.segments, default: 2)
    var configuration = TransformerConfiguration(
      family: family, width: width, heads: heads, headDimension: width / heads,
      feedForward: try size("intermediate_size", in: 1...Limit.feedForward),
      encoderLayers: try size("num_hidden_layers", in: 1...Limit.layers),
      decoderLayers: 0, activation: try activation("hidden_act", default: "gelu"), gated: false,
      tied: try boolean("tie_word_embeddings", default: true),
      dropout: try number("hidden_dropout_prob", default: 0.1),
      epsilon: try number("layer_norm_eps", default: 1e-12),
      maximumLength: try size("max_position_embeddings", in: 1...Limit.maximumLength),
      vocabularySize: try size("vocab_size", in: 1...Limit.vocabularySize))
    configuration.segments = segments == 2 ? nil : segments
    return configuration
  }
}

extension TransformerConfiguration {
  /// - Throws: `.usage` for an encoder that transformers has not.
  func encoderConfig(_ tokens: HuggingFaceTokens) throws(GraftError) -> [String: ConfigValue] {
    guard let positions = maximumLength, heads * headDimension == width else {
      throw GraftError(
        .usage, "\(heads) heads of \(headDimension) are not the width \(width)",
        hint: "transformers' BERT and ELECTRA divide the width by the heads.")
    }
    var config: [String: ConfigValue] = [
      "attention_probs_dropout_prob": .number(dropout), "hidden_act": .string(activation.huggingFaceName),
      "hidden_dropout_prob": .number(dropout), "hidden_size": .integer(width),
      "intermediate_size": .integer(feedForward), "layer_norm_eps": .number(epsilon),
      "max_position_embeddings": .integer(positions), "num_attention_heads": .integer(heads),
      "num_hidden_layers": .integer(encoderLayers), "pad_token_id": .integer(tokens.padding),
      "tie_word_embeddings": .boolean(tied), "type_vocab_size": .integer(segments ?? 2),
    ]
    guard let answers else { return config }
    guard answers.count == 1 else {
      throw GraftError(
        .usage, "transformers' classifiers answer one task, this encoder \(answers.count)",
        hint: "fine-tune it on one task to write it.")
    }
    let isNamed = answers[0].task != AnswerFormat.anyTask
    if isNamed { config["finetuning_task"] = .string(answers[0].task) }
    let labels = answers[0].choices ?? [isNamed ? answers[0].task : "LABEL_0"]
    config["id2label"] = .object(
      Dictionary(uniqueKeysWithValues: labels.enumerated().map { ("\($0)", .string($1)) }))
    config["label2id"] = .object(
      Dictionary(labels.enumerated().map { ($1, .integer($0)) }, uniquingKeysWith: { first, _ in first }))
    config["problem_type"] = .string(
      answers[0].choices == nil ? "regression" : "single_label_classification")
    return config
  }
}
