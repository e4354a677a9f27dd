import Autograd
import Checkpointing
import ModelKit
import Records
import Support

/// GPT-NeoX (Black et al. 2022), which Pythia and others are built like.
enum HuggingFaceGPTNeoX: HuggingFaceModelType {
  static func model(_ config: HuggingFaceConfig, _ weights: WeightFiles) throws(GraftError)
    -> HuggingFaceModel
  {
    try config.require("is_decoder", false)
    let width = try config.size("hidden_size", in: 1...SizeLimit.width)
    let heads = try config.size("num_attention_heads", in: 1...SizeLimit.heads)
    try config.requireEvenHeads("num_attention_heads", heads: heads, width: width)
    let longest = try config.size("max_position_embeddings", in: 1...SizeLimit.maximumLength, default: 2048)
    var configuration = ModelConfiguration(
      family: Llama.name, vocabularySize: try config.size("vocab_size", in: 1...SizeLimit.vocabularySize),
      dropout: try config.number("hidden_dropout", default: 0),
      sizes: [
        "width": SizeValue(width), "heads": SizeValue(heads), "norm": SizeValue(NormalizationKind.layer),
        "feedForward": SizeValue(try config.size("intermediate_size", in: 1...SizeLimit.feedForward)),
        "decoderLayers": SizeValue(try config.size("num_hidden_layers", in: 1...SizeLimit.layers)),
        "activation": SizeValue(try config.activation("hidden_act", default: "gelu")), "feedForwardBiases": true,
        "tied": .boolean(try config.boolean("tie_word_embeddings", default: false)),
        "epsilon": .number(try config.number("layer_norm_eps", default: 1e-5)),
        "maximumLength": SizeValue(longest),
      ])
    if try config.boolean("attention_bias", default: true) {
      configuration.sizes["attentionBiases"] = SizeValue(Llama.AttentionBiases.all)
    }
    if try config.boolean("use_parallel_residual", default: true) { configuration.sizes["parallel"] = true }
    let rotary = try RotaryPositions(
      config, longest: longest, headDimension: width / heads, baseKey: "rotary_emb_base", shareKey: "rotary_pct",
      share: 0.25)
    configuration.sizes.merge(rotary.sizes) { $1 }
    configuration.reading = try TextReading(of: config, omitsStart: true)
    let (llama, complete) = try Llama.member(configuration, source: config.path)
    return HuggingFaceModel(configuration: complete, map: .gptNeoX(llama))
  }

  static func claims(_ configuration: ModelConfiguration) -> Bool { Llama.relative(configuration) == .gptNeoX }

  static func export(
    _ configuration: ModelConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> HuggingFaceExport {
    let (llama, configuration) = try Llama.member(configuration)
    let c = llama.blocks
    try configuration.requireWriter()
    try llama.requireOneDirection("GPT-NeoX")
    guard c.inner == c.width else {
      throw GraftError(
        .usage, "\(c.heads) heads of \(c.headDimension) are not the width \(c.width)",
        hint: "transformers' GPT-NeoX divides the width by the heads.")
    }
    let longest = llama.maximumLength ?? 2048
    let rotary = llama.rotary.huggingFaceKeys(
      headDimension: c.headDimension, baseKey: "rotary_emb_base", shareKey: "rotary_pct")
    let config: [String: ConfigValue] = [
      "attention_bias": .boolean(llama.attentionBiases == .all), "attention_dropout": .number(configuration.dropout),
      "hidden_act": .string(c.activation.huggingFaceName), "hidden_dropout": .number(configuration.dropout),
      "hidden_size": .integer(c.width), "intermediate_size": .integer(c.feedForward),
      "layer_norm_eps": .number(c.epsilon), "max_position_embeddings": .integer(longest),
      "num_attention_heads": .integer(c.heads), "num_hidden_layers": .integer(llama.layers),
      "tie_word_embeddings": .boolean(c.isTied), "use_parallel_residual": .boolean(llama.isParallel),
    ]
    return HuggingFaceExport(
      architecture: "GPTNeoXForCausalLM", map: .gptNeoX(llama),
      config: try configuration.decoderConfig(config.merging(rotary) { $1 }, tokens),
      maximumLength: longest, generation: tokens.decoderKeys)
  }
}
