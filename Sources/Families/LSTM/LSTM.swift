import ModelKit
import Records
import Support

/// Language models of LSTM layers (Hochreiter & Schmidhuber 1997; Sundermeyer et al. 2012), which write by one step per
/// token, however long the text is.
public struct LSTM: ModelFamily {
  public static let name = "lstm"
  public static let summary = "decoder of LSTM layers"

  let width: Int
  let layers: Int
  /// Whether the output layer is the embedding.
  let isTied: Bool

  public init(_ sizes: inout SizeReader) throws(GraftError) {
    width = try sizes.integer("width", in: 1...SizeLimit.width)
    layers = try sizes.integer("decoderLayers", in: 1...SizeLimit.layers)
    isTied = try sizes.boolean("tied", default: true)
  }

  public static func sizes(of shape: ModelShape) -> [String: SizeValue] {
    ["width": SizeValue(shape.width), "decoderLayers": SizeValue(shape.layers)]
  }

  public func traits(_ configuration: ModelConfiguration) -> ModelTraits {
    ModelTraits(
      layout: .decoder, writes: true, longestSequence: nil, facts: ["width \(width)", "\(layers) layers"])
  }

  public func makeBackbone(
    _ configuration: ModelConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> any Backbone {
    DecoderBackbone(
      BackboneParts(
        configuration, traits(configuration), LSTMReader(self, configuration, in: scope), isTied: isTied,
        width: width, initializer: LSTMReader.embedding, in: scope))
  }

  /// As Howard & Ruder 2018 classify, but by the last state alone.
  public func makeHeadedModel(
    _ configuration: ModelConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> HeadedModel? {
    HeadedModel(
      configuration, traits(configuration), LSTMReader(self, configuration, in: scope),
      HeadedModel.HeadStyle(.last, width: width, activation: .tanh, initializer: LSTMReader.embedding), in: scope)
  }
}
