import Checkpointing
import ModelKit
import Support

/// Qwen 2 and 2.5: a Llama whose queries, keys and values have biases.
enum HuggingFaceQwen2: HuggingFaceModelType {
  static func model(_ config: HuggingFaceConfig, _ weights: WeightFiles) throws(GraftError)
    -> HuggingFaceModel
  {
    var variant = try QwenWindow.sizes(config)
    variant["attentionBiases"] = SizeValue(Llama.AttentionBiases.inputs)
    return try HuggingFaceLlama.model(config, variant, omitsStart: true, defaults: QwenWindow.defaults)
  }

  static func claims(_ configuration: ModelConfiguration) -> Bool { Llama.relative(configuration) == .qwen2 }

  static func export(
    _ configuration: ModelConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> HuggingFaceExport {
    var export = try HuggingFaceLlama.export(
      configuration, tokens, architecture: "Qwen2ForCausalLM", QwenWindow.keys)
    // Its configuration has no such key of its own, though its model reads one.
    let (llama, _) = try Llama.member(configuration)
    if llama.blocks.inner == llama.blocks.width { export.config["head_dim"] = nil }
    return export
  }
}

/// Qwen 3: a Llama whose queries and keys are normalised head by head.
enum HuggingFaceQwen3: HuggingFaceModelType {
  static func model(_ config: HuggingFaceConfig, _ weights: WeightFiles) throws(GraftError)
    -> HuggingFaceModel
  {
    var variant = try QwenWindow.sizes(config)
    variant["headNorm"] = true
    if try config.boolean("attention_bias", default: false) {
      variant["attentionBiases"] = SizeValue(Llama.AttentionBiases.all)
    }
    var defaults = QwenWindow.defaults
    defaults.headDimension = 128
    return try HuggingFaceLlama.model(config, variant, omitsStart: true, defaults: defaults)
  }

  static func claims(_ configuration: ModelConfiguration) -> Bool { Llama.relative(configuration) == .qwen3 }

  static func export(
    _ configuration: ModelConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> HuggingFaceExport {
    try HuggingFaceLlama.export(configuration, tokens, architecture: "Qwen3ForCausalLM") { llama in
      QwenWindow.keys(llama).merging(["attention_bias": .boolean(llama.attentionBiases == .all)]) { $1 }
    }
  }
}

/// Qwen's window, which the layers from some number on have if the file says that it is used at all.
private enum QwenWindow {
  static let defaults = HuggingFaceLlama.Defaults(longest: 32_768, keyValueHeads: 32)
  private static let (full, sliding) = ("full_attention", "sliding_attention")

  static func sizes(_ config: HuggingFaceConfig) throws(GraftError) -> [String: SizeValue] {
    let layers = try config.size("num_hidden_layers", in: 1...SizeLimit.layers)
    let isUsed = try config.boolean("use_sliding_window", default: false) && !config.isNull("sliding_window")
    var first = isUsed ? try config.size("max_window_layers", in: 0...SizeLimit.layers, default: 28) : layers
    if let types = try config.strings("layer_types") {
      first = types.firstIndex(of: sliding) ?? layers
      let expected = (0..<layers).map { $0 < first ? full : sliding }
      guard types == expected, isUsed || first == layers else {
        throw config.unsupported("layer_types", hint: "windows in the last layers are, with 'use_sliding_window'.")
      }
    }
    guard first < layers else { return [:] }
    let window = try config.size("sliding_window", in: 1...SizeLimit.maximumLength, default: 4096)
    guard window < (try HuggingFaceLlama.longest(config, defaults)) else { return [:] }
    var sizes: [String: SizeValue] = ["window": SizeValue(window)]
    if first > 0 { sizes["firstWindowedLayer"] = SizeValue(first) }
    return sizes
  }

  static func keys(_ llama: Llama) -> [String: ConfigValue] {
    let first = llama.window == nil ? llama.layers : llama.firstWindowedLayer
    var keys: [String: ConfigValue] = [
      "layer_types": .strings((0..<llama.layers).map { $0 < first ? full : sliding }),
      "use_sliding_window": .boolean(llama.window != nil),
    ]
    if let window = llama.window {
      (keys["max_window_layers"], keys["sliding_window"]) = (.integer(first), .integer(window))
    }
    return keys
  }
}
