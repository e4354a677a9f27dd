import Autograd
import Checkpointing
import Foundation
import Support

extension RotaryPositions {
  /// Reads `rope_parameters`, or what stood for it in versions before 5: `rope_theta` beside `rope_scaling`, under the
  /// family's own keys.
  /// - Parameters:
  ///   - longest: the positions that the model is made for.
  ///   - baseKey: what earlier versions call θ.
  ///   - shareKey: what they call the share of a head that is turned; nil where there is none but the whole.
  ///   - share: that share where nothing is said.
  /// - Throws: `.badData` naming a value that Graft does not compute with.
  init(
    _ config: HuggingFaceConfig, longest: Int, headDimension: Int, baseKey: String = "rope_theta",
    shareKey: String? = nil, share: Double = 1
  ) throws(GraftError) {
    let (current, older) = (try config.object("rope_parameters"), try config.object("rope_scaling"))
    // Later versions have the base among the parameters; a file may have it where it was before.
    let base = try Self.positive(
      "rope_theta", in: current?.has("rope_theta") == true ? current : nil, or: baseKey, in: config, default: 10_000)
    var components: Int?
    if let shareKey {
      let key = "partial_rotary_factor"
      let stated = current?.has(key) == true ? current : nil
      let (place, name) = (stated ?? config, stated == nil ? shareKey : key)
      let share = try Self.positive(name, in: place, default: share)
      guard share <= 1 else { throw place.unsupported(name, hint: "it is a share of a head, at most 1.") }
      components = Int(Double(headDimension) * share)
    } else {
      // transformers reads it of any file.
      for case let object? in [current, older, config] {
        guard try object.number("partial_rotary_factor", default: 1) == 1 else {
          throw object.unsupported("partial_rotary_factor", hint: "only 1 is.")
        }
      }
    }
    self.init(
      base: base, scaling: try Self.scaling(current ?? older, longest: longest),
      components: components == headDimension ? nil : components)
  }

  private static func positive(
    _ key: String, in object: HuggingFaceConfig?, or olderKey: String, in config: HuggingFaceConfig,
    default absent: Double
  ) throws(GraftError) -> Double {
    try positive(object == nil ? olderKey : key, in: object ?? config, default: absent)
  }

  private static func positive(
    _ key: String, in object: HuggingFaceConfig, default absent: Double
  ) throws(GraftError) -> Double {
    let number = try object.number(key, default: absent)
    guard number > 0 else { throw object.unsupported(key, hint: "it is a positive number.") }
    return number
  }

  private static func scaling(_ scaling: HuggingFaceConfig?, longest: Int) throws(GraftError) -> Scaling? {
    guard let scaling else { return nil }
    let key = scaling.has("rope_type") ? "rope_type" : "type"
    switch try scaling.string(key, default: "default") {
    case "default": return nil
    case "linear": return .linear(factor: try positive("factor", in: scaling, default: 1))
    case "llama3":
      return .llama3(
        factor: try positive("factor", in: scaling, default: 8),
        lowFactor: try positive("low_freq_factor", in: scaling, default: 1),
        highFactor: try positive("high_freq_factor", in: scaling, default: 4),
        originalLength: try scaling.integer("original_max_position_embeddings", default: longest))
    case "yarn": return try yarn(scaling, longest: longest)
    default: throw scaling.unsupported(key, hint: "default, linear, llama3 and yarn are.")
    }
  }

  private static func yarn(_ scaling: HuggingFaceConfig, longest: Int) throws(GraftError) -> Scaling {
    guard scaling.has("factor") else { throw scaling.unsupported("factor", hint: "it is a positive number.") }
    for key in ["mscale", "mscale_all_dim"] where scaling.has(key) {
      throw scaling.unsupported(key, hint: "'attention_factor' is.")
    }
    try scaling.require("truncate", true)
    let factor = try positive("factor", in: scaling, default: 1)
    return .yarn(
      factor: factor, fastRotations: try positive("beta_fast", in: scaling, default: 32),
      slowRotations: try positive("beta_slow", in: scaling, default: 1),
      originalLength: try scaling.integer("original_max_position_embeddings", default: longest),
      attentionFactor: try positive("attention_factor", in: scaling, default: Scaling.sharpening(factor)))
  }

  /// The keys that `init` reads, for later and for earlier versions. Those read the scaling by itself, later ones
  /// together with the base.
  func huggingFaceKeys(
    headDimension: Int, baseKey: String = "rope_theta", shareKey: String? = nil
  ) -> [String: ConfigValue] {
    var config: [String: ConfigValue] = [baseKey: .number(base)]
    let scaling = scaling?.huggingFaceKeys
    config["rope_scaling"] = scaling.map { .object($0) }
    var parameters = scaling ?? ["rope_type": .string("default")]
    parameters["rope_theta"] = .number(base)
    if let shareKey {
      // Both give the number of components again, which is a whole one.
      let share = ConfigValue.number(Double(components ?? headDimension) / Double(headDimension))
      (config[shareKey], parameters["partial_rotary_factor"]) = (share, share)
    }
    config["rope_parameters"] = .object(parameters)
    return config
  }
}

extension RotaryPositions.Scaling {
  /// YaRN's factor on what is turned, by which longer texts sharpen attention.
  fileprivate static func sharpening(_ factor: Double) -> Double { factor > 1 ? 0.1 * log(factor) + 1 : 1 }

  /// Without keys that have their default value, but for those of Llama 3.
  fileprivate var huggingFaceKeys: [String: ConfigValue] {
    switch self {
    case .linear(let factor): return ["rope_type": .string("linear"), "factor": .number(factor)]
    case .llama3(let factor, let lowFactor, let highFactor, let originalLength):
      return [
        "rope_type": .string("llama3"), "factor": .number(factor), "low_freq_factor": .number(lowFactor),
        "high_freq_factor": .number(highFactor),
        "original_max_position_embeddings": .integer(originalLength),
      ]
    case .yarn(let factor, let fast, let slow, let originalLength, let attentionFactor):
      var keys: [String: ConfigValue] = [
        "rope_type": .string("yarn"), "factor": .number(factor),
        "original_max_position_embeddings": .integer(originalLength),
      ]
      if fast != 32 { keys["beta_fast"] = .number(fast) }
      if slow != 1 { keys["beta_slow"] = .number(slow) }
      if attentionFactor != Self.sharpening(factor) { keys["attention_factor"] = .number(attentionFactor) }
      return keys
    }
  }
}
