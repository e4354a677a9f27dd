import ArgumentParser
import Counting
import Reporting
import Support
import Tokenization

/// `graft ngram train`
struct NGramTrainCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Count n-grams of texts and make a language model of them.",
    discussion: """
      A line is a sentence, whose beginning and end are counted, too. Words are what stands between spaces, and <unk> \
      in a text is the unknown word; or they are the tokens of a tokenizer. The model is a folder that graft score, \
      graft evaluate and graft generate take as --checkpoint.

      Example:
        graft ngram train --corpus ptb.train.txt --order 5 --output ptb-5
        graft ngram train --corpus books.txt --tokenizer tokenizer.json --cut-offs 0 0 1 --output books-5
      """)

  @Option(parsing: .upToNextOption, help: "Files of text, gzip or not, folders of them; - for standard input.")
  var corpus: [String]

  @Option(help: "Words of the longest n-grams.")
  var order = NGramTrainingOptions().order

  @Option(
    help: """
      How probabilities are made of counts: kneser-ney (interpolated and modified), mixture (relative frequencies with \
      weights found on --held-out), uniform.
      """)
  var smoothing = NGramSmoothing.kneserNey

  @Option(
    parsing: .upToNextOption,
    help: """
      For n-grams of one word, of two …: those that occur no more often than this are left out; the last number is for \
      all longer ones, too. The first is 0.
      """)
  var cutOffs = [0]

  @Option(help: "A word that occurs less often is counted as <unk>.")
  var minimumCount = 1

  @Option(help: "Count the tokens of this tokenizer (a tokenizer.json, or a folder with one).")
  var tokenizer: String?

  @Option(help: "Take the words of this n-gram model, so that both can be mixed.")
  var vocabulary: String?

  @Option(parsing: .upToNextOption, help: "Files on which the weights of the smoothing mixture are found.")
  var heldOut: [String] = []

  @Option(help: "Also write the model in ARPA format, which KenLM, SRILM and others read.")
  var arpa: String?

  @Option(name: .shortAndLong, help: "The folder of the model.")
  var output: String

  @OptionGroup var data: DataArguments

  func files() -> CommandFiles {
    CommandFiles(
      .ngrams(output), arpa.map { .text($0, marker: "\\data\\") }, reading: [tokenizer, vocabulary].compactMap { $0 },
      corpus: (corpus + heldOut).map { data.root.place(ofCorpus: $0) ?? $0 })
  }

  func run() throws {
    let start = ContinuousClock.now
    var options = NGramTrainingOptions()
    (options.order, options.smoothing, options.cutOffs) = (order, smoothing, cutOffs)
    options.minimumCount = minimumCount
    if let tokenizer { options.tokenizer = try Tokenizer(contentsOf: tokenizer) }
    if let vocabulary { options.vocabulary = try NGramModel(opening: vocabulary) }
    options.heldOut = try data.files(ofCorpora: heldOut)
    let model = try NGramModel.train(try data.files(ofCorpora: corpus), options) { standardError("note: \($0)") }
    if let arpa { try ARPAFile.write(model, to: arpa) }
    try model.write(to: output)
    standardError("trained in \(NumberText.fixed(start.secondsUntilNow, digits: 1)) s")
    let part = model.description.parts[0]
    var table = Table([
      .init("length", .right), .init("n-grams", .right), .init(smoothing == .kneserNey ? "discounts" : "weight"),
    ])
    for (index, count) in part.counts.enumerated() {
      let parameters = part.parameters[index].map { NumberText.fixed($0, digits: 4) }
      table.append(["\(index + 1)", "\(count)", parameters.joined(separator: " ")])
    }
    standardOutput(table.plainText, terminator: "")
    standardOutput("\(output)\t\(part.tokens ?? 0) words and ends of sentences")
  }
}
