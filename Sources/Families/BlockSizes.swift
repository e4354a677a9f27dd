import Autograd
import ModelKit
import Support

/// The sizes of transformer blocks, which families of transformers have alike.
public struct BlockSizes: Sendable, Hashable {
  /// Columns of the states, heads, columns of each, and columns within the feed-forward layers.
  public let width, heads, headDimension, feedForward: Int
  /// Of the feed-forward layers.
  public let activation: Activation
  /// Whether the feed-forward layers are gated units.
  public let isGated: Bool
  /// Whether the output layer is the embedding.
  public let isTied: Bool
  /// Of the normalisations.
  public let epsilon: Double

  /// Reads `width`, `heads`, `headDimension` (width / heads by default), `feedForward`, `activation`, `gated` (false),
  /// `tied` (true) and `epsilon`.
  public init(_ sizes: inout SizeReader) throws(GraftError) {
    width = try sizes.integer("width", in: 1...SizeLimit.width)
    heads = try sizes.integer("heads", in: 1...SizeLimit.heads)
    headDimension = try sizes.integer(
      "headDimension", in: 1...SizeLimit.headDimension, default: width / heads)
    feedForward = try sizes.integer("feedForward", in: 1...SizeLimit.feedForward)
    activation = try sizes.choice("activation")
    isGated = try sizes.boolean("gated", default: false)
    isTied = try sizes.boolean("tied", default: true)
    epsilon = try sizes.positive("epsilon")
  }

  /// By the keys that `init` reads.
  public static func sizes(
    of shape: ModelShape, activation: Activation, epsilon: Double
  ) -> [String: SizeValue] {
    [
      "width": SizeValue(shape.width), "heads": SizeValue(shape.heads), "feedForward": SizeValue(shape.feedForward),
      "activation": SizeValue(activation), "epsilon": .number(epsilon),
    ]
  }

  /// Of all heads.
  public var inner: Int { heads * headDimension }

  /// - Parameter layers: "4", or of encoder and decoder "4+4".
  public func facts(layers: String) -> [String] {
    let form = isGated ? "gated \(activation.rawValue)" : activation.rawValue
    return [
      "width \(width)", "\(layers) layers", "\(heads) heads" + (inner == width ? "" : " of \(headDimension)"),
      "feed-forward \(feedForward) \(form)",
    ]
  }
}

extension BlockSizes {
  /// What makes logits: `entering`, the embedding of tokens, if it is tied, else a matrix of its shape in `scope`.
  func outputEmbedding(_ entering: Parameter, _ initializer: Initializer, in scope: ParameterScope) -> Parameter {
    isTied
      ? entering
      : scope("output_embedding").matrix(
        "weight", rows: entering.rows, columns: entering.columns, role: .head, initializer)
  }
}
