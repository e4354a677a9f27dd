import Autograd
import Checkpointing
import ModelKit
import Records
import Support

/// Llama, and what its relatives have like it.
enum HuggingFaceLlama: HuggingFaceModelType {
  static func model(_ config: HuggingFaceConfig, _ weights: WeightFiles) throws(GraftError)
    -> HuggingFaceModel
  {
    var variant: [String: SizeValue] = [:]
    if try config.boolean("attention_bias", default: false) {
      variant["attentionBiases"] = SizeValue(Llama.AttentionBiases.all)
    }
    if try config.boolean("mlp_bias", default: false) { variant["feedForwardBiases"] = true }
    // The tokenizers of Llama put the start token before every text.
    return try model(config, variant, omitsStart: false)
  }

  /// What config.json says where a key is absent, as far as models differ in it.
  struct Defaults {
    var longest = 2048
    /// Nil for as many as queries have.
    var keyValueHeads: Int?
    /// Nil for the width by the heads.
    var headDimension: Int?
    var isTied = false
  }

  /// - Parameters:
  ///   - variant: the sizes in which a relative of Llama differs from it.
  ///   - omitsStart: whether a text that is to be continued has no start token before it.
  static func model(
    _ config: HuggingFaceConfig, _ variant: [String: SizeValue], omitsStart: Bool, defaults: Defaults = Defaults()
  ) throws(GraftError) -> HuggingFaceModel {
    let width = try config.size("hidden_size", in: 1...SizeLimit.width)
    let heads = try config.size("num_attention_heads", in: 1...SizeLimit.heads)
    if !config.has("head_dim"), defaults.headDimension == nil {
      try config.requireEvenHeads("num_attention_heads", heads: heads, width: width)
    }
    let headDimension = try config.size(
      "head_dim", in: 1...SizeLimit.headDimension, default: defaults.headDimension ?? width / heads)
    let keyValueHeads = try config.size(
      "num_key_value_heads", in: 1...SizeLimit.heads,
      default: config.isNull("num_key_value_heads") ? heads : defaults.keyValueHeads ?? heads)
    guard heads % keyValueHeads == 0 else {
      throw config.unsupported("num_key_value_heads", hint: "it must divide the number of heads, which is \(heads).")
    }
    let longest = try longest(config, defaults)
    var configuration = ModelConfiguration(
      family: Llama.name, vocabularySize: try config.size("vocab_size", in: 1...SizeLimit.vocabularySize),
      dropout: try config.number("attention_dropout", default: 0),
      sizes: [
        "width": SizeValue(width), "heads": SizeValue(heads), "headDimension": SizeValue(headDimension),
        "feedForward": SizeValue(try config.size("intermediate_size", in: 1...SizeLimit.feedForward)),
        "decoderLayers": SizeValue(try config.size("num_hidden_layers", in: 1...SizeLimit.layers)),
        "activation": SizeValue(try config.activation("hidden_act", default: "silu")), "gated": true,
        "tied": .boolean(try config.boolean("tie_word_embeddings", default: defaults.isTied)),
        "epsilon": .number(try config.number("rms_norm_eps", default: 1e-6)),
        "maximumLength": SizeValue(longest),
      ])
    if keyValueHeads < heads { configuration.sizes["keyValueHeads"] = SizeValue(keyValueHeads) }
    let rotary = try RotaryPositions(config, longest: longest, headDimension: headDimension)
    configuration.sizes.merge(rotary.sizes.merging(variant) { $1 }) { $1 }
    configuration.reading = try TextReading(of: config, omitsStart: omitsStart)
    let (llama, complete) = try Llama.member(configuration, source: config.path)
    return HuggingFaceModel(configuration: complete, map: .llama(llama))
  }

  static func longest(_ config: HuggingFaceConfig, _ defaults: Defaults) throws(GraftError) -> Int {
    try config.size("max_position_embeddings", in: 1...SizeLimit.maximumLength, default: defaults.longest)
  }

  static func claims(_ configuration: ModelConfiguration) -> Bool { Llama.relative(configuration) == .llama }

