import Autograd
import Checkpointing
import ModelKit
import Support

/// ModernBERT with its masked language modelling head or fine-tuned on one task, as all versions of transformers save
/// it: those before 5 have the bases of rotary positions and the stride of layers that see all under keys of their own.
enum HuggingFaceModernBERT: HuggingFaceModelType {
  static func model(_ config: HuggingFaceConfig, _ weights: WeightFiles) throws(GraftError)
    -> HuggingFaceModel
  {
    for key in ["attention_bias", "mlp_bias", "norm_bias", "classifier_bias"] { try config.require(key, false) }
    try config.require("decoder_bias", true)
    let width = try config.size("hidden_size", in: 1...SizeLimit.width)
    let heads = try config.size("num_attention_heads", in: 1...SizeLimit.heads)
    try config.requireEvenHeads("num_attention_heads", heads: heads, width: width)
    let layers = try config.size("num_hidden_layers", in: 1...SizeLimit.layers)
    let global = try theta(config, "full_attention", "global_rope_theta", default: 160_000)
    let local =
      config.isNull("local_rope_theta")
      ? global : try theta(config, "sliding_attention", "local_rope_theta", default: 10_000)
    var configuration = ModelConfiguration(
      family: ModernBERT.name, vocabularySize: try config.size("vocab_size", in: 1...SizeLimit.vocabularySize),
      dropout: try config.number("attention_dropout", default: 0),
      sizes: [
        "width": SizeValue(width), "heads": SizeValue(heads), "gated": true,
        "feedForward": SizeValue(try config.size("intermediate_size", in: 1...SizeLimit.feedForward)),
        "encoderLayers": SizeValue(layers),
        "activation": SizeValue(try config.activation("hidden_activation", default: "gelu")),
        "headActivation": SizeValue(try config.activation("classifier_activation", default: "gelu")),
        "tied": .boolean(try config.boolean("tie_word_embeddings", default: true)),
        "epsilon": .number(try config.number("norm_eps", default: 1e-5)),
        "maximumLength": SizeValue(
          try config.size("max_position_embeddings", in: 1...SizeLimit.maximumLength, default: 8192)),
        "globalStride": SizeValue(try globalStride(config, layers: layers)),
        // The width of the window, of which a half is on either side.
        "reach": SizeValue(try config.size("local_attention", in: 0...SizeLimit.maximumLength, default: 128) / 2),
        "ropeTheta": .number(global), "localRopeTheta": .number(local),
        "pooling": SizeValue(try pooling(config)),
      ])
    try configuration.readClassifier(config, weights, output: "classifier.weight")
    let (model, complete) = try ModernBERT.member(configuration, source: config.path)
    return HuggingFaceModel(configuration: complete, map: map(model, complete))
  }

  /// Every how many-th layer sees all, as a number or as the kind of each layer.
  private static func globalStride(_ config: HuggingFaceConfig, layers: Int) throws(GraftError) -> Int {
    let stated = try config.size("global_attn_every_n_layers", in: 1...SizeLimit.layers, default: 3)
    guard let kinds = try config.strings("layer_types") else { return stated }
    let second = kinds.indices.dropFirst().first { kinds[$0] == full } ?? layers
    guard let stride = [stated, second].first(where: { kinds == layerKinds(layers, stride: $0) }) else {
      throw config.unsupported(
        "layer_types", hint: "only '\(full)' in every so many layers from the first on, and '\(sliding)' in the others."
      )
    }
    return stride
  }

  private static let (full, sliding) = ("full_attention", "sliding_attention")

  private static func layerKinds(_ layers: Int, stride: Int) -> [String] {
    (0..<layers).map { $0 % stride == 0 ? full : sliding }
  }

  /// The base of the rotary positions of one kind of layer.
  private static func theta(
    _ config: HuggingFaceConfig, _ kind: String, _ older: String, default absent: Double
  ) throws(GraftError) -> Double {
    let base = try config.number(older, default: absent)
    guard let positions = try config.object("rope_parameters")?.object(kind) else { return base }
    try positions.require("rope_type", "default")
    return try positions.number("rope_theta", default: base)
  }

  private static func pooling(_ config: HuggingFaceConfig) throws(GraftError) -> ModernBERT.AnswerPooling {
    switch try config.string("classifier_pooling", default: "cls") {
    case "cls": return .first
    case "mean": return .mean
    default: throw config.unsupported("classifier_pooling", hint: "cls and mean are.")
    }
  }

  private static func map(_ model: ModernBERT, _ configuration: ModelConfiguration) -> ForeignKeyMap {
    .modernBERT(layers: model.layers, head: .of(configuration.answers), isTied: model.blocks.isTied)
  }

  static func claims(_ configuration: ModelConfiguration) -> Bool { configuration.family == ModernBERT.name }

  static func export(
    _ configuration: ModelConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> HuggingFaceExport {
    let (model, complete) = try ModernBERT.member(configuration)
    let blocks = model.blocks
    try blocks.requireEvenHeads()
    let dropout = ConfigValue.number(complete.dropout)
    func positions(_ rotary: RotaryPositions) -> ConfigValue {
      .object(["rope_type": .string("default"), "rope_theta": .number(rotary.base)])
    }
    let config: [String: ConfigValue] = [
      "attention_bias": .boolean(false), "attention_dropout": dropout, "bos_token_id": .integer(tokens.start),
      "classifier_dropout": dropout, "cls_token_id": .integer(tokens.start),
      "classifier_activation": .string(model.headActivation.huggingFaceName), "classifier_bias": .boolean(false),
      "classifier_pooling": .string(model.pooling == .mean ? "mean" : "cls"), "decoder_bias": .boolean(true),
      "embedding_dropout": dropout, "eos_token_id": .integer(tokens.endOfSequence),
      "global_attn_every_n_layers": .integer(model.globalStride),
      "global_rope_theta": .number(model.globalRotary.base),
      "hidden_activation": .string(blocks.activation.huggingFaceName), "hidden_size": .integer(blocks.width),
      "intermediate_size": .integer(blocks.feedForward),
      "layer_types": .strings(layerKinds(model.layers, stride: model.globalStride)),
      "local_attention": .integer(2 * model.reach), "local_rope_theta": .number(model.localRotary.base),
      "max_position_embeddings": .integer(model.maximumLength), "mlp_bias": .boolean(false), "mlp_dropout": dropout,
      "norm_bias": .boolean(false), "norm_eps": .number(blocks.epsilon), "num_attention_heads": .integer(blocks.heads),
      "num_hidden_layers": .integer(model.layers), "pad_token_id": .integer(tokens.padding),
      "sep_token_id": .integer(tokens.endOfSequence),
      "rope_parameters": .object([full: positions(model.globalRotary), sliding: positions(model.localRotary)]),
      "tie_word_embeddings": .boolean(blocks.isTied),
    ]
    return HuggingFaceExport(
      architecture: complete.answers != nil ? "ModernBertForSequenceClassification" : "ModernBertForMaskedLM",
      map: map(model, complete),
      config: config.merging(try complete.classifierConfig()) { $1 },
      maximumLength: model.maximumLength, readsSegments: false)
  }
}
