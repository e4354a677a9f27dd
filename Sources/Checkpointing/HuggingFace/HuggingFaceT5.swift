import Autograd
import ModelKit
import Support

/// mT5, which has the layers of T5 v1.1 and is written as one.
enum HuggingFaceMT5: HuggingFaceFamily {
  static func model(_ config: HuggingFaceConfig, _ weights: WeightFiles) throws(GraftError)
    -> HuggingFaceModel
  { try HuggingFaceT5.model(config, weights) }

  static func claims(_ configuration: TransformerConfiguration) -> Bool { false }

  static func export(
    _ configuration: TransformerConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> HuggingFaceExport { try HuggingFaceT5.export(configuration, tokens: tokens) }
}

/// T5 and T5 v1.1.
enum HuggingFaceT5: HuggingFaceFamily {
  static func model(_ config: HuggingFaceConfig, _ weights: WeightFiles) throws(GraftError)
    -> HuggingFaceModel
  {
    try config.require("is_encoder_decoder", true)
    try config.require("is_decoder", false)
    let (activation, isGated) = try feedForward(config)
    // Recent versions write that all embeddings are tied and say by another key whether the decoder's last states are
    // scaled, which is what tells the versions of T5 apart; earlier ones say both by the one key.
    let saysTied = try config.boolean("tie_word_embeddings", default: true)
    let isScaled = try config.boolean("scale_decoder_outputs", default: saysTied)
    guard saysTied || !isScaled else {
      throw config.unsupported(
        "scale_decoder_outputs", hint: "a T5 with an output layer of its own does not scale its states.")
    }
    typealias Limit = TransformerConfiguration.Limit
    let layers = try config.size("num_layers", in: 1...Limit.layers)
    var configuration = TransformerConfiguration(
      family: "t5", width: try config.size("d_model", in: 1...Limit.width),
      heads: try config.size("num_heads", in: 1...Limit.heads),
      headDimension: try config.size("d_kv", in: 1...Limit.headDimension),
      feedForward: try config.size("d_ff", in: 1...Limit.feedForward), encoderLayers: layers,
      decoderLayers: try config.size("num_decoder_layers", in: 1...Limit.layers, default: layers),
      activation: activation, gated: isGated, tied: isScaled,
      dropout: try config.number("dropout_rate", default: 0.1),
      epsilon: try config.number("layer_norm_epsilon", default: 1e-6), maximumLength: nil,
      vocabularySize: try config.size("vocab_size", in: 1...Limit.vocabularySize))
    let buckets = try config.size(
      "relative_attention_num_buckets", in: 4...Limit.relativeBuckets, default: 32)
    let distance = try config.size(
      "relative_attention_max_distance", in: buckets / 2 + 1...Limit.relativeDistance, default: 128)
    configuration.relativeBuckets = buckets == 32 ? nil : buckets
    configuration.relativeDistance = distance == 128 ? nil : distance
    let padding = try config.integer("pad_token_id", default: 0)
    return HuggingFaceModel(
      configuration: configuration, map: map(configuration, outputMayBeShared: saysTied),
      decoderStart: try config.integer("decoder_start_token_id", default: padding))
  }

  /// `feed_forward_proj`: an activation, or one after `gated-`; `gated-gelu` means the tanh form.
  private static func feedForward(
    _ config: HuggingFaceConfig
  ) throws(GraftError) -> (Activation, gated: Bool) {
    let key = "feed_forward_proj"
    let text = try config.string(key, default: "relu")
    if text == "gated-gelu" { return (.gelu, true) }
    let isGated = text.hasPrefix("gated-")
    guard let activation = Activation(huggingFaceName: isGated ? String(text.dropFirst(6)) : text) else {
      throw config.unsupported(
        key,
        hint:
          "gelu, gelu_new, relu, relu2, silu and tanh are, and gated-gelu, gated-relu, gated-silu and gated-tanh.")
    }
    return (activation, isGated)
  }

  private static func map(
    _ c: TransformerConfiguration, outputMayBeShared: Bool = false
  ) -> ForeignKeyMap {
    .t5(
      encoderLayers: c.encoderLayers, decoderLayers: c.decoderLayers, isGated: c.gated, isTied: c.tied,
      outputMayBeShared: outputMayBeShared)
  }

  static func claims(_ configuration: TransformerConfiguration) -> Bool { configuration.family == "t5" }

  static func export(
    _ c: TransformerConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> HuggingFaceExport {
    guard c.shared != true else {
      throw GraftError(
        .usage, "transformers' T5 cannot share blocks between encoder and decoder",
        hint: "only models without \"shared\" can be written for it.")
    }
    guard !(c.gated && c.activation == .exactGELU) else {
      throw GraftError(
        .usage, "transformers' T5 has no gated unit with the exact GELU",
        hint: "'gelu', its tanh form, can be written.")
    }
    let projection =
      c.gated
      ? "gated-\(c.activation == .gelu ? "gelu" : c.activation.huggingFaceName)"
      : c.activation.huggingFaceName
    return HuggingFaceExport(
      architecture: "T5ForConditionalGeneration", map: map(c),
      config: [
        "d_ff": .integer(c.feedForward), "d_kv": .integer(c.headDimension), "d_model": .integer(c.width),
        "decoder_start_token_id": .integer(tokens.start),
        "dense_act_fn": .string(c.activation.huggingFaceName),
        "dropout_rate": .number(c.dropout), "eos_token_id": .integer(tokens.endOfSequence),
        "feed_forward_proj": .string(projection), "is_encoder_decoder": .boolean(true),
        "is_gated_act": .boolean(c.gated), "layer_norm_epsilon": .number(c.epsilon),
        "num_decoder_layers": .integer(c.decoderLayers), "num_heads": .integer(c.heads),
        "num_layers": .integer(c.encoderLayers), "pad_token_id": .integer(tokens.padding),
        "relative_attention_max_distance": .integer(c.relativeDistance ?? 128),
        "relative_attention_num_buckets": .integer(c.relativeBuckets ?? 32),
        "scale_decoder_outputs": .boolean(c.tied), "tie_word_embeddings": .boolean(c.tied),
      ],
      generation: [
        "decoder_start_token_id": .integer(tokens.start), "eos_token_id": .integer(tokens.endOfSequence),
        "pad_token_id": .integer(tokens.padding),
      ])
  }
}
