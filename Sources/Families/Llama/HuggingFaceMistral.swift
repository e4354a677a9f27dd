import Checkpointing
import ModelKit
import Support

/// Mistral (Jiang et al. 2023): a Llama whose positions see those of a window. Without one, or with one of the longest
/// sequence, it is a Llama and is written as such.
enum HuggingFaceMistral: HuggingFaceModelType {
  private static let defaults = HuggingFaceLlama.Defaults(longest: 131_072, keyValueHeads: 8)

  static func model(_ config: HuggingFaceConfig, _ weights: WeightFiles) throws(GraftError)
    -> HuggingFaceModel
  {
    if config.has("layer_types") { throw config.unsupported("layer_types", hint: "all layers have one window.") }
    var variant: [String: SizeValue] = [:]
    if !config.isNull("sliding_window") {
      let window = try config.size("sliding_window", in: 1...SizeLimit.maximumLength, default: 4096)
      if window < (try HuggingFaceLlama.longest(config, defaults)) { variant["window"] = SizeValue(window) }
    }
    return try HuggingFaceLlama.model(config, variant, omitsStart: false, defaults: defaults)
  }

  static func claims(_ configuration: ModelConfiguration) -> Bool { Llama.relative(configuration) == .mistral }

  static func export(
    _ configuration: ModelConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> HuggingFaceExport {
    try HuggingFaceLlama.export(configuration, tokens, architecture: "MistralForCausalLM") { llama in
      var keys: [String: ConfigValue] = [:]
      keys["sliding_window"] = llama.window.map { .integer($0) }
      return keys
    }
  }
}
