import Autograd
import Checkpointing
import ModelKit
import Records
import Support

/// Models of the family `modern` for transformers, which does not have them: the folder holds the code that computes
/// them (`trust_remote_code`). Parameters have the names of Graft's.
enum HuggingFaceModern: HuggingFaceModelType {
  static let modelType = "graft-modern"
  private static let module = "modeling_graft_modern"

  static func model(_ config: HuggingFaceConfig, _ weights: WeightFiles) throws(GraftError) -> HuggingFaceModel {
    var configuration = ModelConfiguration(
      family: Modern.name, vocabularySize: try config.size("vocab_size", in: 1...SizeLimit.vocabularySize),
      dropout: 0,
      sizes: [
        "width": SizeValue(try config.size("hidden_size", in: 1...SizeLimit.width)),
        "heads": SizeValue(try config.size("num_attention_heads", in: 1...SizeLimit.heads)),
        "headDimension": SizeValue(try config.size("head_dim", in: 1...SizeLimit.headDimension)),
        "feedForward": SizeValue(try config.size("intermediate_size", in: 1...SizeLimit.feedForward)),
        "layers": SizeValue(try config.size("num_hidden_layers", in: 1...SizeLimit.layers)),
        "activation": SizeValue(try config.activation("hidden_act", default: "relu2")),
        "gated": .boolean(try config.boolean("gated", default: false)),
        "tied": .boolean(try config.boolean("tie_word_embeddings", default: true)),
        "epsilon": .number(try config.number("rms_norm_eps", default: 1e-6)),
        "layout": .text(try config.string("layout", default: BatchLayout.prefixDecoder.rawValue)),
        "positions": .text(try config.string("positions", default: "rotary")),
        "ropeTheta": .number(try config.number("rope_theta", default: 10_000)),
        "relativeBuckets": SizeValue(try config.size("relative_buckets", in: 4...1024, default: 32)),
        "relativeDistance": SizeValue(
          try config.size("relative_distance", in: 4...SizeLimit.maximumLength, default: 128)),
        "headNorm": .boolean(try config.boolean("head_norm", default: true)),
        "scoreScale": .number(try config.number("score_scale", default: 0.17)),
        "embeddingNorm": .boolean(try config.boolean("embedding_norm", default: true)),
        "shortcut": .boolean(try config.boolean("shortcut", default: true)),
      ])
    if config.has("max_position_embeddings") {
      configuration.sizes["maximumLength"] = SizeValue(
        try config.size("max_position_embeddings", in: 1...SizeLimit.maximumLength))
    }
    if config.has("value_embedding_stride") {
      configuration.sizes["valueEmbeddingStride"] = SizeValue(
        try config.size("value_embedding_stride", in: 1...SizeLimit.layers))
    }
    if config.has("bigram_rows") {
      configuration.sizes["bigramRows"] = SizeValue(
        try config.size("bigram_rows", in: 2...SizeLimit.vocabularySize))
    }
    if config.has("logit_cap") {
      configuration.sizes["logitCap"] = .number(try config.number("logit_cap", default: 15))
    }
    configuration.reading = try TextReading(of: config, omitsStart: false)
    let (modern, complete) = try Modern.member(configuration, source: config.path)
    return HuggingFaceModel(configuration: complete, map: try map(modern, complete))
  }

  /// Names are the same on both sides.
  private static func map(
    _ modern: Modern, _ configuration: ModelConfiguration
  ) throws(GraftError) -> ForeignKeyMap {
    let declarations = try Families.make(configuration).declarations
    return ForeignKeyMap(
      family: "modern",
      entries: declarations.all.map {
        ForeignKeyMap.Entry(name: $0.name, foreign: [$0.name], transform: .identity)
      }
    ) { _ in false }
  }

  static func claims(_ configuration: ModelConfiguration) -> Bool { configuration.family == Modern.name }

  static func export(
    _ configuration: ModelConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> HuggingFaceExport {
    let (modern, configuration) = try Modern.member(configuration)
    try configuration.requireWriter()
    let c = modern.blocks
    let isEncoder = modern.reading == .encoder
    let architecture = isEncoder ? "GraftModernForMaskedLM" : "GraftModernForCausalLM"
    var config: [String: ConfigValue] = [
      "auto_map": .object([
        "AutoConfig": .string("\(module).GraftModernConfig"),
        isEncoder ? "AutoModelForMaskedLM" : "AutoModelForCausalLM": .string("\(module).\(architecture)"),
      ]),
      "embedding_norm": .boolean(modern.normalizesEmbedding), "gated": .boolean(c.isGated),
      "head_dim": .integer(c.headDimension), "head_norm": .boolean(modern.normalizesHeads),
      "hidden_act": .string(c.activation.huggingFaceName), "hidden_size": .integer(c.width),
      "intermediate_size": .integer(c.feedForward), "layout": .string(modern.reading.rawValue),
      "num_attention_heads": .integer(c.heads), "num_hidden_layers": .integer(modern.layers),
      "positions": .string(modern.positions.rawValue), "relative_buckets": .integer(modern.relativeBuckets),
      "relative_distance": .integer(modern.relativeDistance), "rms_norm_eps": .number(c.epsilon),
      "rope_theta": .number(modern.rotary.base), "score_scale": .number(modern.scoreScale),
      "shortcut": .boolean(modern.hasShortcut), "tie_word_embeddings": .boolean(c.isTied),
    ]
    config["max_position_embeddings"] = modern.maximumLength.map { .integer($0) }
    config["value_embedding_stride"] = modern.valueEmbeddingStride.map { .integer($0) }
    config["bigram_rows"] = modern.bigramRows.map { .integer($0) }
    config["logit_cap"] = modern.logitCap.map { .number($0) }
    return HuggingFaceExport(
      architecture: architecture, map: try map(modern, configuration),
      config: try configuration.decoderConfig(config, tokens),
      maximumLength: modern.maximumLength, generation: isEncoder ? nil : tokens.decoderKeys,
      code: ["\(module).py": "Checkpoints/transformers/\(module).py"])
  }
}
