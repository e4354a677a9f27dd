/// What a model of Graft is to transformers.
public struct HuggingFaceExport: Sendable {
  /// The class that loads it: `T5ForConditionalGeneration`.
  public var architecture: String
  public var map: ForeignKeyMap
  /// The keys of config.json but those all models have.
  public var config: [String: ConfigValue]
  /// The keys of generation_config.json; nil for a model that does not write.
  public var generation: [String: ConfigValue]?
  /// The most tokens that a tokenizer is to make of a text; nil where the model has no limit.
  public var maximumLength: Int?
  /// Whether a tokenizer is to say which of two texts each token belongs to; no model that writes asks for it.
  public var readsSegments: Bool
  /// Which of the model's parameters it is.
  public var part: StorePart
  /// Files of code by their names in the folder, of a model that transformers does not have, and where they lie in the
  /// repository.
  public var code: [String: String]

  public init(
    architecture: String, map: ForeignKeyMap, config: [String: ConfigValue],
    maximumLength: Int?, generation: [String: ConfigValue]? = nil, readsSegments: Bool = true,
    part: StorePart = StorePart(),
    code: [String: String] = [:]
  ) {
    self.architecture = architecture
    self.map = map
    self.config = config
    self.maximumLength = maximumLength
    self.generation = generation
    self.readsSegments = readsSegments && generation == nil
    self.part = part
    self.code = code
  }
}
