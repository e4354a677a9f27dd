import ModelKit
import Support

/// What a folder of transformers is to Graft.
public struct HuggingFaceModel: Sendable {
  public var configuration: TransformerConfiguration
  public var map: ForeignKeyMap
  /// The token a decoder reads first, where config.json says it or the library has a rule for it.
  public var decoderStart: Int?

  public init(configuration: TransformerConfiguration, map: ForeignKeyMap, decoderStart: Int? = nil) {
    self.configuration = configuration
    self.map = map
    self.decoderStart = decoderStart
  }
}

/// What a model of Graft is to transformers.
public struct HuggingFaceExport: Sendable {
  /// The class that loads it: `T5ForConditionalGeneration`.
  public var architecture: String
  public var map: ForeignKeyMap
  /// The keys of config.json but those all models have.
  public var config: [String: ConfigValue]
  /// The keys of generation_config.json; nil for a model that does not write.
  public var generation: [String: ConfigValue]?
  /// Which of the model's parameters it is.
  var part: StorePart

  init(
    architecture: String, map: ForeignKeyMap, config: [String: ConfigValue],
    generation: [String: ConfigValue]? = nil, part: StorePart = StorePart()
  ) {
    self.architecture = architecture
    self.map = map
    self.config = config
    self.generation = generation
    self.part = part
  }
}

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

/// The table of families, by `model_type`.
public enum HuggingFaceFamilies {
  public static let table: [(modelType: String, family: any HuggingFaceFamily.Type)] = [
    ("bert", HuggingFaceBERT.self),
    ("electra", HuggingFaceELECTRA.self),
    ("gpt2", HuggingFaceGPT2.self),
    ("t5", HuggingFaceT5.self),
  ]

  static var names: String { table.map(\.modelType).joined(separator: ", ") }

  /// - Throws: `.badData` for a model type that is not in the table.
  static func family(of config: HuggingFaceConfig) throws(GraftError) -> any HuggingFaceFamily.Type {
    let name = try config.string("model_type", default: "")
    guard let entry = table.first(where: { $0.modelType == name }) else {
      throw config.unsupported("model_type", hint: "Graft reads \(names).")
    }
    return entry.family
  }

  /// - Throws: `.usage` for a model that transformers does not have.
  static func family(
    of configuration: TransformerConfiguration
  ) throws(GraftError) -> (modelType: String, family: any HuggingFaceFamily.Type) {
    guard let entry = table.first(where: { $0.family.claims(configuration) }) else {
      throw GraftError(
        .usage, "transformers has no model like this \(configuration.family)",
        hint: "Graft writes \(names).")
    }
    return entry
  }
}

/// A value of a JSON file that Graft writes for transformers.
public enum ConfigValue: Sendable, Hashable, Encodable {
  case boolean(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case strings([String])
  case object([String: ConfigValue])

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .boolean(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .strings(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }
}
