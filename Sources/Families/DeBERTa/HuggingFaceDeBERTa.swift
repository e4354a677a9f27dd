import Autograd
import Checkpointing
import ModelKit
import Support

/// DeBERTa of versions 2 and 3 with its masked language modelling head or fine-tuned on one task. Of the variants that
/// its keys allow, those are read that version 3 is made of: no absolute positions, both terms of distances, which are
/// projected as contents are, and no convolution.
enum HuggingFaceDeBERTa: HuggingFaceModelType {
  static func model(_ config: HuggingFaceConfig, _ weights: WeightFiles) throws(GraftError)
    -> HuggingFaceModel
  {
    let width = try config.size("hidden_size", in: 1...SizeLimit.width)
    let heads = try config.size("num_attention_heads", in: 1...SizeLimit.heads)
    try config.requireEvenHeads("num_attention_heads", heads: heads, width: width)
    try requireVersion3(config, width: width, heads: heads)
    let length = try config.size("max_position_embeddings", in: 1...SizeLimit.maximumLength, default: 512)
    let stated = try config.integer("max_relative_positions", default: -1)
    let buckets = try config.integer("position_buckets", default: -1)
    var configuration = ModelConfiguration(
      family: DeBERTa.name, vocabularySize: try config.size("vocab_size", in: 1...SizeLimit.vocabularySize),
      dropout: try config.number("hidden_dropout_prob", default: 0.1),
      sizes: [
        "width": SizeValue(width), "heads": SizeValue(heads),
        "feedForward": SizeValue(try config.size("intermediate_size", in: 1...SizeLimit.feedForward)),
        "encoderLayers": SizeValue(try config.size("num_hidden_layers", in: 1...SizeLimit.layers)),
        "activation": SizeValue(try config.activation("hidden_act", default: "gelu")),
        "headActivation": SizeValue(try config.activation("pooler_hidden_act", default: "gelu")),
        "tied": .boolean(try config.boolean("tie_word_embeddings", default: true)),
        "epsilon": .number(try config.number("layer_norm_eps", default: 1e-7)), "maximumLength": SizeValue(length),
        "relativeDistance": SizeValue(
          stated < 1
            ? length : try config.size("max_relative_positions", in: 1...SizeLimit.maximumLength)),
        "relativeNorm": .boolean(try normalizesDistances(config)),
        "segments": SizeValue(try config.size("type_vocab_size", in: 0...SizeLimit.segments, default: 0)),
      ])
    if buckets > 0 {
      configuration.sizes["relativeBuckets"] = SizeValue(
        try config.size("position_buckets", in: 2...SizeLimit.maximumLength))
    }
    try configuration.readClassifier(config, weights, output: "classifier.weight")
    let (model, complete) = try DeBERTa.member(configuration, source: config.path)
    return HuggingFaceModel(configuration: complete, map: map(model, complete))
  }

  private static func requireVersion3(_ config: HuggingFaceConfig, width: Int, heads: Int) throws(GraftError) {
    for (key, wanted, absent) in [
      ("relative_attention", true, false), ("position_biased_input", false, true), ("share_att_key", true, false),
    ] where try config.boolean(key, default: absent) != wanted {
      throw config.unsupported(key, hint: "only \(wanted) is, as in DeBERTa v3; it is \(absent) where it is left out.")
    }
    // A list, or a text of the older form.
    let text = try? config.string("pos_att_type", default: "")
    let parts = text?.lowercased().split(separator: "|").map { $0.filter { $0 != " " } }
    let terms = if let parts { parts } else { try config.strings("pos_att_type") ?? [] }
    guard Set(terms) == ["c2p", "p2c"] else { throw config.unsupported("pos_att_type", hint: "only p2c|c2p is.") }
    for (key, wanted) in [
      ("conv_kernel_size", 0), ("embedding_size", width), ("pooler_hidden_size", width),
      ("attention_head_size", width / heads),
    ] { try config.require(key, wanted) }
  }

  private static func normalizesDistances(_ config: HuggingFaceConfig) throws(GraftError) -> Bool {
    switch try config.string("norm_rel_ebd", default: "none") {
    case "none": return false
    case "layer_norm": return true
    default: throw config.unsupported("norm_rel_ebd", hint: "none and layer_norm are.")
    }
  }

  private static func map(_ model: DeBERTa, _ configuration: ModelConfiguration) -> ForeignKeyMap {
    .deBERTa(
      layers: model.layers, hasSegments: model.segments > 0, normalizesDistances: model.normalizesDistances,
      head: .of(configuration.answers), isTied: model.blocks.isTied)
  }

  static func claims(_ configuration: ModelConfiguration) -> Bool { configuration.family == DeBERTa.name }

  static func export(
    _ configuration: ModelConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> HuggingFaceExport {
    let (model, complete) = try DeBERTa.member(configuration)
    let blocks = model.blocks
    try blocks.requireEvenHeads()
    let dropout = ConfigValue.number(complete.dropout)
    let config: [String: ConfigValue] = [
      "attention_probs_dropout_prob": dropout, "hidden_act": .string(blocks.activation.huggingFaceName),
      "hidden_dropout_prob": dropout, "hidden_size": .integer(blocks.width),
      "intermediate_size": .integer(blocks.feedForward), "layer_norm_eps": .number(blocks.epsilon),
      "legacy": .boolean(true), "max_position_embeddings": .integer(model.maximumLength),
      "max_relative_positions": .integer(
        model.distances.maximum == model.maximumLength ? -1 : model.distances.maximum),
      "norm_rel_ebd": .string(model.normalizesDistances ? "layer_norm" : "none"),
      "num_attention_heads": .integer(blocks.heads), "num_hidden_layers": .integer(model.layers),
      "pad_token_id": .integer(tokens.padding),
      "pooler_hidden_act": .string(model.headActivation.huggingFaceName), "pooler_hidden_size": .integer(blocks.width),
      "pos_att_type": .strings(["p2c", "c2p"]), "position_biased_input": .boolean(false),
      "position_buckets": .integer(model.distances.buckets ?? -1), "relative_attention": .boolean(true),
      "share_att_key": .boolean(true), "tie_word_embeddings": .boolean(blocks.isTied),
      "type_vocab_size": .integer(model.segments),
    ]
    return HuggingFaceExport(
      architecture: complete.answers != nil ? "DebertaV2ForSequenceClassification" : "DebertaV2ForMaskedLM",
      map: map(model, complete),
      config: config.merging(try complete.classifierConfig()) { $1 },
      maximumLength: model.maximumLength, readsSegments: model.segments > 1)
  }
}
