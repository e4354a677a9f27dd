import ArgumentParser
import Counting
import Randomness
import Support

/// `graft ngram sample`
struct NGramSampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample",
    abstract: "Draw sentences from an n-gram model.",
    discussion: """
      Example:
        graft ngram sample --model ptb-5 --count 5 --seed 1
        graft ngram sample --model ptb-5 the company said
      """)

  @Option(help: "A folder of graft ngram train or mix, or a file in ARPA format.")
  var model: String

  @Option(help: "How many sentences.")
  var count = 1

  @Option(help: "The most words of a sentence.")
  var longest = 100

  @Option(help: "Divide logarithms by this first; 0 takes the most probable word each time.")
  var temperature = 1.0

  @Option(help: "Each sentence is drawn by this and its number.")
  var seed: UInt64 = 0

  @Argument(help: "Words that every sentence begins with.")
  var beginning: [String] = []

  func run() throws {
    guard count > 0, longest > 0, temperature >= 0, temperature.isFinite else {
      throw GraftError(
        .usage, "--count, --longest or --temperature is impossible",
        hint: "give positive numbers; a temperature of 0 takes the most probable word.")
    }
    let model = try NGramModel(opening: model)
    let begun = try model.unit.ids(beginning.joined(separator: " "), model.vocabulary)
    let key = RandomKey(seed: seed).folded("ngram sample")
    for number in 0..<count {
      let drawn = model.sample(after: begun, temperature: temperature, longest: longest, key: key.folded(number))
      standardOutput(model.unit.text(begun + drawn.words, model.vocabulary))
    }
  }
}
