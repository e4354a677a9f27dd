import Autograd
import Checkpointing
import ModelKit
import Records
import Support

/// Decoders with rotary positions (Touvron et al. 2023), which may read their prompt from both sides.
public struct Llama: ModelFamily {
  public static let name = "llama"
  public static let summary = "decoder with rotary positions (Llama 2 and 3)"

  public static var modelTypes: [Registry<any HuggingFaceModelType.Type>.Entry] {
    [("llama", "decoder with rotary positions", HuggingFaceLlama.self)]
  }

  /// How positions may be scaled.
  enum RopeScaling: String, CaseIterable {
    case linear
    case llama3
  }

  let blocks: BlockSizes
  let layers: Int
  /// How many heads keys and values have, each for as many query heads.
  let keyValueHeads: Int
  let rotary: RotaryPositions
  /// The longest sequence it is made for.
  let maximumLength: Int?
  /// Whether the prompt is read from both sides.
  let hasPrefix: Bool
  /// Standard deviation of the drawn weights.
  let deviation: Double

  public init(_ sizes: inout SizeReader) throws(GraftError) {
    blocks = try BlockSizes(&sizes)
    guard blocks.headDimension % 2 == 0 else {
      throw sizes.failure(
        "'headDimension' is \(blocks.headDimension), expected an even number", hint: "rotary positions turn pairs.")
    }
    layers = try sizes.integer("decoderLayers", in: 1...SizeLimit.layers)
    keyValueHeads = try sizes.integer(ifPresent: "keyValueHeads", in: 1...SizeLimit.heads) ?? blocks.heads
    guard blocks.heads % keyValueHeads == 0 else {
      throw sizes.failure("'keyValueHeads' is \(keyValueHeads), which does not divide the \(blocks.heads) 'heads'")
    }
    rotary = RotaryPositions(
      base: try sizes.positive(ifPresent: "ropeTheta") ?? 10_000, scaling: try Self.scaling(&sizes))
    maximumLength = try sizes.integer(ifPresent: "maximumLength", in: 1...SizeLimit.maximumLength)
    hasPrefix = try sizes.boolean(ifPresent: "prefix") ?? false
    deviation = try sizes.positive(ifPresent: "initializerDeviation", most: 1) ?? 0.02
  }

  private static func scaling(_ sizes: inout SizeReader) throws(GraftError) -> RotaryPositions.Scaling? {
    switch try sizes.choice(ifPresent: "ropeScaling", of: RopeScaling.self) {
    case nil: return nil
    case .linear: return .linear(factor: try sizes.positive("ropeFactor"))
    case .llama3:
      let (low, high) = (try sizes.positive("ropeLowFactor"), try sizes.positive("ropeHighFactor"))
      guard low < high else {
        throw sizes.failure("'ropeHighFactor' is \(high), expected more than 'ropeLowFactor', which is \(low)")
      }
      return .llama3(
        factor: try sizes.positive("ropeFactor"), lowFactor: low, highFactor: high,
        originalLength: try sizes.integer("ropeOriginalLength", in: 1...SizeLimit.maximumLength))
    }
  }

  /// The keys that `scaling` reads.
  static func sizes(of scaling: RotaryPositions.Scaling) -> [String: SizeValue] {
    switch scaling {
    case .linear(let factor): ["ropeScaling": SizeValue(RopeScaling.linear), "ropeFactor": .number(factor)]
    case .llama3(let factor, let lowFactor, let highFactor, let originalLength):
      [
        "ropeScaling": SizeValue(RopeScaling.llama3), "ropeFactor": .number(factor),
        "ropeLowFactor": .number(lowFactor), "ropeHighFactor": .number(highFactor),
        "ropeOriginalLength": SizeValue(originalLength),
      ]
    }
  }

  public static func sizes(of shape: ModelShape) -> [String: SizeValue] {
    BlockSizes.sizes(of: shape, activation: .silu, epsilon: 1e-5).merging([
      "gated": true, "decoderLayers": SizeValue(shape.layers), "maximumLength": SizeValue(shape.length),
    ]) { $1 }
  }

  public func traits(_ configuration: ModelConfiguration) -> ModelTraits {
    var facts = blocks.facts(layers: "\(layers)")
    if keyValueHeads < blocks.heads { facts.append("\(keyValueHeads) heads of keys and values") }
    if hasPrefix { facts.append("prompt read from both sides") }
    return ModelTraits(
      layout: hasPrefix ? .prefixDecoder : .decoder, writes: true, longestSequence: maximumLength, facts: facts)
  }

  public func makeBackbone(
    _ configuration: ModelConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> any Backbone {
    DecoderBackbone(
      BackboneParts(
        configuration, traits(configuration), LlamaDecoder(self, configuration, in: scope), isTied: blocks.isTied,
        width: blocks.width, initializer: .normal(standardDeviation: deviation), in: scope))
  }

  public func makeHeadedModel(
    _ configuration: ModelConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> HeadedModel? {
    HeadedModel(
      configuration, traits(configuration), LlamaDecoder(self, configuration, in: scope),
      HeadedModel.HeadStyle(
        .last, width: blocks.width, activation: .tanh, initializer: .normal(standardDeviation: deviation)),
      in: scope)
  }
}
