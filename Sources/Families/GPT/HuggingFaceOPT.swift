import Checkpointing
import ModelKit
import Records
import Support

/// OPT (Zhang et al. 2022): a GPT-2 whose table of positions begins with two rows that no position has.
enum HuggingFaceOPT: HuggingFaceModelType {
  static func model(_ config: HuggingFaceConfig, _ weights: WeightFiles) throws(GraftError)
    -> HuggingFaceModel
  {
    for key in ["do_layer_norm_before", "enable_bias", "layer_norm_elementwise_affine"] {
      try config.require(key, true)
    }
    try config.require("_remove_final_layer_norm", false)
    if try config.number("layerdrop", default: 0) != 0 {
      throw config.unsupported("layerdrop", hint: "only 0 is: a layer is never left out.")
    }
    let width = try config.size("hidden_size", in: 1...SizeLimit.width)
    try config.require("word_embed_proj_dim", width)
    let heads = try config.size("num_attention_heads", in: 1...SizeLimit.heads)
    try config.requireEvenHeads("num_attention_heads", heads: heads, width: width)
    var configuration = ModelConfiguration(
      family: GPT.name, vocabularySize: try config.size("vocab_size", in: 1...SizeLimit.vocabularySize),
      dropout: try config.number("dropout", default: 0.1),
      sizes: [
        "width": SizeValue(width), "heads": SizeValue(heads),
        "feedForward": SizeValue(try config.size("ffn_dim", in: 1...SizeLimit.feedForward)),
        "decoderLayers": SizeValue(try config.size("num_hidden_layers", in: 1...SizeLimit.layers)),
        "activation": SizeValue(try config.activation("activation_function", default: "relu")),
        "tied": .boolean(try config.boolean("tie_word_embeddings", default: true)),
        // PyTorch's, which no key changes.
        "epsilon": 1e-5, "skippedPositions": 2,
        "maximumLength": SizeValue(
          try config.size("max_position_embeddings", in: 1...SizeLimit.maximumLength, default: 2048)),
      ])
    // Its tokenizer puts the start token before every text.
    configuration.reading = try TextReading(of: config, omitsStart: false)
    let (gpt, complete) = try GPT.member(configuration, source: config.path)
    return HuggingFaceModel(configuration: complete, map: .opt(gpt))
  }

  static func claims(_ configuration: ModelConfiguration) -> Bool { GPT.relative(configuration) == .opt }

  static func export(
    _ configuration: ModelConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> HuggingFaceExport {
    let (gpt, configuration) = try GPT.member(configuration)
    let c = gpt.blocks
    try configuration.requireWriter()
    try gpt.requireCounterpart("OPT")
    guard c.epsilon == 1e-5, gpt.scalesAttention, !gpt.scalesAttentionByLayer else {
      throw GraftError(
        .usage, "transformers' OPT has an 'epsilon' of 1e-5 and attention that is scaled by the width of its heads",
        hint: "only models with these can be written for it.")
    }
    let config: [String: ConfigValue] = [
      "activation_function": .string(c.activation.huggingFaceName),
      "attention_dropout": .number(configuration.dropout), "do_layer_norm_before": .boolean(true),
      "dropout": .number(configuration.dropout), "enable_bias": .boolean(true), "ffn_dim": .integer(c.feedForward),
      "hidden_size": .integer(c.width), "layer_norm_elementwise_affine": .boolean(true),
      "max_position_embeddings": .integer(gpt.maximumLength), "num_attention_heads": .integer(c.heads),
      "num_hidden_layers": .integer(gpt.layers), "tie_word_embeddings": .boolean(c.isTied),
      "word_embed_proj_dim": .integer(c.width),
    ]
    return HuggingFaceExport(
      architecture: "OPTForCausalLM", map: .opt(gpt), config: try configuration.decoderConfig(config, tokens),
      maximumLength: gpt.maximumLength, generation: tokens.decoderKeys)
  }
}
