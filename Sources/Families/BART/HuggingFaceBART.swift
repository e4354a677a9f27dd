import Autograd
import Checkpointing
import ModelKit
import Records
import Support

/// BART.
enum HuggingFaceBART: HuggingFaceModelType {
  static func model(_ config: HuggingFaceConfig, _ weights: WeightFiles) throws(GraftError)
    -> HuggingFaceModel
  {
    // The pad of a file that says none, as of the others, is that of BART's own vocabulary.
    let end = try config.integer("eos_token_id", default: 2)
    return try model(
      config, weights,
      [
        "skippedPositions": 2, "openingToken": SizeValue(try config.integer("bos_token_id", default: 0)),
        "startToken": SizeValue(try config.integer("decoder_start_token_id", default: end)),
        "untrainedToken": SizeValue(try config.integer("pad_token_id", default: 1)),
      ])
  }

  /// - Parameter variant: the sizes in which BART and Marian differ.
  static func model(
    _ config: HuggingFaceConfig, _ weights: WeightFiles, _ variant: [String: SizeValue]
  ) throws(GraftError) -> HuggingFaceModel {
    try config.require("is_encoder_decoder", true)
    try config.require("is_decoder", false)
    try config.require("tie_word_embeddings", true)
    for key in ["normalize_before", "add_final_layer_norm"] { try config.require(key, false) }
    for key in ["encoder_layerdrop", "decoder_layerdrop"] where try config.number(key, default: 0) != 0 {
      throw config.unsupported(key, hint: "only 0 is: a layer is never left out.")
    }
    let width = try config.size("d_model", in: 1...SizeLimit.width, default: 1024)
    let heads = try config.size("encoder_attention_heads", in: 1...SizeLimit.heads, default: 16)
    try config.requireEvenHeads("encoder_attention_heads", heads: heads, width: width)
    let feedForward = try config.size("encoder_ffn_dim", in: 1...SizeLimit.feedForward, default: 4096)
    try config.require("decoder_attention_heads", heads)
    try config.require("decoder_ffn_dim", feedForward)
    var configuration = ModelConfiguration(
      family: BART.name, vocabularySize: try config.size("vocab_size", in: 1...SizeLimit.vocabularySize),
      dropout: try config.number("dropout", default: 0.1),
      sizes: [
        "width": SizeValue(width), "heads": SizeValue(heads), "feedForward": SizeValue(feedForward),
        "encoderLayers": SizeValue(try config.size("encoder_layers", in: 1...SizeLimit.layers, default: 12)),
        "decoderLayers": SizeValue(try config.size("decoder_layers", in: 1...SizeLimit.layers, default: 12)),
        "activation": SizeValue(try config.activation("activation_function", default: "gelu")),
        // PyTorch's, which no key changes.
        "epsilon": 1e-5,
        "maximumLength": SizeValue(
          try config.size("max_position_embeddings", in: 1...SizeLimit.maximumLength, default: 1024)),
        "scalesEmbedding": .boolean(try config.boolean("scale_embedding", default: false)),
      ])
    if weights.contains("final_logits_bias") { configuration.sizes["outputBias"] = true }
    let generation = try generation(config)
    for (key, theirs) in [("firstToken", "forced_bos_token_id"), ("lastToken", "forced_eos_token_id")]
    where generation.has(theirs) {
      configuration.sizes[key] = SizeValue(try generation.integer(theirs))
    }
    if let words = try generation.integerLists("bad_words_ids") {
      guard words.count == 1, words[0].count == 1 else {
        throw generation.unsupported("bad_words_ids", hint: "one token is, which no answer has.")
      }
      configuration.sizes["suppressedToken"] = SizeValue(words[0][0])
      if try generation.boolean("renormalize_logits", default: false) {
        configuration.sizes["sharesSuppressed"] = true
      }
    }
    configuration.sizes.merge(variant) { $1 }
    try configuration.readClassifier(config, weights, output: "classification_head.out_proj.weight")
    if let answers = configuration.answers { configuration = configuration.answering(answers) }
    let (bart, complete) = try BART.member(configuration, source: config.path)
    return HuggingFaceModel(configuration: complete, map: .bart(bart, answers: complete.answers))
  }

  /// Where the folder says which tokens are written: a file of its own, in early folders config.json.
  private static func generation(_ config: HuggingFaceConfig) throws(GraftError) -> HuggingFaceConfig {
    try config.neighbor("generation_config.json") ?? config
  }

  static func claims(_ configuration: ModelConfiguration) -> Bool {
    guard configuration.family == BART.name, let (bart, _) = try? BART.member(configuration) else { return false }
    return bart.positions == .learned && bart.normalizesEmbedding && bart.skippedPositions == 2
  }

