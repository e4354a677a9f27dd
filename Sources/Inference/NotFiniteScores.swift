import ModelKit
import Support

/// Names the examples of a list for errors about one of them.
struct ExampleNames: Sendable {
  private let identifiers: [String]

  /// - Parameter identifiers: empty for texts that have no names.
  init(_ identifiers: [String] = []) { self.identifiers = identifiers }

  /// `example 'sst2/test/3'`, or the place and the beginning of a text without a name.
  func name(_ index: Int, text: String) -> String {
    if identifiers.indices.contains(index) { return "example '\(identifiers[index])'" }
    let beginning = text.prefix(40)
    return "text \(index + 1), '\(beginning)\(beginning.endIndex < text.endIndex ? "…" : "")'"
  }
}

extension GraftError {
  /// The error for what a model says that is no number.
  /// - Parameters:
  ///   - kind: what was computed: `score`, `answer`.
  ///   - name: whose it is.
  package static func notFinite(_ kind: String, of name: String) -> GraftError {
    GraftError(
      .internalError, "the model's \(kind) for \(name) is not finite: NaN or infinite",
      hint:
        "its weights are finite but too large to compute with, as after a training run that diverged; take an earlier"
        + " checkpoint.")
  }
}
