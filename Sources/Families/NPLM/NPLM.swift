import ModelKit
import Records
import Support

/// The neural probabilistic language model of Bengio et al. 2003: what follows a token is predicted from the embeddings
/// of the last few tokens, side by side, by one layer of tanh and, if wanted, from them directly. Before a text's first
/// token the embeddings are zeros, and as in all decoders here the output layer has no bias.
struct NPLM: FixedStateFamily {
  static let name = "nplm"
  static let summary = "decoder that reads the last few tokens"

  let width: Int
  /// n of the n-grams: one more than the tokens that are read.
  let order: Int
  /// Units of tanh.
  let hidden: Int
  /// Whether the output layer reads the embeddings beside the units.
  let isDirect: Bool
  /// Whether the output layer is the embedding.
  let isTied: Bool

  init(_ sizes: inout SizeReader) throws(GraftError) {
    width = try sizes.integer("width", in: 1...SizeLimit.width)
    order = try sizes.integer("order", in: 3...SizeLimit.order)
    hidden = try sizes.integer("hidden", in: 1...SizeLimit.width)
    isDirect = try sizes.boolean("direct", default: false)
    let canTie = hidden == width && !isDirect
    isTied = try sizes.boolean("tied", default: canTie)
    guard !isTied || canTie else {
      throw sizes.failure(
        "the output layer is no embedding of \(width) where it reads \(outputs) columns",
        hint: isDirect ? "set 'tied' or 'direct' to false." : "set 'tied' to false, or 'hidden' to \(width).")
    }
  }

  /// Columns that the output layer reads.
  var outputs: Int { hidden + (isDirect ? window.columns : 0) }
  var window: CausalWindow { CausalWindow(tokens: order - 1, width: width) }

  static func sizes(of shape: ModelShape) -> [String: SizeValue] {
    // Five tokens are the most that the paper reads.
    ["width": SizeValue(shape.width), "hidden": SizeValue(shape.feedForward), "order": 6]
  }

  var facts: [String] {
    ["width \(width)", "order \(order)", "\(hidden) hidden"] + (isDirect ? ["direct connections"] : [])
  }

  /// Of a text each state has seen a part.
  static var pooling: Pooling { .mean }

  func makeReader(_ configuration: ModelConfiguration, in scope: ParameterScope) -> NPLMReader {
    NPLMReader(self, configuration, in: scope)
  }
}
