import ModelKit
import Records
import Support

/// An adapter as PEFT's `save_pretrained` writes it: `adapter_config.json` and `adapter_model.safetensors`.
public struct AdapterFolder: Sendable {
  public let path: String
  public let weights: SafetensorsFile
  /// The model that it belongs to, as the file says it: a folder, seen from the working directory or from this one, or
  /// a name on a hub.
  public let basePath: String?
  /// As the configuration has it; what it is added to is told by the tensors.
  public let rank: Int
  public let alpha: Double
  public let dropout: Double
  public let isRankStabilized: Bool
  /// Whether the model classifies texts.
  public let classifies: Bool
  /// What Graft writes of the model's answers and of how it reads texts; nil in folders of others.
  public let notes: AdapterNotes?

  static let configName = "adapter_config.json"
  static let weightsName = "adapter_model.safetensors"
  /// Before the names of the model's modules.
  static let prefix = "base_model.model."

  /// Whether a folder holds an adapter and no model.
  public static func isOne(_ path: String) -> Bool {
    func has(_ name: String) -> Bool { FileContents.exists("\(path)/\(name)") }
    return has(configName) && !WeightFiles.names.contains(where: has)
  }

  /// Opens a folder; the values are not read yet.
  /// - Throws: `.missingInput` for a file that is missing; `.badData`, naming the key and the value, for an adapter
  ///   that Graft does not compute with.
  public init(_ path: String) throws(GraftError) {
    self.path = path
    let config = try HuggingFaceConfig("\(path)/\(Self.configName)")
    try config.require("peft_type", "LORA")
    try config.require("bias", "none")
    for key in ["use_dora", "use_qalora", "lora_bias"] { try config.require(key, false) }
    for key in Self.absent where !config.isEmpty(key) {
      throw config.unsupported(key, hint: "only adapters without it are.")
    }
    // These begin with other values of the base, which the folder does not hold.
    let start = (try? config.string("init_lora_weights", default: "true")) ?? "true"
    guard ["true", "false", "gaussian", "eva", "orthogonal"].contains(start) else {
      throw config.unsupported(
        "init_lora_weights",
        hint: "it changes the base; convert the adapter with PEFT (path_initial_model_for_weight_conversion).")
    }
    let task = try config.string("task_type", default: "")
    guard ["", "SEQ_CLS", "CAUSAL_LM", "SEQ_2_SEQ_LM", "FEATURE_EXTRACTION"].contains(task) else {
      throw config.unsupported("task_type", hint: "SEQ_CLS, CAUSAL_LM and SEQ_2_SEQ_LM are.")
    }
    classifies = task == "SEQ_CLS"
    let base = try config.string("base_model_name_or_path", default: "")
    let beside = "\(path)/\(base)"
    basePath = base.isEmpty ? nil : !FileContents.exists(base) && FileContents.exists(beside) ? beside : base
    rank = try config.size("r", in: 1...1 << 14, default: 8)
    alpha = try config.number("lora_alpha", default: 8)
    dropout = try config.number("lora_dropout", default: 0)
    isRankStabilized = try config.boolean("use_rslora", default: false)
    let file = "\(path)/\(Self.weightsName)"
    if !FileContents.exists(file), FileContents.exists("\(path)/adapter_model.bin") {
      throw GraftError(
        .missingInput, "'\(path)' has no \(Self.weightsName), only adapter_model.bin, which Graft does not read",
        hint: "load it with PEFT and save it again, which writes safetensors.")
    }
    weights = try SafetensorsFile(file)
    notes = try weights.metadata[AdapterNotes.key].map { text throws(GraftError) in
      try AdapterNotes(parsing: text, in: file)
    }
  }

  /// Keys of adapters that are more than a pair of matrices beside each layer, or of other ranks in some layers.
  private static let absent = [
    "rank_pattern", "alpha_pattern", "layer_replication", "trainable_token_indices", "target_parameters",
    "alora_invocation_tokens", "use_bdlora", "arrow_config", "kasa_config", "velora_config", "monteclora_config",
    "megatron_config",
  ]
}

/// What Graft writes beside an adapter of PEFT's, which has no place for it: in `__metadata__` of the tensors.
public struct AdapterNotes: Sendable, Hashable, Codable {
  static let key = "graft"

  /// What the model's heads answer.
  public var answers: [AnswerFormat]?
  /// How a decoder was shown texts.
  public var reading: TextReading?

  public init(answers: [AnswerFormat]?, reading: TextReading?) { (self.answers, self.reading) = (answers, reading) }

  fileprivate init(parsing text: String, in file: String) throws(GraftError) {
    do {
      self = try JSONFile.value(AdapterNotes.self, in: text.utf8)
    } catch {
      throw GraftError(.badData, "'\(Self.key)' in the metadata of '\(file)' is not what graft writes", cause: error)
    }
  }
}
