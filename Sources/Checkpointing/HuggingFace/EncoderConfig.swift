import ModelKit
import Support

// What config.json has for BERT and ELECTRA alike.

extension HuggingFaceConfig {
  /// An encoder of this family, without a head.
  /// - Throws: `.badData` for what an encoder of Graft's does not have.
  func encoder(family: String) throws(GraftError) -> TransformerConfiguration {
    try require("is_decoder", false)
    try require("is_encoder_decoder", false)
    try require("add_cross_attention", false)
    try require("position_embedding_type", "absolute")
    try require("type_vocab_size", 2)
    try require("tie_word_embeddings", true)
    let width = try integer("hidden_size")
    let heads = try integer("num_attention_heads")
    try requireEvenHeads("num_attention_heads", heads: heads, width: width)
    return TransformerConfiguration(
      family: family, width: width, heads: heads, headDimension: width / heads,
      feedForward: try integer("intermediate_size"), encoderLayers: try integer("num_hidden_layers"),
      decoderLayers: 0, activation: try activation("hidden_act", default: "gelu"), gated: false, tied: true,
      dropout: try number("hidden_dropout_prob", default: 0.1),
      epsilon: try number("layer_norm_eps", default: 1e-12),
      maximumLength: try integer("max_position_embeddings"), vocabularySize: try integer("vocab_size"))
  }

  /// The task that a classifier was fine-tuned on. Nil without `finetuning_task`, which Graft writes: without a name
  /// the head answers no task of Graft's.
  func answers() throws(GraftError) -> [AnswerFormat]? {
    guard firstString("architectures")?.hasSuffix("ForSequenceClassification") == true,
      has("finetuning_task")
    else { return nil }
    let task = try string("finetuning_task", default: "")
    if try string("problem_type", default: "") == "regression" {
      return [AnswerFormat(task: task, choices: nil)]
    }
    let labels = try strings("id2label")
    var choices: [String] = []
    for index in 0..<labels.count {
      guard let label = labels["\(index)"] else {
        throw unsupported("id2label", hint: "it must name the labels \"0\" to \"\(labels.count - 1)\".")
      }
      choices.append(label)
    }
    return [AnswerFormat(task: task, choices: choices)]
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
      "tie_word_embeddings": .boolean(true), "type_vocab_size": .integer(2),
    ]
    guard let answers else { return config }
    guard answers.count == 1 else {
      throw GraftError(
        .usage, "transformers' classifiers answer one task, this encoder \(answers.count)",
        hint: "fine-tune it on one task to write it.")
    }
    config["finetuning_task"] = .string(answers[0].task)
    let labels = answers[0].choices ?? [answers[0].task]
    config["id2label"] = .object(
      Dictionary(uniqueKeysWithValues: labels.enumerated().map { ("\($0)", .string($1)) }))
    config["label2id"] = .object(
      Dictionary(labels.enumerated().map { ($1, .integer($0)) }, uniquingKeysWith: { first, _ in first }))
    config["problem_type"] = .string(
      answers[0].choices == nil ? "regression" : "single_label_classification")
    return config
  }
}
