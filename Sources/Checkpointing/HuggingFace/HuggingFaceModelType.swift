import ModelKit
import Support

/// A `model_type` of transformers that Graft reads and writes.
public protocol HuggingFaceModelType: Sendable {
  /// What config.json describes.
  /// - Throws: `.badData` naming the key and the value of what Graft does not compute.
  static func model(_ config: HuggingFaceConfig, _ weights: WeightFiles) throws(GraftError)
    -> HuggingFaceModel

  /// Whether a model of Graft's is written as this type.
  static func claims(_ configuration: ModelConfiguration) -> Bool

  /// - Throws: `.usage` naming what transformers' model lacks.
  static func export(
    _ configuration: ModelConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> HuggingFaceExport
}

/// The model types that are known, by name.
public struct HuggingFaceModelTypes: Sendable {
  public let registry: Registry<any HuggingFaceModelType.Type>
  /// Why models that people may try are none of them.
  private let lacking: [String: String]

  /// - Parameter lacking: what Graft does not compute of types that are not in the table: "its attention is local".
  public init(_ entries: [Registry<any HuggingFaceModelType.Type>.Entry], lacking: [String: String]) {
    registry = Registry(
      kind: "model type of transformers", listCommand: "graft convert --help", entries.sorted { $0.name < $1.name })
    self.lacking = lacking
  }

  private var names: String { registry.names.joined(separator: ", ") }

  /// - Throws: `.badData` for a model type that is not in the table.
  func type(of config: HuggingFaceConfig) throws(GraftError) -> any HuggingFaceModelType.Type {
    let name = try config.string("model_type", default: "")
    guard let entry = registry.entries.first(where: { $0.name == name }) else {
      let reason = lacking[name].map { "\($0), which Graft does not compute; " } ?? ""
      throw config.unsupported("model_type", hint: "\(reason)Graft reads \(names).")
    }
    return entry.plugin
  }

  /// - Throws: `.usage` for a model that transformers does not have.
  func type(
    of configuration: ModelConfiguration
  ) throws(GraftError) -> (name: String, type: any HuggingFaceModelType.Type) {
    guard let entry = registry.entries.first(where: { $0.plugin.claims(configuration) }) else {
      throw GraftError(
        .usage, "transformers has no model like this \(configuration.family)",
        hint: "Graft writes \(names).")
    }
    return (entry.name, entry.plugin)
  }

  /// What a model is to transformers.
  /// - Throws: `.usage` for a model that transformers does not have.
  public func export(
    _ configuration: ModelConfiguration, tokens: HuggingFaceTokens
  ) throws(GraftError) -> HuggingFaceExport {
    try type(of: configuration).type.export(configuration, tokens: tokens)
  }
}
