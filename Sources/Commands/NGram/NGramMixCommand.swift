import ArgumentParser
import Counting
import Reporting
import Support

/// `graft ngram mix`
struct NGramMixCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "mix",
    abstract: "Mix n-gram models: the weighted sum of their probabilities.",
    discussion: """
      Weights are given, or found on text that none of the models has counted. All models have the same words: those of \
      one tokenizer, or those of the first model, which graft ngram train --vocabulary takes over.

      Example:
        graft ngram train --corpus news.txt --output news
        graft ngram train --corpus talk.txt --vocabulary news --output talk
        graft ngram mix --model news talk --held-out mine.txt --output mixed
      """)

  @Option(parsing: .upToNextOption, help: "Folders of n-gram models.")
  var model: [String]

  @Option(parsing: .upToNextOption, help: "A weight for each; they are divided by their sum.")
  var weight: [Double] = []

  @Option(parsing: .upToNextOption, help: "Files on which the weights are found.")
  var heldOut: [String] = []

  @Option(name: .shortAndLong, help: "The folder of the mixture.")
  var output: String

  @OptionGroup var data: DataArguments

  func files() -> CommandFiles { CommandFiles(.ngrams(output), reading: model + heldOut) }

  func run() throws {
    guard weight.isEmpty != heldOut.isEmpty else {
      throw GraftError(
        .usage, weight.isEmpty ? "nothing says what the weights are" : "--weight and --held-out exclude each other",
        hint: "give --weight for each model, or texts with --held-out.")
    }
    var models: [NGramModel] = []
    for path in model { models.append(try NGramModel(opening: path)) }
    let weights =
      heldOut.isEmpty ? weight : try NGramModel.weights(ofMixing: models, heldOut: heldOut.map(data.corpus))
    let mixed = try NGramModel.mixing(models, weights: weights)
    try mixed.write(to: output)
    var table = Table([.init("model"), .init("weight", .right)])
    for (name, weight) in zip(model, weights) {
      table.append([name, NumberText.fixed(weight / weights.reduce(0, +), digits: 4)])
    }
    standardOutput(table.plainText, terminator: "")
  }
}
