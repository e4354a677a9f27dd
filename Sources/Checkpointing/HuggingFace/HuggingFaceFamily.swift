import ModelKit
import Support

/// A `model_type` of transformers that Graft reads and writes: one file here, one line in the table.
public protocol HuggingFaceFamily: Sendable {
  /// What config.json describes.
  /// - Throws: `.badData` naming the key and the value of what Graft does not compute.
  static func model(_ config: HuggingFaceConfig, _ weights: WeightFiles) throws(GraftError)
    -> HuggingFaceModel

  /// Whether a model of Graft's is of this family.
  static func claims(_ configuration: TransformerConfiguration) -> Bool

  /// - Throws: `.usage` naming what transformers' model lacks.
  static func export(
    _ configuration: TransformerConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> HuggingFaceExport
}

/// The families by their `model_type`.
public enum HuggingFaceFamilies {
  public static let registry = Registry<any HuggingFaceFamily.Type>(
    kind: "model type of transformers", listCommand: "graft convert --help",
    [
      ("bert", "encoder with learned positions", HuggingFaceBERT.self),
      ("electra", "encoder that detects replaced tokens", HuggingFaceELECTRA.self),
      ("gpt2", "decoder with learned positions", HuggingFaceGPT2.self),
      ("mt5", "as t5 1.1, of many languages", HuggingFaceMT5.self),
      ("roberta", "as bert, without segments", HuggingFaceRoBERTa.self),
      ("t5", "encoder-decoder with relative positions", HuggingFaceT5.self),
      ("xlm-roberta", "as roberta, of many languages", HuggingFaceRoBERTa.self),
    ])

  /// What models that people may try differ by.
  private static let lacking = [
    "albert": "its layers share one set of weights",
    "bart": "it has biases and learned positions in both stacks",
    "deberta": "its attention is disentangled", "deberta-v2": "its attention is disentangled",
    "distilbert": "it has no segments, other names of layers and a classifier with ReLU",
    "gemma": "it has rotary positions", "gpt_neo": "its attention is local in every other layer",
    "gpt_neox": "it has rotary positions", "llama": "it has rotary positions",
    "longt5": "its attention is local", "mistral": "it has rotary positions",
    "modernbert": "it has rotary positions", "mpnet": "its attention has a relative bias",
    "phi": "it has rotary positions",
    "qwen2": "it has rotary positions", "switch_transformers": "it has experts",
    "umt5": "every layer has a relative bias of its own",
  ]

  private static var names: String { registry.names.joined(separator: ", ") }

  /// - Throws: `.badData` for a model type that is not in the table.
  static func family(of config: HuggingFaceConfig) throws(GraftError) -> any HuggingFaceFamily.Type {
    let name = try config.string("model_type", default: "")
    guard let entry = registry.entries.first(where: { $0.name == name }) else {
      let reason = lacking[name].map { "\($0), which Graft does not compute; " } ?? ""
      throw config.unsupported("model_type", hint: "\(reason)Graft reads \(names).")
    }
    return entry.plugin
  }

  /// - Throws: `.usage` for a model that transformers does not have.
  static func family(
    of configuration: TransformerConfiguration
  ) throws(GraftError) -> (modelType: String, family: any HuggingFaceFamily.Type) {
    guard let entry = registry.entries.first(where: { $0.plugin.claims(configuration) }) else {
      throw GraftError(
        .usage, "transformers has no model like this \(configuration.family)",
        hint: "Graft writes \(names).")
    }
    return (entry.name, entry.plugin)
  }
}
