import Checkpointing
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
    let width = try config.size("n_embd", in: 1...SizeLimit.width)
    let heads = try config.size("n_head", in: 1...SizeLimit.heads)
    try config.requireEvenHeads("n_head", heads: heads, width: width)
    var configuration = ModelConfiguration(
      family: GPT.name, vocabularySize: try config.size("vocab_size", in: 1...SizeLimit.vocabularySize),
      dropout: try config.number("resid_pdrop", default: 0.1),
      sizes: [
        "width": SizeValue(width), "heads": SizeValue(heads),
        "feedForward": SizeValue(try config.size("n_inner", in: 1...SizeLimit.feedForward, default: 4 * width)),
        "decoderLayers": SizeValue(try config.size("n_layer", in: 1...SizeLimit.layers)),
        "activation": SizeValue(try config.activation("activation_function", default: "gelu_new")),
        "tied": .boolean(try config.boolean("tie_word_embeddings", default: true)),
        "epsilon": .number(try config.number("layer_norm_epsilon", default: 1e-5)),
        "maximumLength": SizeValue(try config.size("n_positions", in: 1...SizeLimit.maximumLength)),
      ])
    if try !config.boolean("scale_attn_weights", default: true) { configuration.sizes["scalesAttention"] = false }
    if try config.boolean("scale_attn_by_inverse_layer_idx", default: false) {
      configuration.sizes["scalesAttentionByLayer"] = true
    }
    configuration.reading = try TextReading(of: config, omitsStart: true)
    let (gpt, complete) = try GPT.member(configuration, source: config.path)
    return HuggingFaceModel(configuration: complete, map: map(gpt))
  }

  private static func map(_ gpt: GPT) -> ForeignKeyMap { .gpt2(layers: gpt.layers, isTied: gpt.blocks.isTied) }

  static func claims(_ configuration: ModelConfiguration) -> Bool { GPT.relative(configuration) == .gpt2 }

  static func export(
    _ configuration: ModelConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> HuggingFaceExport {
    let (gpt, configuration) = try GPT.member(configuration)
    let c = gpt.blocks
    try configuration.requireWriter()
    try gpt.requireCounterpart("GPT-2")
    let config: [String: ConfigValue] = [
      "activation_function": .string(c.activation.huggingFaceName), "attn_pdrop": .number(configuration.dropout),
      "embd_pdrop": .number(configuration.dropout), "layer_norm_epsilon": .number(c.epsilon),
      "n_embd": .integer(c.width), "n_head": .integer(c.heads), "n_inner": .integer(c.feedForward),
      "n_layer": .integer(gpt.layers), "n_positions": .integer(gpt.maximumLength),
      "resid_pdrop": .number(configuration.dropout),
      "scale_attn_by_inverse_layer_idx": .boolean(gpt.scalesAttentionByLayer),
      "scale_attn_weights": .boolean(gpt.scalesAttention), "tie_word_embeddings": .boolean(c.isTied),
    ]
    return HuggingFaceExport(
      architecture: "GPT2LMHeadModel", map: map(gpt),
      config: try configuration.decoderConfig(config, tokens),
      maximumLength: gpt.maximumLength, generation: tokens.decoderKeys)
  }
}

extension GPT {
  /// The models of transformers that members of the family are written as.
  enum Relative {
    case gpt2
    case gptNeo
    case opt
  }

  /// Nil for what transformers has no model for, and for other families.
  static func relative(_ configuration: ModelConfiguration) -> Relative? {
    guard configuration.family == name, let (gpt, _) = try? member(configuration) else { return nil }
    if gpt.hasInputBiases, gpt.window == nil {
      return gpt.skippedPositions == 0 ? .gpt2 : gpt.skippedPositions == 2 ? .opt : nil
    }
    let isPlain = gpt.skippedPositions == 0 && !gpt.scalesAttention && !gpt.scalesAttentionByLayer
    return !gpt.hasInputBiases && isPlain ? .gptNeo : nil
  }

  /// - Parameter model: of transformers, for errors.
  /// - Throws: `.usage` naming what it lacks.
  func requireCounterpart(_ model: String) throws(GraftError) {
    guard !hasPrefix else {
      throw GraftError(
        .usage, "transformers' \(model) cannot read a prompt from both sides",
        hint: "only models without \"prefix\" can be written for it.")
    }
    guard !blocks.isGated else {
      throw GraftError(
        .usage, "transformers' \(model) has no gated feed-forward layer",
        hint: "only models without \"gated\" can be written for it.")
    }
    guard blocks.inner == blocks.width else {
      throw GraftError(
        .usage, "\(blocks.heads) heads of \(blocks.headDimension) are not the width \(blocks.width)",
        hint: "transformers' \(model) divides the width by the heads.")
    }
  }
}
