import ModelKit
import Records
import Support

/// The gated convolutional language model of Dauphin et al. 2017: residual blocks of causal convolutions, each of which
/// sees a few tokens, so that a state has seen `decoderLayers · (kernel − 1) + 1`. Before a text's first token there
/// are zeros. What weight normalisation does in the paper, a layer norm before each block does here.
struct ConvLM: FixedStateFamily {
  static let name = "conv-lm"
  static let summary = "decoder of gated causal convolutions"

  let width: Int
  let layers: Int
  /// Tokens that a convolution reads at once.
  let kernel: Int
  /// Columns of the convolutions between layers that lead there and back; nil for as many as the model's.
  let bottleneck: Int?
  let epsilon: Double
  /// Whether the output layer is the embedding.
  let isTied: Bool

  init(_ sizes: inout SizeReader) throws(GraftError) {
    width = try sizes.integer("width", in: 1...SizeLimit.width)
    layers = try sizes.integer("decoderLayers", in: 1...SizeLimit.layers)
    kernel = try sizes.integer("kernel", in: 2...SizeLimit.order)
    bottleneck = try sizes.integer(ifPresent: "bottleneck", in: 1...SizeLimit.width)
    epsilon = try sizes.positive("epsilon", most: 1)
    isTied = try sizes.boolean("tied", default: true)
  }

  static func sizes(of shape: ModelShape) -> [String: SizeValue] {
    // The paper's convolutions read four or five.
    [
      "width": SizeValue(shape.width), "decoderLayers": SizeValue(shape.layers), "kernel": 4, "epsilon": .number(1e-5),
    ]
  }

  var facts: [String] {
    ["width \(width)", "\(layers) layers", "kernel \(kernel)"] + (bottleneck.map { ["bottleneck \($0)"] } ?? [])
  }

  /// Of a text each state has seen a part.
  static var pooling: Pooling { .mean }
  var outputs: Int { width }

  func makeReader(_ configuration: ModelConfiguration, in scope: ParameterScope) -> ConvLMReader {
    ConvLMReader(self, configuration, in: scope)
  }
}