  static func export(
    _ configuration: ModelConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> HuggingFaceExport {
    let (bart, configuration) = try BART.member(configuration)
    let isClassifier = configuration.answers != nil
    var export = try export(
      bart, configuration, tokens,
      architecture: isClassifier ? "BartForSequenceClassification" : "BartForConditionalGeneration")
    let opening = ConfigValue.integer(Int(bart.tokens.opening ?? TokenID(tokens.start)))
    export.config["bos_token_id"] = opening
    export.generation?["bos_token_id"] = opening
    if isClassifier { export.generation = nil }
    export.config.merge(try configuration.classifierConfig()) { $1 }
    return export
  }

  /// What BART and Marian have alike.
  static func export(
    _ bart: BART, _ configuration: ModelConfiguration, _ tokens: HuggingFaceTokens, architecture: String
  ) throws(GraftError) -> HuggingFaceExport {
    let c = bart.blocks
    guard c.inner == c.width else {
      throw GraftError(
        .usage, "\(c.heads) heads of \(c.headDimension) are not the width \(c.width)",
        hint: "transformers' BART divides the width by the heads.")
    }
    guard c.epsilon == 1e-5 else {
      throw GraftError(
        .usage, "'epsilon' is \(c.epsilon), which transformers' BART cannot have", hint: "only 1e-5 can be written.")
    }
    var ends: [String: ConfigValue] = [
      "decoder_start_token_id": .integer(Int(bart.tokens.start ?? TokenID(tokens.start))),
      "eos_token_id": .integer(tokens.endOfSequence),
      "pad_token_id": .integer(Int(bart.untrainedToken ?? TokenID(tokens.padding))),
    ]
    ends["forced_eos_token_id"] = bart.tokens.last.map { .integer(Int($0)) }
    var generation = ends
    generation["forced_bos_token_id"] = bart.tokens.first.map { .integer(Int($0)) }
    generation["bad_words_ids"] = bart.tokens.suppressed.map { .list([.list([.integer(Int($0))])]) }
    if bart.tokens.sharesSuppressed { generation["renormalize_logits"] = .boolean(true) }
    let config: [String: ConfigValue] = [
      "activation_dropout": .number(0), "activation_function": .string(c.activation.huggingFaceName),
      "attention_dropout": .number(configuration.dropout), "d_model": .integer(c.width),
      "decoder_attention_heads": .integer(c.heads), "decoder_ffn_dim": .integer(c.feedForward),
      "decoder_layers": .integer(bart.decoderLayers), "dropout": .number(configuration.dropout),
      "encoder_attention_heads": .integer(c.heads), "encoder_ffn_dim": .integer(c.feedForward),
      "encoder_layers": .integer(bart.encoderLayers), "is_encoder_decoder": .boolean(true),
      "max_position_embeddings": .integer(bart.maximumLength), "scale_embedding": .boolean(bart.scalesEmbedding),
      "tie_word_embeddings": .boolean(true),
    ]
    return HuggingFaceExport(
      architecture: architecture, map: .bart(bart, answers: configuration.answers), config: config.merging(ends) { $1 },
      maximumLength: bart.maximumLength, generation: generation, readsSegments: false)
  }
}

/// Marian, in which the models of Helsinki-NLP are kept that translate.
enum HuggingFaceMarian: HuggingFaceModelType {
  static func model(_ config: HuggingFaceConfig, _ weights: WeightFiles) throws(GraftError)
    -> HuggingFaceModel
  {
    try config.require("share_encoder_decoder_embeddings", true)
    let padding = try config.integer("pad_token_id", default: 58_100)
    let start = try config.integer("decoder_start_token_id", default: padding)
    let variant: [String: SizeValue] = [
      "positions": SizeValue(BART.Positions.sinusoidal), "embeddingNorm": false, "startToken": SizeValue(start),
      "untrainedToken": SizeValue(padding),
    ]
    return try HuggingFaceBART.model(config, weights, variant)
  }

  static func claims(_ configuration: ModelConfiguration) -> Bool {
    guard configuration.family == BART.name, let (bart, _) = try? BART.member(configuration) else { return false }
    return bart.positions == .sinusoidal && !bart.normalizesEmbedding && bart.tokens.opening == nil
      && configuration.answers == nil
  }

  static func export(
    _ configuration: ModelConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> HuggingFaceExport {
    let (bart, configuration) = try BART.member(configuration)
    var export = try HuggingFaceBART.export(bart, configuration, tokens, architecture: "MarianMTModel")
    export.config.merge([
      "decoder_vocab_size": .integer(configuration.vocabularySize), "share_encoder_decoder_embeddings": .boolean(true),
    ]) { $1 }
    // Its files have the function's first name.
    if bart.blocks.activation == .silu { export.config["activation_function"] = .string("swish") }
    return export
  }
}
