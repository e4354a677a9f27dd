import ArgumentParser
import Experiments
import Randomness
import Reporting
import Scoring
import Support

/// `graft metric`
struct MetricCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "metric",
    abstract: "Score a file of predictions against a file of references, line by line.",
    discussion: """
      Examples:
        graft metric bleu --predictions hypotheses.de --references test.de
        graft metric bleu --set lowercase=true --predictions hypotheses.de --references test.de --json -
        graft metric bleu --predictions hypotheses.en --references first.en second.en

      Several files of references, for the bleu, chrf, rouge and squad metrics, are read side by side; where there are \
      fewer references than elsewhere, the lines of the later files are empty. Sentences, for the rouge metrics, have \
      \\n between them. Metrics of choices compare lines: a prediction that is none of --choices is \
      wrong. For f1 the second choice is the positive one. Docs/METRICS.md says what every metric reads.
      """)

  @Argument(help: "The metric (`graft list metrics`).", completion: .metrics)
  var name: String

  @Option(help: "A text file with one answer per line; may be gzip.")
  var predictions: String

  @Option(
    parsing: .upToNextOption,
    help: "A text file with one reference per line; may be gzip. Several files for several references.")
  var references: [String]

  @Option(
    help:
      "The choices, separated by commas, for metrics that compare them; the different references by default.")
  var choices: String?

  @Option(parsing: .upToNextOption, help: "Options of the metric, as NAME=VALUE: lowercase=true.")
  var set: [String] = []

  @Option(help: "Resamples behind the 95 % interval; 0 for none.")
  var resamples = 1000

  @Option(help: "Seed of the resamples.")
  var seed: UInt64 = 0

  @Option(help: "Write the result as JSON to this file, - for standard output.")
  var json: String?

  func files() -> CommandFiles {
    CommandFiles(
      .json(json, .metric, keys: ["metric", "signature", "scores"]), reading: [predictions] + references)
  }

  func validate() throws {
    guard resamples >= 0 else { throw ValidationError("--resamples must not be negative") }
  }

  func run() throws {
    let metric = try Metrics.registry(name).with(options: set)
    let lines = try MetricLines(
      metric, predictions: predictions, references: references,
      choices: choices?.split(atEach: ",").filter { !$0.isEmpty })
    let score = try metric.measure(
      lines.answers, lines.references,
      bootstrap: BootstrapOptions(resamples: resamples, key: RandomKey(seed: seed)))
    if let json { try JSONOutput.write(Result(score, count: lines.references.count), to: json) }
    if json == "-" { return }
    standardOutput(summary(score, count: lines.references.count))
  }

  private struct Result: KindedFile {
    static let kind = FileKind.metric

    var metric: String
    var signature: String
    /// The metric by its name, null where it is undefined, and what explains it.
    var scores: [String: Double?]
    /// Lower and upper bound.
    var interval: [String: [Double]]
    var count: Int

    init(_ score: MetricScore, count: Int) {
      metric = score.name
      signature = score.signature
      scores = score.details.mapValues { $0 }
      scores.updateValue(score.value, forKey: score.name)
      interval = score.detailIntervals.mapValues { [$0.lower, $0.upper] }
      interval[score.name] = score.interval.map { [$0.lower, $0.upper] }
      self.count = count
    }
  }

  private func summary(_ score: MetricScore, count: Int) -> String {
    func shown(_ value: Double) -> String { NumberText.fixed(value, digits: 4) }
    var text = "\(name)\t\(score.value.map(shown) ?? "undefined")"
    if let interval = score.interval {
      text += "\t95 % interval \(shown(interval.lower)) to \(shown(interval.upper))"
    }
    text += "\t\(count) \(count == 1 ? "line" : "lines")\n\(score.signature)"
    for (key, value) in score.details.sorted(by: { $0.key < $1.key }) { text += "\n\(key)\t\(shown(value))" }
    return text
  }
}
