import ModelKit
import Records
import Support

/// From what a model predicts the tokens of a text that is scored.
public enum TokenScoring: String, Sendable, Hashable, Codable, CaseIterable {
  /// Each token from those before it; their log-probabilities add up to that of the text.
  case causal
  /// Each token from all others, with the mask in its place: the pseudo-log-likelihood of Salazar et al. 2020.
  case masked

  /// How a model scores.
  /// - Throws: `.usage` for a wanted way that the model has not.
  static func of(_ backbone: any Backbone, wanted: TokenScoring?) throws(GraftError) -> TokenScoring {
    let family = backbone.configuration.family
    switch (backbone.layout, wanted) {
    case (.encoder, .causal):
      throw GraftError(
        .usage, "a \(family) model that reads from both sides cannot be scored from left to right",
        hint: "leave out `scoring:`, or give masked.")
    case (.decoder, .masked), (.encoderDecoder, .masked):
      throw GraftError(
        .usage, "this \(family) model sees nothing behind a token that it predicts",
        hint: "leave out `scoring:`; masked is for encoders, and for prefix decoders that hybrid-lm trained.")
    case (.encoder, _): return .masked
    default: return wanted ?? .causal
    }
  }
}
