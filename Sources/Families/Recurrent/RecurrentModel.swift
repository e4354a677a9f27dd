import ModelKit
import Records
import Support

/// Language models of recurrent layers, which write by one step per token, however long the text is. Every kind of
/// layer has a family.
struct RecurrentModel<Layer: RecurrentLayer>: ModelFamily {
  static var name: String { Layer.name }
  static var summary: String { Layer.summary }

  let width: Int
  let layers: Int
  /// Whether the output layer is the embedding.
  let isTied: Bool
  /// Whether gates see cells.
  let hasPeepholes: Bool
  let regularization: RecurrentRegularization

  init(_ sizes: inout SizeReader) throws(GraftError) {
    width = try sizes.integer("width", in: 1...SizeLimit.width)
    layers = try sizes.integer("decoderLayers", in: 1...SizeLimit.layers)
    isTied = try sizes.boolean("tied", default: true)
    hasPeepholes = Layer.takesPeepholes ? try sizes.boolean(ifPresent: "peepholes") ?? false : false
    regularization = try RecurrentRegularization(&sizes, multipliesState: Layer.multipliesState)
  }

  static func sizes(of shape: ModelShape) -> [String: SizeValue] {
    ["width": SizeValue(shape.width), "decoderLayers": SizeValue(shape.layers)]
  }

  func traits(_ configuration: ModelConfiguration) -> ModelTraits {
    ModelTraits(
      layout: .decoder, writes: true, longestSequence: nil,
      facts: ["width \(width)", "\(layers) layers"] + (hasPeepholes ? ["peepholes"] : []) + regularization.facts)
  }

  func makeBackbone(
    _ configuration: ModelConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> any Backbone {
    DecoderBackbone(
      BackboneParts(
        configuration, traits(configuration), RecurrentReader<Layer>(self, configuration, in: scope), isTied: isTied,
        width: width, initializer: RecurrentReader<Layer>.embedding, in: scope))
  }

  /// As Howard & Ruder 2018 classify, but by the last state alone.
  func makeHeadedModel(
    _ configuration: ModelConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> HeadedModel? {
    HeadedModel(
      configuration, traits(configuration), RecurrentReader<Layer>(self, configuration, in: scope),
      HeadedModel.HeadStyle(.last, width: width, activation: .tanh, initializer: RecurrentReader<Layer>.embedding),
      in: scope)
  }
}
