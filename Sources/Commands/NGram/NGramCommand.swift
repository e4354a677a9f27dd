import ArgumentParser
import Corpus
import Counting
import Support

/// `graft ngram …`: language models that count.
struct NGramCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ngram",
    abstract: "Language models of n-gram counts: train, score, sample, mix.",
    subcommands: [
      NGramTrainCommand.self, NGramScoreCommand.self, NGramSampleCommand.self, NGramMixCommand.self,
    ])
}

extension NGramSmoothing: ExpressibleByArgument {}

extension CommandOutput {
  /// The folder of an n-gram model.
  static func ngrams(_ path: String) -> CommandOutput? {
    folder(path) { $0.contains(NGramModel.fileName) }
  }
}

/// A cache over the words scored so far.
struct CacheArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Mix in a unigram cache, the words scored last, with this weight; 0.1 is usual.", valueName: "weight"))
  var cache: Double?

  @Option(help: "How many words the cache remembers, ends of sentences among them (default: 500).")
  var cacheSize: Int?

  /// - Throws: `.usage` for impossible values, and a size without a weight.
  func unigramCache() throws(GraftError) -> UnigramCache? { try Self.unigramCache(weight: cache, size: cacheSize) }

  static func unigramCache(weight: Double?, size: Int?) throws(GraftError) -> UnigramCache? {
    guard let weight else {
      guard size == nil else {
        throw GraftError(.usage, "--cache-size belongs to a cache", hint: "add --cache WEIGHT.")
      }
      return nil
    }
    return try UnigramCache(weight: weight, size: size ?? 500)
  }
}
