import Autograd
import Checkpointing
import ModelKit
import Records
import Support

/// Llama.
enum HuggingFaceLlama: HuggingFaceModelType {
  static func model(_ config: HuggingFaceConfig, _ weights: WeightFiles) throws(GraftError)
    -> HuggingFaceModel
  {
    try config.require("attention_bias", false)
    try config.require("mlp_bias", false)
    let width = try config.size("hidden_size", in: 1...SizeLimit.width)
    let heads = try config.size("num_attention_heads", in: 1...SizeLimit.heads)
    if !config.has("head_dim") { try config.requireEvenHeads("num_attention_heads", heads: heads, width: width) }
    let keyValueHeads = try config.size("num_key_value_heads", in: 1...SizeLimit.heads, default: heads)
    guard heads % keyValueHeads == 0 else {
      throw config.unsupported("num_key_value_heads", hint: "it must divide the number of heads, which is \(heads).")
    }
    let longest = try config.size("max_position_embeddings", in: 1...SizeLimit.maximumLength, default: 2048)
    var configuration = ModelConfiguration(
      family: Llama.name, vocabularySize: try config.size("vocab_size", in: 1...SizeLimit.vocabularySize),
      dropout: try config.number("attention_dropout", default: 0),
      sizes: [
        "width": SizeValue(width), "heads": SizeValue(heads),
        "headDimension": SizeValue(
          try config.size("head_dim", in: 1...SizeLimit.headDimension, default: width / heads)),
        "feedForward": SizeValue(try config.size("intermediate_size", in: 1...SizeLimit.feedForward)),
        "decoderLayers": SizeValue(try config.size("num_hidden_layers", in: 1...SizeLimit.layers)),
        "activation": SizeValue(try config.activation("hidden_act", default: "silu")), "gated": true,
        "tied": .boolean(try config.boolean("tie_word_embeddings", default: false)),
        "epsilon": .number(try config.number("rms_norm_eps", default: 1e-6)),
        "maximumLength": SizeValue(longest),
      ])
    if keyValueHeads < heads { configuration.sizes["keyValueHeads"] = SizeValue(keyValueHeads) }
    configuration.sizes.merge(try positions(config, longest: longest)) { $1 }
    // The tokenizers of Llama put the start token before every text.
    configuration.reading = try TextReading(of: config, omitsStart: false) ?? TextReading(.continuation)
    let (llama, complete) = try Llama.member(configuration, source: config.path)
    return HuggingFaceModel(configuration: complete, map: map(llama))
  }

  /// Of `rope_parameters`, or of what stood for it in versions before 5: `rope_theta` beside `rope_scaling`.
  private static func positions(
    _ config: HuggingFaceConfig, longest: Int
  ) throws(GraftError) -> [String: SizeValue] {
    let (current, older) = (try config.object("rope_parameters"), try config.object("rope_scaling"))
    func positive(_ key: String, in object: HuggingFaceConfig, default absent: Double) throws(GraftError) -> Double {
      let number = try object.number(key, default: absent)
      guard number > 0 else { throw object.unsupported(key, hint: "it is a positive number.") }
      return number
    }
    let base = try positive("rope_theta", in: current ?? config, default: 10_000)
    var sizes: [String: SizeValue] = base == 10_000 ? [:] : ["ropeTheta": .number(base)]
    guard let scaling = current ?? older else { return sizes }
    let key = scaling.has("rope_type") ? "rope_type" : "type"
    switch try scaling.string(key, default: "default") {
    case "default": break
    case "linear":
      sizes.merge(Llama.sizes(of: .linear(factor: try positive("factor", in: scaling, default: 1)))) { $1 }
    case "llama3":
      let factors = RotaryPositions.Scaling.llama3(
        factor: try positive("factor", in: scaling, default: 8),
        lowFactor: try positive("low_freq_factor", in: scaling, default: 1),
        highFactor: try positive("high_freq_factor", in: scaling, default: 4),
        originalLength: try scaling.integer("original_max_position_embeddings", default: longest))
      sizes.merge(Llama.sizes(of: factors)) { $1 }
    default: throw scaling.unsupported(key, hint: "default, linear and llama3 are.")
    }
    return sizes
  }

  private static func map(_ llama: Llama) -> ForeignKeyMap {
    .llama(layers: llama.layers, isTied: llama.blocks.isTied)
  }

  static func claims(_ configuration: ModelConfiguration) -> Bool { configuration.family == Llama.name }

  static func export(
    _ configuration: ModelConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> HuggingFaceExport {
    let (llama, configuration) = try Llama.member(configuration)
    let c = llama.blocks
    try configuration.requireWriter()
    guard !llama.hasPrefix else {
      throw GraftError(
        .usage, "transformers' Llama cannot read a prompt from both sides",
        hint: "only models without \"prefix\" can be written for it.")
    }
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
    var config: [String: ConfigValue] = [
      "attention_bias": .boolean(false), "attention_dropout": .number(configuration.dropout),
      "head_dim": .integer(c.headDimension), "hidden_act": .string(c.activation.huggingFaceName),
      "hidden_size": .integer(c.width), "intermediate_size": .integer(c.feedForward),
      "max_position_embeddings": .integer(longest), "mlp_bias": .boolean(false),
      "num_attention_heads": .integer(c.heads), "num_hidden_layers": .integer(llama.layers),
      "num_key_value_heads": .integer(llama.keyValueHeads), "rms_norm_eps": .number(c.epsilon),
      "rope_theta": .number(llama.rotary.base), "tie_word_embeddings": .boolean(c.isTied),
    ]
    // Versions before 5 read the scaling by itself, later ones together with the base.
    let scaling = scalingKeys(llama.rotary.scaling)
    if let scaling { config["rope_scaling"] = .object(scaling) }
    config["rope_parameters"] = .object(
      (scaling ?? ["rope_type": .string("default")]).merging(["rope_theta": .number(llama.rotary.base)]) { $1 })
    return HuggingFaceExport(
      architecture: "LlamaForCausalLM", map: map(llama),
      config: try configuration.decoderConfig(config, tokens),
      maximumLength: longest, generation: tokens.decoderKeys)
  }

  private static func scalingKeys(_ scaling: RotaryPositions.Scaling?) -> [String: ConfigValue]? {
    switch scaling {
    case nil: nil
    case .linear(let factor): ["rope_type": .string("linear"), "factor": .number(factor)]
    case .llama3(let factor, let lowFactor, let highFactor, let originalLength):
      [
        "rope_type": .string("llama3"), "factor": .number(factor), "low_freq_factor": .number(lowFactor),
        "high_freq_factor": .number(highFactor),
        "original_max_position_embeddings": .integer(originalLength),
      ]
    }
  }
}