  static func export(
    _ configuration: ModelConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> HuggingFaceExport {
    try export(configuration, tokens, architecture: "LlamaForCausalLM") { llama in
      [
        "attention_bias": .boolean(llama.attentionBiases == .all), "mlp_bias": .boolean(llama.hasFeedForwardBiases),
      ]
    }
  }

  /// - Parameter variant: the keys that only this relative of Llama has.
  static func export(
    _ configuration: ModelConfiguration, _ tokens: HuggingFaceTokens, architecture: String,
    _ variant: (Llama) -> [String: ConfigValue]
  ) throws(GraftError) -> HuggingFaceExport {
    let (llama, configuration) = try Llama.member(configuration)
    let c = llama.blocks
    try configuration.requireWriter()
    try llama.requireOneDirection("Llama")
    guard c.isGated else {
      throw GraftError(
        .usage, "transformers' Llama has gated feed-forward layers only",
        hint: "only models with \"gated\" can be written for it.")
    }
    guard c.width % c.heads == 0 else {
      throw GraftError(
        .usage, "the width \(c.width) cannot be dealt to \(c.heads) heads", hint: "transformers' Llama asks for that.")
    }
    let longest = llama.maximumLength ?? 2048
    let config: [String: ConfigValue] = [
      "attention_dropout": .number(configuration.dropout), "head_dim": .integer(c.headDimension),
      "hidden_act": .string(c.activation.huggingFaceName), "hidden_size": .integer(c.width),
      "intermediate_size": .integer(c.feedForward), "max_position_embeddings": .integer(longest),
      "num_attention_heads": .integer(c.heads), "num_hidden_layers": .integer(llama.layers),
      "num_key_value_heads": .integer(llama.keyValueHeads), "rms_norm_eps": .number(c.epsilon),
      "tie_word_embeddings": .boolean(c.isTied),
    ].merging(llama.rotary.huggingFaceKeys(headDimension: c.headDimension)) { $1 }.merging(variant(llama)) { $1 }
    return HuggingFaceExport(
      architecture: architecture, map: .llama(llama),
      config: try configuration.decoderConfig(config, tokens),
      maximumLength: longest, generation: tokens.decoderKeys)
  }
}

extension Llama {
  /// The models of transformers that members of the family are written as.
  enum Relative {
    case gemma
    case gptNeoX
    case llama
    case mistral
    case qwen2
    case qwen3
  }

  /// Nil for what transformers has no model for, and for other families.
  static func relative(_ configuration: ModelConfiguration) -> Relative? {
    guard configuration.family == name, let (llama, _) = try? member(configuration) else { return nil }
    return llama.relative
  }

  private var relative: Relative? {
    if norm == .layer {
      let isPlain =
        window == nil && !normalizesHeads && !scalesEmbedding && keyValueHeads == blocks.heads && !blocks.isGated
      return isPlain && attentionBiases != .inputs && hasFeedForwardBiases ? .gptNeoX : nil
    }
    guard rotary.components == nil, !isParallel else { return nil }
    if norm == .offsetRMS || scalesEmbedding {
      let isPlain = window == nil && !normalizesHeads && attentionBiases == nil && !hasFeedForwardBiases
      return isPlain && norm == .offsetRMS && scalesEmbedding ? .gemma : nil
    }
    if normalizesHeads { return attentionBiases == .inputs || hasFeedForwardBiases ? nil : .qwen3 }
    if attentionBiases == .inputs { return hasFeedForwardBiases ? nil : .qwen2 }
    guard window != nil else { return .llama }
    return attentionBiases == nil && !hasFeedForwardBiases && firstWindowedLayer == 0 ? .mistral : nil
  }

  /// - Parameter model: of transformers, for the error.
  func requireOneDirection(_ model: String) throws(GraftError) {
    guard hasPrefix else { return }
    throw GraftError(
      .usage, "transformers' \(model) cannot read a prompt from both sides",
      hint: "only models without \"prefix\" can be written for it.")
  }
}
