import Checkpointing
import ModelKit
import Records
import Support

/// GPT-Neo (Black et al. 2021): a GPT-2 without a scale on attention, whose queries, keys and values have no biases and
/// whose every second layer sees through a window.
enum HuggingFaceGPTNeo: HuggingFaceModelType {
  private static func layers(_ count: Int) -> [String] { (0..<count).map { $0 % 2 == 0 ? "global" : "local" } }

  static func model(_ config: HuggingFaceConfig, _ weights: WeightFiles) throws(GraftError)
    -> HuggingFaceModel
  {
    let width = try config.size("hidden_size", in: 1...SizeLimit.width)
    let heads = try config.size("num_heads", in: 1...SizeLimit.heads)
    try config.requireEvenHeads("num_heads", heads: heads, width: width)
    let layers = try config.size("num_layers", in: 1...SizeLimit.layers)
    let types = try config.strings("attention_layers")
    guard types == Self.layers(layers) || types == Array(repeating: "global", count: layers) else {
      throw config.unsupported("attention_layers", hint: "'global' and 'local' by turns are, and 'global' alone.")
    }
    let longest = try config.size("max_position_embeddings", in: 1...SizeLimit.maximumLength, default: 2048)
    var configuration = ModelConfiguration(
      family: GPT.name, vocabularySize: try config.size("vocab_size", in: 1...SizeLimit.vocabularySize),
      dropout: try config.number("resid_dropout", default: 0),
      sizes: [
        "width": SizeValue(width), "heads": SizeValue(heads),
        "feedForward": SizeValue(
          try config.size("intermediate_size", in: 1...SizeLimit.feedForward, default: 4 * width)),
        "decoderLayers": SizeValue(layers),
        "activation": SizeValue(try config.activation("activation_function", default: "gelu_new")),
        "tied": .boolean(try config.boolean("tie_word_embeddings", default: true)),
        "epsilon": .number(try config.number("layer_norm_epsilon", default: 1e-5)),
        "maximumLength": SizeValue(longest), "scalesAttention": false,
        "attentionBiases": SizeValue(GPT.AttentionBiases.output),
      ])
    if types?.contains("local") == true {
      let window = try config.size("window_size", in: 1...SizeLimit.maximumLength, default: 256)
      if window < longest { configuration.sizes["window"] = SizeValue(window) }
    }
    configuration.reading = try TextReading(of: config, omitsStart: true)
    let (gpt, complete) = try GPT.member(configuration, source: config.path)
    return HuggingFaceModel(configuration: complete, map: .gptNeo(gpt))
  }

  static func claims(_ configuration: ModelConfiguration) -> Bool { GPT.relative(configuration) == .gptNeo }

  static func export(
    _ configuration: ModelConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> HuggingFaceExport {
    let (gpt, configuration) = try GPT.member(configuration)
    let c = gpt.blocks
    try configuration.requireWriter()
    try gpt.requireCounterpart("GPT-Neo")
    let types = gpt.window == nil ? Array(repeating: "global", count: gpt.layers) : layers(gpt.layers)
    var config: [String: ConfigValue] = [
      "activation_function": .string(c.activation.huggingFaceName),
      "attention_dropout": .number(configuration.dropout), "attention_layers": .strings(types),
      // One run of all layers' types, once.
      "attention_types": .list([.list([.strings(types), .integer(1)])]),
      "embed_dropout": .number(configuration.dropout), "hidden_size": .integer(c.width),
      "intermediate_size": .integer(c.feedForward), "layer_norm_epsilon": .number(c.epsilon),
      "max_position_embeddings": .integer(gpt.maximumLength), "num_heads": .integer(c.heads),
      "num_layers": .integer(gpt.layers), "resid_dropout": .number(configuration.dropout),
      "tie_word_embeddings": .boolean(c.isTied),
    ]
    config["window_size"] = gpt.window.map { .integer($0) }
    return HuggingFaceExport(
      architecture: "GPTNeoForCausalLM", map: .gptNeo(gpt), config: try configuration.decoderConfig(config, tokens),
      maximumLength: gpt.maximumLength, generation: tokens.decoderKeys)
  }
}
