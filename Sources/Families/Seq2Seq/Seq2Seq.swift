import Autograd
import ModelKit
import Records
import Support

/// Encoder-decoders of recurrent layers (Sutskever et al. 2014, Cho et al. 2014), with or without attention over the
/// encoder's states.
struct Seq2Seq: ModelFamily {
  static let name = "seq2seq"
  static let summary = "encoder-decoder of recurrent layers, with or without attention"

  /// The layers it can be made of.
  enum Cell: String, CaseIterable {
    case gru, lstm, rnn

    /// A layer's weights, declared in `scope`.
    func weights(inputs: Int, width: Int, in scope: ParameterScope) -> RecurrentWeights {
      switch self {
      case .gru: GRULayer(inputs: inputs, width: width, peepholes: false, in: scope).weights
      case .lstm: LSTMLayer(inputs: inputs, width: width, peepholes: false, in: scope).weights
      case .rnn: ElmanLayer(inputs: inputs, width: width, peepholes: false, in: scope).weights
      }
    }
  }

  let cell: Cell
  let width: Int
  let encoderLayers, decoderLayers: Int
  /// Whether each encoder layer reads a text from both sides, with half the width for either.
  let isBidirectional: Bool
  let attention: GlobalAttention.Score
  /// Whether the output layer is the embedding.
  let isTied: Bool

  init(_ sizes: inout SizeReader) throws(GraftError) {
    cell = try sizes.choice("cell")
    width = try sizes.integer("width", in: 1...SizeLimit.width)
    encoderLayers = try sizes.integer("encoderLayers", in: 1...SizeLimit.layers)
    decoderLayers = try sizes.integer("decoderLayers", in: 1...SizeLimit.layers)
    isBidirectional = try sizes.boolean("bidirectional", default: true)
    attention = try sizes.choice("attention")
    isTied = try sizes.boolean("tied", default: true)
    guard !isBidirectional || width % 2 == 0 else {
      throw sizes.failure(
        "'width' is \(width), expected an even number",
        hint: "each direction of a bidirectional encoder has half of it.")
    }
  }

  static func sizes(of shape: ModelShape) -> [String: SizeValue] {
    [
      "cell": "lstm", "width": SizeValue(shape.width), "encoderLayers": SizeValue(shape.layers),
      "decoderLayers": SizeValue(shape.layers), "attention": "dot",
    ]
  }

  func traits(_ configuration: ModelConfiguration) -> ModelTraits {
    ModelTraits(
      layout: .encoderDecoder, writes: true, longestSequence: nil,
      facts: [
        "width \(width)", "\(encoderLayers)+\(decoderLayers) layers of \(cell.rawValue)",
        isBidirectional ? "bidirectional encoder" : "encoder of one direction",
        attention == .none ? "no attention" : "\(attention.rawValue) attention",
      ])
  }

  func makeBackbone(
    _ configuration: ModelConfiguration, in scope: ParameterScope
  ) throws(GraftError) -> any Backbone { Seq2SeqBackbone(self, configuration, in: scope) }
}
