import ArgumentParser
import Experiments
import Randomness
import Reporting
import Scoring
import Support

/// `graft compare`
struct CompareCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Test whether two systems that answered the same examples differ.",
    discussion: """
      Examples:
        graft compare runs/sst2-pretrained runs/sst2-from-scratch
        graft compare before.json after.json
        graft compare a/predictions/sst2-validation.jsonl b/predictions/sst2-validation.jsonl --metric accuracy
        graft compare before.de after.de --references test.de --metric bleu chrf

      A system is a results file with its predictions beside it, a run directory, or a predictions file. Answers are \
      paired by the identifiers of their examples, runs with several seeds seed by seed. With --references a system is \
      a file of answers, one a line, as for `graft metric`. The difference is the second minus the first, its interval \
      that of the paired bootstrap, p that of approximate randomisation.
      """)

  @Argument(help: "The first system.")
  var first: String

  @Argument(help: "The second system.")
  var second: String

  @Option(
    parsing: .upToNextOption,
    help: "Metrics (`graft list metrics`); those of the results files by default.", completion: .metrics)
  var metric: [String] = []

  @Option(parsing: .upToNextOption, help: "Options of the metrics, as NAME=VALUE: lowercase=true.")
  var set: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: "A file of references, one a line, for two files of answers; several for several references.")
  var references: [String] = []

  @Option(help: "With --references: the choices, separated by commas, for metrics that compare them.")
  var choices: String?

  @Option(help: "Resamples behind the interval, and behind each test.")
  var resamples = 2000

  @Option(help: "Seed of the resamples.")
  var seed: UInt64 = 0

  @Option(help: "Write the result as JSON to this file, - for standard output.")
  var json: String?

  func files() -> CommandFiles {
    CommandFiles(
      .json(json, .comparison, keys: ["first", "second", "comparisons"]), reading: [first, second] + references)
  }

  func validate() throws {
    guard resamples >= 2 else { throw ValidationError("--resamples must be at least 2") }
    guard references.isEmpty || !metric.isEmpty else {
      throw ValidationError("--references needs a --metric")
    }
    guard choices == nil || !references.isEmpty else {
      throw ValidationError("--choices is for --references")
    }
    guard set.isEmpty || !metric.isEmpty else { throw ValidationError("--set needs a --metric") }
  }

  func run() throws {
    var metrics: [any Metric] = []
    for name in metric { metrics.append(try Metrics.registry(name).with(options: set)) }
    let bootstrap = BootstrapOptions(resamples: resamples, key: RandomKey(seed: seed))
    let comparison =
      if !references.isEmpty {
        try Comparison(
          lines: first, second, references: references,
          choices: choices?.split(separator: ",").map(String.init), metrics: metrics, bootstrap: bootstrap)
      } else {
        try Comparison(
          ComparedSystem(first), ComparedSystem(second), metrics: metrics.isEmpty ? nil : metrics,
          bootstrap: bootstrap)
      }
    for note in comparison.notes { standardError("note: \(note)") }
    guard !comparison.differences.isEmpty else {
      throw GraftError(
        .badData, "'\(first)' and '\(second)' have no score in common",
        hint: "evaluate both on the same tasks and splits, or name a --metric.")
    }
    let result = Result(
      first: first, second: second, resamples: resamples, seed: seed, comparisons: comparison.differences)
    if let json { try JSONOutput.write(result, to: json) }
    if json == "-" { return }
    standardOutput("first   \(first)\nsecond  \(second)\n")
    standardOutput(try table(comparison.differences).plainText, terminator: "")
  }

  private struct Result: KindedFile {
    static let kind = FileKind.comparison

    var first: String
    var second: String
    var resamples: Int
    var seed: UInt64
    var comparisons: [Difference]
  }

  private func table(_ differences: [Difference]) throws -> Table {
    // Files of lines have neither task nor split.
    let hasSets = differences.contains { $0.task != nil }
    var table = Table(
      (hasSets ? [.init("task"), .init("split")] : []) + [
        .init("metric"), .init("first", .right), .init("second", .right), .init("difference", .right),
        .init("p", .right), .init("bootstrap p", .right), .init("examples", .right),
      ])
    for row in differences {
      let factor = try Metrics.registry(row.metric).displayFactor
      func shown(_ value: Double) -> String { NumberText.fixed(value * factor, digits: 2) }
      let interval = row.interval.map { " [\(shown($0[0])), \(shown($0[1]))]" } ?? ""
      table.append(
        [row.task, row.split].compactMap(\.self) + [
          row.metric, shown(row.first), shown(row.second),
          (row.difference > 0 ? "+" : "") + shown(row.difference) + interval,
          NumberText.fixed(row.permutationP, digits: 4), NumberText.fixed(row.bootstrapP, digits: 4),
          "\(row.count)",
        ])
    }
    return table
  }
}
