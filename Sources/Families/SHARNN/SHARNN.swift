import ModelKit
import Records
import Support

/// SHA-RNN (Merity 2019): blocks of an LSTM and a Boom layer, and in the last block but one a single attention head
/// over the last positions. Here GELU has its tanh form, the gate of values is one vector, and that of queries is the
/// gain of their norm.
struct SHARNN: FixedStateFamily {
  static let name = "sha-rnn"
  static let summary = "decoder of LSTM layers with one attention head"

  let width: Int
  let layers: Int
  /// Columns that a Boom layer makes, which are summed up to `width`.
  let feedForward: Int
  /// How many positions the head sees, its own the last.
  let window: Int
  let epsilon: Double
  /// Whether the output layer is the embedding.
  let isTied: Bool

  init(_ sizes: inout SizeReader) throws(GraftError) {
    width = try sizes.integer("width", in: 1...SizeLimit.width)
    layers = try sizes.integer("decoderLayers", in: 1...SizeLimit.layers)
    feedForward = try sizes.integer("feedForward", in: 1...SizeLimit.feedForward)
    window = try sizes.integer("window", in: 2...SizeLimit.maximumLength)
    epsilon = try sizes.positive("epsilon", most: 1)
    isTied = try sizes.boolean("tied", default: true)
    guard feedForward % width == 0 else {
      throw sizes.failure(
        "'feedForward' is \(feedForward), no multiple of 'width'", hint: "take \((feedForward / width + 1) * width).")
    }
  }

  static func sizes(of shape: ModelShape) -> [String: SizeValue] {
    [
      "width": SizeValue(shape.width), "decoderLayers": SizeValue(shape.layers),
      "feedForward": SizeValue((shape.feedForward + shape.width - 1) / shape.width * shape.width),
      "window": SizeValue(max(2, shape.length)), "epsilon": .number(1e-5),
    ]
  }

  /// Which block has the head.
  var attendingLayer: Int { max(0, layers - 2) }

  var facts: [String] { ["width \(width)", "\(layers) layers", "feed-forward \(feedForward)", "window \(window)"] }

  /// As all recurrent models.
  static var pooling: Pooling { .last }
  var outputs: Int { width }

  func makeReader(_ configuration: ModelConfiguration, in scope: ParameterScope) -> SHARNNReader {
    SHARNNReader(self, configuration, in: scope)
  }
}
