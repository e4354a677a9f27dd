import ArgumentParser
import Experiments
import Probing
import Reporting
import Support
import TaskRegistry

/// `graft baseline`
struct BaselineCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "baseline",
    abstract: "What models of words alone score on a task, on its splits or in cross-validation.",
    discussion: """
      \(WordModel.allCases.map { "\($0.rawValue): \($0.summary)." }.joined(separator: "\n"))

      Docs/BASELINES.md has their definitions, and what papers report.

      Example:
        graft baseline --task trec
        graft baseline --task mr cr subj mpqa --folds 10
      """)

  @Option(
    parsing: .upToNextOption, help: "Tasks whose choices are the same for every row (`graft list tasks`).",
    completion: .tasks)
  var task: [String]

  @Option(
    parsing: .upToNextOption,
    help: "Models: \(WordModel.allCases.map(\.rawValue).joined(separator: ", ")); all by default.")
  var model: [WordModel] = []

  @Option(parsing: .upToNextOption, help: "Splits to score; all labelled ones but train by default.")
  var split: [String] = []

  @Option(
    help: """
      Answer every training example, and those held out of them, by models of the other parts of so many; instead of \
      scoring splits.
      """)
  var folds: Int?

  @Option(help: "The longest n-grams; 2 means words and pairs of words.")
  var order = 2

  @Option(help: "Seed of everything that is drawn: the parts, and the order of examples.")
  var seed: UInt64 = 0

  @Option(help: "Write scores as JSON to this file, - for standard output.")
  var json: String?

  @OptionGroup(title: "Tasks and data") var data: DataArguments

  func files() -> CommandFiles { CommandFiles(.json(json, .results, keys: ["results"])) }

  func run() throws {
    guard folds == nil || split.isEmpty else {
      throw GraftError(.usage, "--folds and --split exclude each other", hint: "give one of them.")
    }
    guard (1...5).contains(order) else { throw GraftError(.usage, "--order \(order) is not in 1 to 5") }
    var scoring = WordModelScoring(data: data.root)
    if !model.isEmpty { scoring.models = model }
    (scoring.order, scoring.folds, scoring.seed) = (order, folds, seed)
    if !split.isEmpty { scoring.splits = split }
    let tasks = try data.catalog().tasks(named: task)
    var results = ResultsFile([])
    for task in tasks { results.results += try scoring.score(task) }
    if let json { try JSONOutput.write(results, to: json) }
    if json != "-" { ResultPrinter(tasks: [], suites: []).show(results) }
  }
}

extension WordModel: ExpressibleByArgument {}
