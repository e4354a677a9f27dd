import ArgumentParser
import Examples
import Foundation
import Randomness
import Scoring
import Support

/// `graft metric`
struct MetricCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "metric",
    abstract: "Score a file of predictions against a file of references, line by line.",
    discussion: """
      Example:
        graft metric bleu --predictions hypotheses.de --references test.de

      f1 and matthews compare words of a set of choices: those of --choices, else the different lines of the
      references in alphabetical order. A prediction that is none of them is wrong. For f1 the second choice
      is the positive one.
      """)

  @Argument(help: "The metric (`graft list metrics`).")
  var name: String

  @Option(help: "A text file with one answer per line; may be gzip.")
  var predictions: String

  @Option(help: "A text file with one reference per line; may be gzip.")
  var references: String

  @Option(help: "The choices, separated by commas, for f1 and matthews.")
  var choices: String?

  @Option(help: "Resamples behind the 95 % interval; 0 for none.")
  var resamples = 1000

  @Option(help: "Seed of the resamples.")
  var seed: UInt64 = 0

  @Option(help: "Write the result as JSON to this file, - for standard output.")
  var json: String?

  func validate() throws {
    guard resamples >= 0 else { throw ValidationError("--resamples must not be negative") }
  }

  func run() throws {
    let metric = try Metrics.table(name)
    let answers = try FileContents.lines(predictions)
    let golds = try FileContents.lines(references)
    guard answers.count == golds.count else {
      throw GraftError(
        .badData, "'\(predictions)' has \(answers.count) lines, '\(references)' \(golds.count)",
        hint: "line 1 is compared with line 1 and so on; is one of the files cut short?")
    }
    let score = try metric.measure(
      try predictionList(answers, golds), try referenceList(golds),
      bootstrap: BootstrapOptions(resamples: resamples, key: RandomKey(seed: seed)))
    if let json { try JSONOutput.write(Result(score: score, count: golds.count), to: json) }
    if json == "-" { return }
    print(summary(score, count: golds.count))
  }

  private struct Result: Encodable {
    var score: MetricScore
    var count: Int
  }

  private var comparesChoices: Bool { name == "f1" || name == "matthews" }

  private func choiceIndices(_ golds: [String]) throws(GraftError) -> [String: Int] {
    var words: [String]
    if let choices {
      words = choices.split(separator: ",").map(String.init)
    } else {
      words = Array(Set(golds)).sorted()
      if name == "f1", words.count != 2 {
        throw GraftError(
          .usage, "f1 needs two choices; the references have \(words.count) different lines",
          hint: "name them: --choices negative,positive")
      }
    }
    guard Set(words).count == words.count else {
      throw GraftError(.usage, "a choice stands twice in '\(words.joined(separator: ","))'")
    }
    return Dictionary(uniqueKeysWithValues: words.enumerated().map { ($0.element, $0.offset) })
  }

  private func predictionList(
    _ answers: [String], _ golds: [String]
  ) throws(GraftError) -> [Prediction] {
    guard comparesChoices else { return answers.map { Prediction(text: $0) } }
    let indices = try choiceIndices(golds)
    return answers.map { Prediction(text: $0, choice: indices[$0]) }
  }

  private func referenceList(_ golds: [String]) throws(GraftError) -> [Reference] {
    let indices = comparesChoices ? try choiceIndices(golds) : [:]
    let needsNumbers = name == "pearson" || name == "spearman"
    var result: [Reference] = []
    for (index, gold) in golds.enumerated() {
      let number = needsNumbers ? parsedNumber(gold) : nil
      let choice = indices[gold]
      if needsNumbers && number == nil || comparesChoices && choice == nil {
        throw GraftError(
          .badData, "'\(gold)' is \(needsNumbers ? "not a number" : "none of the choices")",
          location: SourceLocation(file: references, line: index + 1))
      }
      result.append(Reference(text: gold, choice: choice, number: number))
    }
    return result
  }

  private func summary(_ score: MetricScore, count: Int) -> String {
    func shown(_ value: Double) -> String { String(format: "%.4f", value) }
    var text = "\(name)\t\(score.value.map(shown) ?? "undefined")"
    if let interval = score.interval {
      text += "\t95 % interval \(shown(interval.lower)) to \(shown(interval.upper))"
    }
    text += "\t\(count) lines\n\(score.signature)"
    for (key, value) in score.details.sorted(by: { $0.key < $1.key }) { text += "\n\(key)\t\(shown(value))" }
    return text
  }
}
