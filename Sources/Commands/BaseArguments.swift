import ArgumentParser
import Support

/// Flags of every command that opens a model.
struct BaseArguments: ParsableArguments {
  @Option(help: "Of an adapter: the folder of the model that it belongs to, if it is not where the adapter says.")
  var base: String?

  /// - Throws: `.usage` for the base of a model that is not opened.
  func require(_ checkpoint: String?) throws(GraftError) {
    guard checkpoint == nil, base != nil else { return }
    throw GraftError(
      .usage, "--base belongs to --checkpoint", hint: "name the adapter with --checkpoint, or leave it out.")
  }
}
