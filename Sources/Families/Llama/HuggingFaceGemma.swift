import Autograd
import Checkpointing
import ModelKit
import Support

/// Gemma of the first generation (Mesnard et al. 2024): a Llama whose embeddings are multiplied by the root of the
/// width, whose norms' weights say how far gains are from 1, and whose gates are GELUs.
enum HuggingFaceGemma: HuggingFaceModelType {
  private static let defaults = HuggingFaceLlama.Defaults(
    longest: 8192, keyValueHeads: 16, headDimension: 256, isTied: true)

  static func model(_ config: HuggingFaceConfig, _ weights: WeightFiles) throws(GraftError)
    -> HuggingFaceModel
  {
    try config.require("attention_bias", false)
    try config.require("use_bidirectional_attention", false)
    // Where both are there, the second is meant. `gelu` means the tanh form in either, as in the first releases.
    let activation = try config.activation(
      config.has("hidden_activation") ? "hidden_activation" : "hidden_act", default: "gelu_pytorch_tanh")
    return try HuggingFaceLlama.model(
      config,
      [
        "activation": SizeValue(activation == .exactGELU ? .gelu : activation),
        "norm": SizeValue(NormalizationKind.offsetRMS), "scalesEmbedding": true,
      ], omitsStart: false, defaults: defaults)
  }

  static func claims(_ configuration: ModelConfiguration) -> Bool { Llama.relative(configuration) == .gemma }

  static func export(
    _ configuration: ModelConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> HuggingFaceExport {
    let activation = try Llama.member(configuration).member.blocks.activation
    guard activation != .exactGELU else {
      throw GraftError(
        .usage, "transformers' Gemma takes the exact GELU for its tanh form", hint: "only \"gelu\" can be written.")
    }
    return try HuggingFaceLlama.export(configuration, tokens, architecture: "GemmaForCausalLM") { _ in
      var keys: [String: ConfigValue] = ["attention_bias": .boolean(false)]
      // Its files have the function's other name.
      if activation == .gelu { keys["hidden_act"] = .string("gelu_pytorch_tanh") }
      return keys
    }
  }
}
