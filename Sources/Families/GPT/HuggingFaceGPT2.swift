import Checkpointing
import Foundation
import ModelKit
import Records
import Support

/// GPT-2.
enum HuggingFaceGPT2: HuggingFaceModelType {
  static func model(_ config: HuggingFaceConfig, _ weights: WeightFiles) throws(GraftError)
    -> HuggingFaceModel
  {
    try config.require("add_cross_attention", false)
    try config.require("is_encoder_decoder", false)
    typealias Limit = TransformerConfiguration.Limit
    let width = try config.size("n_embd", in: 1...Limit.width)
    let heads = try config.size("n_head", in: 1...Limit.heads)
    try config.requireEvenHeads("n_head", heads: heads, width: width)
    var configuration = TransformerConfiguration(
      family: "gpt", width: width, heads: heads, headDimension: width / heads,
      feedForward: try config.size("n_inner", in: 1...Limit.feedForward, default: 4 * width),
      encoderLayers: 0,
      decoderLayers: try config.size("n_layer", in: 1...Limit.layers),
      activation: try config.activation("activation_function", default: "gelu_new"), gated: false,
      tied: try config.boolean("tie_word_embeddings", default: true),
      dropout: try config.number("resid_pdrop", default: 0.1),
      epsilon: try config.number("layer_norm_epsilon", default: 1e-5),
      maximumLength: try config.size("n_positions", in: 1...Limit.maximumLength),
      vocabularySize: try config.size("vocab_size", in: 1...Limit.vocabularySize))
    configuration.scalesAttention = try config.boolean("scale_attn_weights", default: true) ? nil : false
    configuration.scalesAttentionByLayer =
      try config.boolean("scale_attn_by_inverse_layer_idx", default: false) ? true : nil
    configuration.reading = try reading(config)
    return HuggingFaceModel(configuration: configuration, map: map(configuration))
  }

  /// What Graft wrote of a model that was fine-tuned on prompts, as JSON in a string: transformers keeps keys that it
  /// does not know. Nil of any other model.
  private static let readingKey = "graft_reading"

  private static func reading(_ config: HuggingFaceConfig) throws(GraftError) -> TextReading? {
    let text = try config.string(readingKey, default: "")
    guard !text.isEmpty else { return nil }
    do {
      var reading = try JSONFile.value(TextReading.self, in: text.utf8)
      reading.omitsStart = true
      return reading
    } catch {
      throw GraftError(
        .badData, "'\(readingKey)' in '\(config.path)' is not what graft writes", hint: "remove the key.",
        cause: error)
    }
  }

  private static func map(_ c: TransformerConfiguration) -> ForeignKeyMap {
    .gpt2(layers: c.decoderLayers, isTied: c.tied)
  }

  static func claims(_ configuration: TransformerConfiguration) -> Bool { configuration.family == "gpt" }

  static func export(
    _ c: TransformerConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> HuggingFaceExport {
    guard c.prefix != true else {
      throw GraftError(
        .usage, "transformers' GPT-2 cannot read a prompt from both sides",
        hint: "only models without \"prefix\" can be written for it.")
    }
    guard !c.gated else {
      throw GraftError(
        .usage, "transformers' GPT-2 has no gated feed-forward layer",
        hint: "only models without \"gated\" can be written for it.")
    }
    guard let positions = c.maximumLength, c.heads * c.headDimension == c.width else {
      throw GraftError(
        .usage, "\(c.heads) heads of \(c.headDimension) are not the width \(c.width)",
        hint: "transformers' GPT-2 divides the width by the heads.")
    }
    let special: [String: ConfigValue] = [
      "bos_token_id": .integer(tokens.start), "eos_token_id": .integer(tokens.endOfSequence),
      "pad_token_id": .integer(tokens.padding),
    ]
    let config: [String: ConfigValue] = [
      "activation_function": .string(c.activation.huggingFaceName), "attn_pdrop": .number(c.dropout),
      "embd_pdrop": .number(c.dropout), "layer_norm_epsilon": .number(c.epsilon),
      "n_embd": .integer(c.width), "n_head": .integer(c.heads), "n_inner": .integer(c.feedForward),
      "n_layer": .integer(c.decoderLayers), "n_positions": .integer(positions),
      "resid_pdrop": .number(c.dropout),
      "scale_attn_by_inverse_layer_idx": .boolean(c.scalesAttentionByLayer ?? false),
      "scale_attn_weights": .boolean(c.scalesAttention ?? true), "tie_word_embeddings": .boolean(c.tied),
    ]
    var own: [String: ConfigValue] = [:]
    if let reading = c.reading, reading.layout == .prompt || reading.tasks != nil {
      own[readingKey] = .string(String(decoding: try JSONFile.encode(reading), as: UTF8.self))
    }
    return HuggingFaceExport(
      architecture: "GPT2LMHeadModel", map: map(c), config: config.merging(special) { $1 }.merging(own) { $1 },
      generation: special)
  }
}
