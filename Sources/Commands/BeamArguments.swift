import ArgumentParser
import ModelKit
import Support

/// Flags of the commands that can look for answers by beam search.
struct BeamArguments: ParsableArguments {
  @Option(help: "Look for answers by beam search with this many beams.")
  var beam: Int?

  @Option(help: "Beam search: divide an answer's log-probability by its length to this power (default: 1).")
  var lengthPenalty: Double?

  @Flag(
    help: """
      Beam search: stop as soon as there are as many finished answers as beams; else go on while the best unfinished \
      one, at its present length, would beat the worst of them.
      """)
  var earlyStopping = false

  /// - Throws: `.usage` for values out of range and for flags that mean nothing without `--beam`.
  func strategy() throws(GraftError) -> DecodingOptions.Strategy {
    guard let beam else {
      guard lengthPenalty == nil, !earlyStopping else {
        throw GraftError(
          .usage, "\(lengthPenalty != nil ? "--length-penalty" : "--early-stopping") belongs to beam search",
          hint: "add --beam 4.")
      }
      return .greedy
    }
    let options = BeamOptions(count: beam, lengthPenalty: lengthPenalty ?? 1, stopsEarly: earlyStopping)
    try options.validate()
    return .beam(options)
  }
}
