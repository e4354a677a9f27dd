import ModelKit
import Records
import Support

/// Language models of recurrent layers, which write by one step per token, however long the text is. Every kind of
/// layer has a family.
struct RecurrentModel<Layer: RecurrentLayer>: FixedStateFamily {
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

  var facts: [String] {
    ["width \(width)", "\(layers) layers"] + (hasPeepholes ? ["peepholes"] : []) + regularization.facts
  }

  /// As Howard & Ruder 2018 classify, but by the last state alone.
  static var pooling: Pooling { .last }
  var outputs: Int { width }

  func makeReader(_ configuration: ModelConfiguration, in scope: ParameterScope) -> RecurrentReader<Layer> {
    RecurrentReader(self, configuration, in: scope)
  }
}
