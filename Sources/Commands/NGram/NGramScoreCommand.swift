import ArgumentParser
import Counting
import Foundation
import Reporting
import Support

/// `graft ngram score`
struct NGramScoreCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Perplexity of texts under an n-gram model, and how long its known n-grams are.",
    discussion: """
      Every line is a sentence, and its end is predicted like a word: of PTB and WikiText the figure is the published \
      one. A word that the model does not know counts as <unk>; known has the perplexity without these.

      Example:
        graft ngram score --model ptb-5 --file ptb.valid.txt
        graft ngram score --model ptb-5 --file ptb.valid.txt --cache 0.1
      """)

  @Option(help: "A folder of graft ngram train or mix, or a file in ARPA format.")
  var model: String

  @Option(parsing: .upToNextOption, help: "Files of text, gzip or not; - for standard input.")
  var file: [String]

  @OptionGroup var cache: CacheArguments

  @Option(help: "Write the scores as JSON to this file, - for standard output.")
  var json: String?

  @OptionGroup var data: DataArguments

  func files() -> CommandFiles {
    CommandFiles(.json(json, .ngramScores, keys: ["files"]), reading: [model] + file)
  }

  /// What `--json` writes.
  private struct Results: KindedFile {
    struct File: Encodable {
      var file: String
      var scores: NGramScores
      var perplexity: Double
      var perplexityOfKnown: Double
    }

    static let kind = FileKind.ngramScores
    var files: [File] = []
  }

  func run() throws {
    var scorer = NGramScorer(try NGramModel(opening: model), cache: try cache.unigramCache())
    var results = Results()
    for name in file {
      let scores = try scorer.scores(ofFile: data.corpus(name))
      results.files.append(
        .init(
          file: name, scores: scores, perplexity: scores.perplexity, perplexityOfKnown: scores.perplexityOfKnown))
    }
    if let json { try JSONOutput.write(results, to: json) }
    guard json != "-" else { return }
    var table = Table(
      [
        .init("file"), .init("sentences", .right), .init("words", .right), .init("unknown", .right),
        .init("nats", .right), .init("ppl", .right), .init("known", .right),
      ] + (1...scorer.model.order).map { .init("\($0)-grams", .right) })
    for result in results.files {
      let scores = result.scores
      let all = Double(scores.words + scores.sentences)
      table.append(
        [result.file, "\(scores.sentences)", "\(scores.words)", "\(scores.unknown)"]
          + [scores.nats, result.perplexity, result.perplexityOfKnown].map { NumberText.fixed($0, digits: 2) }
          + (0..<scorer.model.order).map { length in
            let count = length < scores.lengths.count ? scores.lengths[length] : 0
            return NumberText.fixed(100 * Double(count) / all, digits: 1) + " %"
          })
    }
    standardOutput(table.plainText, terminator: "")
  }
}
