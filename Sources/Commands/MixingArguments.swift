import ArgumentParser
import Corpus
import Support

/// Flags that say how often each of several tasks is seen.
struct MixingArguments: ParsableArguments {
  @Flag(help: "See all tasks equally often, however many examples they have.")
  var equalMixing = false

  @Option(help: "See a task of n examples in proportion to min(n, CAP)^(1/T), as T5 does; else to n.")
  var temperature: Double?

  @Option(help: "Let no task count for more examples than this.")
  var cap: Double?

  /// - Throws: `.usage` for a temperature or cap that makes no sense.
  func validateRates() throws(GraftError) { try rates()?.validate() }

  /// Nil unless a flag asks for a mixture.
  /// - Throws: `.usage` for flags that exclude each other.
  func rates() throws(GraftError) -> MixtureRates? {
    guard equalMixing || temperature != nil || cap != nil else { return nil }
    guard !equalMixing || temperature == nil && cap == nil else {
      throw GraftError(
        .usage, "--equal-mixing leaves nothing for --temperature and --cap to say",
        hint: "give one or the other.")
    }
    return MixtureRates(cap: cap, temperature: temperature ?? 1, isEqual: equalMixing)
  }
}
