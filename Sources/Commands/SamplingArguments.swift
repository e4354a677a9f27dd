import ArgumentParser
import ModelKit
import Randomness
import Support

/// Flags of sampling.
struct SamplingArguments: ParsableArguments {
  @Flag(help: "Draw the tokens of answers at random.")
  var sample = false

  @Option(help: "Sampling: divide logits by this first (default: 1).")
  var temperature: Double?

  @Option(help: "Sampling: draw from the N most probable tokens.")
  var topK: Int?

  @Option(help: "Sampling: of those draw from the fewest tokens that have this probability together.")
  var topP: Double?

  @Option(help: "Sampling: each token is drawn by this, the number of its text and its place (default: 0).")
  var seed: UInt64?

  /// Nil without `--sample`.
  /// - Throws: `.usage` for values out of range and for flags that mean nothing without `--sample`.
  func strategy() throws(GraftError) -> DecodingOptions.Strategy? {
    guard sample else {
      let given: [(String, Bool)] = [
        ("--temperature", temperature != nil), ("--top-k", topK != nil), ("--top-p", topP != nil),
        ("--seed", seed != nil),
      ]
      if let flag = given.first(where: \.1)?.0 {
        throw GraftError(.usage, "\(flag) belongs to sampling", hint: "add --sample.")
      }
      return nil
    }
    let options = SamplingOptions(
      temperature: temperature ?? 1, topK: topK, topP: topP ?? 1,
      key: RandomKey(seed: seed ?? 0).folded("sampling"))
    try options.validate()
    return .sampling(options)
  }
}
