import ArgumentParser
import Compute
import Corpus
import Foundation
import ModelKit
import Randomness
import Reporting
import Support
import TaskRegistry
import Training

/// `graft evaluate`
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Score a checkpoint on tasks and stress suites, with intervals and baselines.",
    discussion: """
      Example:
        graft evaluate --checkpoint runs/nli --task nli --suite hans breaking-nli --data data
        graft evaluate --checkpoint runs/sst2 --task sst2 --require 'sst2.accuracy>=0.80'
      """)

  @Option(help: "A checkpoint, run directory or Hugging Face folder.")
  var checkpoint: String

  @Option(parsing: .upToNextOption, help: "Tasks (`graft list tasks`).")
  var task: [String]

  @Option(parsing: .upToNextOption, help: "Splits; all but train by default.")
  var split: [String] = []

  @Option(parsing: .upToNextOption, help: "Stress suites (`graft list suites`).")
  var suite: [String] = []

  @Option(help: "How answers are found for tasks with choices: rank, generate.")
  var answers = AnswerMode.rank

  @OptionGroup var beam: BeamArguments

  @Option(help: "Evaluate at most this many examples of each split; the result is marked as partial.")
  var limit: Int?

  @Option(help: "Longest input in tokens.")
  var inputLength = 128

  @Option(help: "Longest target in tokens.")
  var targetLength = 64

  @Option(
    help:
      "Write results as JSON to this file, - for standard output; what was answered goes into a folder beside it."
  )
  var json: String?

  @Option(
    help: "Also a table by the values of a group: label, or one that the task names (blimp: phenomenon).")
  var by: String?

  @Option(parsing: .upToNextOption, help: "Conditions such as sst2.accuracy>=0.80; exit code 3 if one fails.")
  var require: [String] = []

  @Flag(inversion: .prefixedNo, help: "Majority and n-gram baselines beside every classification score.")
  var baselines = true

  @Option(help: "Operands of matrix products: bf16, f32.")
  var precision = Precision.f32

  @OptionGroup var data: DataArguments

  func run() throws {
    try DataArguments.validate(limit: limit)
    let strategy = try beam.strategy()
    let requirements = try require.map { try Requirement($0) }
    let catalog = try data.catalog()
    let tasks = try task.map { try catalog.task(named: $0) }
    let suites = try suite.map { try catalog.suite(named: $0) }
    for suite in suites { try taskOf(suite, among: tasks) }
    let (saved, configuration, tokenizer) = try ModelFolder.open(checkpoint)
    let lengths = SequenceLengths(inputs: inputLength, targets: targetLength)
    try lengths.validate(for: configuration)
    let model = try saved.opened(
      configuration, precision: precision, shardCount: ProcessInfo.processInfo.activeProcessorCount)
    let scoring = ModelScoring(
      evaluator: Evaluator(
        model: model, codec: TextCodec(tokenizer), lengths: lengths, strategy: strategy),
      data: data.root, mode: answers, system: "model",
      predictionFolder: json.flatMap { $0 == "-" ? nil : ComparedSystem.predictionFolder(ofResults: $0) },
      limit: limit)
    var results = try scoring.score(tasks: tasks, splits: split.isEmpty ? nil : split, suites: suites)
    if baselines {
      results += try BaselineScoring(data: data.root, limit: limit)
        .score(tasks: tasks, splits: split.isEmpty ? nil : split, suites: suites)
    }
    let file = ResultsFile(results)
    if json == "-" {
      print(try file.json(), terminator: "")
    } else {
      if let json { try file.write(to: json) }
      print(file.table().plainText)
      for remark in file.remarks { print("\(remark)\n") }
      if let by { try printTable(by: by, file) }
    }
    try check(requirements, results)
  }

  private func printTable(by group: String, _ file: ResultsFile) throws(GraftError) {
    let table = file.table(by: group)
    guard !table.rows.isEmpty else {
      let known = Set(file.results.filter { $0.group.count == 1 }.flatMap(\.group.keys)).sorted()
      throw .unknownName("group", group, known: known)
    }
    print(table.plainText)
  }

  private func check(_ requirements: [Requirement], _ results: [ResultEntry]) throws(GraftError) {
    var failed: [String] = []
    for requirement in requirements {
      let scores = results.filter { $0.system == "model" && $0.group.isEmpty && requirement.concerns($0) }
      guard !scores.isEmpty else {
        throw GraftError(
          .usage, "--require \(requirement.text): no such score was computed",
          hint: "write task.metric>=number or task.split.metric>=number.")
      }
      for score in scores where !requirement.isMet(by: score.score) {
        failed.append("\(requirement.text): \(score.task) \(score.split) has \(score.score)")
      }
    }
    if !failed.isEmpty {
      throw GraftError(.requirementNotMet, "not met: " + failed.joined(separator: "; "))
    }
  }
}

/// `sst2.accuracy>=0.80`, `nli.snli-test.accuracy>=0.5`, also with `<=`.
struct Requirement {
  let text: String
  private let task: String
  private let split: String?
  private let metric: String
  private let isLowerBound: Bool
  private let bound: Double

  init(_ text: String) throws(GraftError) {
    self.text = text
    let isLowerBound = text.contains(">=")
    let sides = text.split(separator: isLowerBound ? ">=" : "<=").map(String.init)
    let names = sides.first?.split(separator: ".").map(String.init) ?? []
    guard sides.count == 2, let bound = Double(sides[1]), names.count == 2 || names.count == 3 else {
      throw GraftError(.usage, "cannot read --require '\(text)'", hint: "write it as sst2.accuracy>=0.80.")
    }
    self.isLowerBound = isLowerBound
    self.bound = bound
    task = names[0]
    split = names.count == 3 ? names[1] : nil
    metric = names[names.count - 1]
  }

  func concerns(_ entry: ResultEntry) -> Bool {
    entry.task == task && entry.metric == metric && (split == nil || entry.split == split)
  }

  func isMet(by value: Double) -> Bool { isLowerBound ? value >= bound : value <= bound }
}
