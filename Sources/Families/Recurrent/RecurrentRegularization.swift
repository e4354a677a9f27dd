import ModelKit
import Support

/// What keeps a recurrent model from learning its corpus by heart while it is trained (Merity et al. 2017), beside the
/// configuration's dropout. Everything is off unless a size says otherwise.
struct RecurrentRegularization {
  /// Whether dropout leaves out the same at every token of a text.
  let isLocked: Bool
  /// Dropout of the embeddings and between layers; nil for the configuration's, which is that of the last states.
  let inputDropout, layerDropout: Double?
  /// How probably a token of the vocabulary, and a weight of the states, is left out in an update.
  let embeddingDropout, recurrentDropout: Double
  /// The weights of the means of h², after dropout, and of (h - h before)², before it, of the last layer's states.
  let activation, temporal: Double

  /// - Parameter multipliesState: whether there are weights of the states.
  init(_ sizes: inout SizeReader, multipliesState: Bool) throws(GraftError) {
    /// The most that a dropout may be: the rest is scaled up by its inverse.
    let most = 0.95
    isLocked = try sizes.boolean(ifPresent: "lockedDropout") ?? false
    inputDropout = try sizes.positive(ifPresent: "inputDropout", most: most)
    layerDropout = try sizes.positive(ifPresent: "layerDropout", most: most)
    embeddingDropout = try sizes.positive(ifPresent: "embeddingDropout", most: most) ?? 0
    recurrentDropout = multipliesState ? try sizes.positive(ifPresent: "recurrentDropout", most: most) ?? 0 : 0
    activation = try sizes.positive(ifPresent: "activationRegularization") ?? 0
    temporal = try sizes.positive(ifPresent: "temporalActivationRegularization") ?? 0
  }

  /// For lists.
  var facts: [String] {
    func fact(_ name: String, _ value: Double?) -> [String] { (value ?? 0) > 0 ? ["\(name) \(value ?? 0)"] : [] }
    return (isLocked ? ["locked dropout"] : []) + fact("input dropout", inputDropout)
      + fact("layer dropout", layerDropout) + fact("embedding dropout", embeddingDropout)
      + fact("recurrent dropout", recurrentDropout) + fact("activation regularization", activation)
      + fact("temporal activation regularization", temporal)
  }
}
