import Autograd
import Checkpointing
import ModelKit
import Support

/// mT5, which has the layers of T5 v1.1 and is written as one.
enum HuggingFaceMT5: HuggingFaceModelType {
  static func model(_ config: HuggingFaceConfig, _ weights: WeightFiles) throws(GraftError)
    -> HuggingFaceModel
  { try HuggingFaceT5.model(config, weights) }

  static func claims(_ configuration: ModelConfiguration) -> Bool { false }

  static func export(
    _ configuration: ModelConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> HuggingFaceExport { try HuggingFaceT5.export(configuration, tokens: tokens) }
}

/// UMT5, an mT5 in which every layer has relative positions of its own.
enum HuggingFaceUMT5: HuggingFaceModelType {
  static func model(_ config: HuggingFaceConfig, _ weights: WeightFiles) throws(GraftError)
    -> HuggingFaceModel
  { try HuggingFaceT5.model(config, weights, hasOwnBiases: true) }

  static func claims(_ configuration: ModelConfiguration) -> Bool {
    configuration.family == T5.name && configuration.sizes["relativePerLayer"] == true
  }

  static func export(
    _ configuration: ModelConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> HuggingFaceExport {
    var export = try HuggingFaceT5.export(configuration, tokens: tokens)
    export.architecture = "UMT5ForConditionalGeneration"
    return export
  }
}

/// T5 and T5 v1.1.
enum HuggingFaceT5: HuggingFaceModelType {
  static func model(_ config: HuggingFaceConfig, _ weights: WeightFiles) throws(GraftError)
    -> HuggingFaceModel
  { try model(config, weights, hasOwnBiases: false) }

  static func model(
    _ config: HuggingFaceConfig, _ weights: WeightFiles, hasOwnBiases: Bool
  ) throws(GraftError) -> HuggingFaceModel {
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
    let layers = try config.size("num_layers", in: 1...SizeLimit.layers)
    var configuration = ModelConfiguration(
      family: T5.name, vocabularySize: try config.size("vocab_size", in: 1...SizeLimit.vocabularySize),
      dropout: try config.number("dropout_rate", default: 0.1),
      sizes: [
        "width": SizeValue(try config.size("d_model", in: 1...SizeLimit.width)),
        "heads": SizeValue(try config.size("num_heads", in: 1...SizeLimit.heads)),
        "headDimension": SizeValue(try config.size("d_kv", in: 1...SizeLimit.headDimension)),
        "feedForward": SizeValue(try config.size("d_ff", in: 1...SizeLimit.feedForward)),
        "encoderLayers": SizeValue(layers),
        "decoderLayers": SizeValue(
          try config.size("num_decoder_layers", in: 1...SizeLimit.layers, default: layers)),
        "activation": SizeValue(activation), "gated": .boolean(isGated), "tied": .boolean(isScaled),
        "epsilon": .number(try config.number("layer_norm_epsilon", default: 1e-6)),
      ])
    let buckets = try config.size("relative_attention_num_buckets", in: T5.bucketBounds, default: 32)
    let distance = try config.size(
      "relative_attention_max_distance", in: T5.distanceBounds(buckets: buckets), default: 128)
    if hasOwnBiases { configuration.sizes["relativePerLayer"] = true }
    if buckets != 32 { configuration.sizes["relativeBuckets"] = SizeValue(buckets) }
    if distance != 128 { configuration.sizes["relativeDistance"] = SizeValue(distance) }
    let (t5, complete) = try T5.member(configuration, source: config.path)
    let padding = try config.integer("pad_token_id", default: 0)
    return HuggingFaceModel(
      configuration: complete, map: map(t5, outputMayBeShared: saysTied),
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
        hint: "gelu, gelu_new, relu, relu2, sigmoid, silu and tanh are, alone and after 'gated-'.")
    }
    return (activation, isGated)
  }

  private static func map(_ t5: T5, outputMayBeShared: Bool = false) -> ForeignKeyMap {
    .t5(
      encoderLayers: t5.encoderLayers, decoderLayers: t5.decoderLayers, isGated: t5.blocks.isGated,
      isTied: t5.blocks.isTied, hasOwnBiases: t5.hasOwnBiases, outputMayBeShared: outputMayBeShared)
  }

  static func claims(_ configuration: ModelConfiguration) -> Bool {
    configuration.family == T5.name && !HuggingFaceUMT5.claims(configuration)
  }

  static func export(
    _ configuration: ModelConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> HuggingFaceExport {
    let (t5, configuration) = try T5.member(configuration)
    let c = t5.blocks
    guard !t5.isShared else {
      throw GraftError(
        .usage, "transformers' T5 cannot share blocks between encoder and decoder",
        hint: "only models without \"shared\" can be written for it.")
    }
    guard !(c.isGated && c.activation == .exactGELU) else {
      throw GraftError(
        .usage, "transformers' T5 has no gated unit with the exact GELU",
        hint: "'gelu', its tanh form, can be written.")
    }
    let projection =
      c.isGated
      ? "gated-\(c.activation == .gelu ? "gelu" : c.activation.huggingFaceName)"
      : c.activation.huggingFaceName
    return HuggingFaceExport(
      architecture: "T5ForConditionalGeneration", map: map(t5),
      config: [
        "d_ff": .integer(c.feedForward), "d_kv": .integer(c.headDimension), "d_model": .integer(c.width),
        "decoder_start_token_id": .integer(tokens.start),
        "dense_act_fn": .string(c.activation.huggingFaceName),
        "dropout_rate": .number(configuration.dropout), "eos_token_id": .integer(tokens.endOfSequence),
        "feed_forward_proj": .string(projection), "is_encoder_decoder": .boolean(true),
        "is_gated_act": .boolean(c.isGated), "layer_norm_epsilon": .number(c.epsilon),
        "num_decoder_layers": .integer(t5.decoderLayers), "num_heads": .integer(c.heads),
        "num_layers": .integer(t5.encoderLayers), "pad_token_id": .integer(tokens.padding),
        "relative_attention_max_distance": .integer(t5.relativeDistance),
        "relative_attention_num_buckets": .integer(t5.relativeBuckets),
        "scale_decoder_outputs": .boolean(c.isTied), "tie_word_embeddings": .boolean(c.isTied),
      ],
      maximumLength: nil,
      generation: [
        "decoder_start_token_id": .integer(tokens.start), "eos_token_id": .integer(tokens.endOfSequence),
        "pad_token_id": .integer(tokens.padding),
      ])
  }
}
