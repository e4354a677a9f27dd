import Compute
import Foundation
import ModelKit
import Support

/// A folder for transformers' `from_pretrained`, to be written.
public struct HuggingFaceWriter {
  private let modelType: String
  private let configuration: ModelConfiguration
  private let export: HuggingFaceExport
  private let tokens: HuggingFaceTokens
  private let tokenizer: HuggingFaceTokenizer

  /// - Parameters:
  ///   - types: the model types that it may be written as.
  ///   - tokenizer: its files, which are written as they are.
  ///   - prefix: begins the names of the model's parameters in a store that holds another model with which it shares
  ///     the others: `generator.` in ELECTRA.
  /// - Throws: `.usage` naming what transformers has no model for.
  public init(
    _ configuration: ModelConfiguration, as types: HuggingFaceModelTypes, tokenizer: HuggingFaceTokenizer,
    tokens: HuggingFaceTokens, prefix: String? = nil
  ) throws(GraftError) {
    let (name, type) = try types.type(of: configuration)
    modelType = name
    var export = try type.export(configuration, tokens: tokens)
    if let prefix { export.part.prefix = prefix }
    self.export = export
    self.configuration = configuration
    self.tokens = tokens
    self.tokenizer = tokenizer
  }

  /// The class that loads the folder: `T5ForConditionalGeneration`.
  public var architecture: String { export.architecture }

  /// Writes the whole folder or nothing.
  /// - Parameter card: its README.md; nil for none.
  /// - Throws: `.usage` if something stands at `path`; `.badData` if the store is not the configuration's;
  ///   `.internalError` naming a tensor with values that are not finite; `.inputOutput`.
  public func write(
    _ store: ParameterStore, to path: String, precision: Precision = .f32, card: String? = nil
  ) throws(GraftError) {
    try DurableFolder.requireFree(path)
    try DurableFolder.replace(path) { (partial) throws(GraftError) in
      try JSONFile.write(config(precision), to: "\(partial)/\(HuggingFaceFolder.configName)")
      if let generation = export.generation {
        try JSONFile.write(generation, to: "\(partial)/generation_config.json")
      }
      for (name, path) in export.code {
        try AtomicFile.write(Data(FileContents.read(BuiltInFiles.path(path))), to: "\(partial)/\(name)")
      }
      for (name, content) in tokenizer.files { try AtomicFile.write(content, to: "\(partial)/\(name)") }
      try JSONFile.write(tokenizerConfig, to: "\(partial)/tokenizer_config.json")
      if let card { try AtomicFile.write(Data(card.utf8), to: "\(partial)/README.md") }
      try export.map.withForeignTensors(of: store, in: export.part) { (tensors) throws(GraftError) in
        for tensor in tensors { try tensor.requireFinite() }
        let type = TensorType(precision)
        let stored = tensors.map { TensorSource(name: $0.name, shape: $0.shape, values: $0.values, type: type) }
        // transformers refuses weights that do not name the framework they are laid out for.
        try SafetensorsWriter.write(
          stored, metadata: ["format": "pt"], to: "\(partial)/\(WeightFiles.fileName)")
      }
    }
  }

  private func config(_ precision: Precision) -> [String: ConfigValue] {
    let type = ConfigValue.string(precision == .bf16 ? "bfloat16" : "float32")
    return export.config.merging([
      "architectures": .strings([export.architecture]), "dtype": type,
      "model_type": .string(modelType), "torch_dtype": type,
      "vocab_size": .integer(configuration.vocabularySize),
    ]) { $1 }
  }

  private var tokenizerConfig: [String: ConfigValue] {
    var config: [String: ConfigValue] = [
      "clean_up_tokenization_spaces": .boolean(false),
      "model_input_names": .strings(
        ["input_ids", "attention_mask"] + (export.readsSegments ? ["token_type_ids"] : [])),
      "tokenizer_class": .string(tokenizer.className),
    ]
    if let length = export.maximumLength { config["model_max_length"] = .integer(length) }
    for (key, name) in tokens.names { config[key] = .string(name) }
    return config
  }
}
