import ArgumentParser
import Checkpointing
import Corpus
import Foundation
import ModelKit
import Reporting
import Scoring
import Support
import TaskRegistry
import Tokenization
import Training

/// `graft finetune`
struct FinetuneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "finetune",
    abstract: "Fine-tune a checkpoint on tasks by prefix and score it on their evaluation splits.",
    discussion: """
      Without --checkpoint the same model is trained from scratch, which is the baseline for pretraining.

      Example:
        graft finetune --checkpoint runs/books --task sst2 --data data --seeds 3 --output runs/sst2
      """)

  @Option(help: "A checkpoint, run directory or Hugging Face folder; leave out to train from scratch.")
  var checkpoint: String?

  @Option(help: "From scratch: a preset (`graft list backbones`).")
  var backbone = "t5-mini"

  @Option(help: "From scratch: a tokenizer.json.")
  var tokenizer: String?

  @Option(parsing: .upToNextOption, help: "Tasks to train on together (`graft list tasks`).")
  var task: [String]

  @Option(parsing: .upToNextOption, help: "Stress suites to evaluate afterwards (`graft list suites`).")
  var suite: [String] = []

  @Option(help: "The run directory.")
  var output: String

  @Option(help: "Passes over the training examples, unless --steps or --budget is given.")
  var epochs: Double?

  @OptionGroup var mixing: MixingArguments

  @Option(help: "Independent runs with seeds SEED, SEED+1 …")
  var seeds = 1

  @Option(help: "Training examples per task at most.")
  var limit: Int?

  @Option(help: "Longest input in tokens.")
  var inputLength = 128

  @Option(help: "Longest target in tokens.")
  var targetLength = 64

  @Option(help: "How answers are found for tasks with choices: rank, generate.")
  var answers = AnswerMode.rank

  @OptionGroup var beam: BeamArguments

  @Flag(inversion: .prefixedNo, help: "Majority and n-gram baselines beside every classification score.")
  var baselines = true

  @Flag(help: "Also show the parts of tasks, and groups with many values such as the subcases of hans.")
  var details = false

  @Flag(
    help:
      "After every pass, record how probable the right answer of each training example is (`graft cartography` maps it)."
  )
  var dynamics = false

  @Option(help: "The same after every so many updates.")
  var dynamicsEvery: Int?

  @OptionGroup var subsets: SubsetArguments
  @OptionGroup var partialInput: PartialInputArguments
  @OptionGroup var training: TrainingArguments
  @OptionGroup var data: DataArguments

  func run() throws {
    try DataArguments.validate(limit: limit)
    let strategy = try beam.strategy()
    let catalog = try data.catalog()
    let partial = try partialInput.partialInput()
    let whole = try task.map { try catalog.task(named: $0) }
    let tasks = try whole.map { try $0.shown(partial) }
    let suites = try suite.map { try catalog.suite(named: $0) }
    for suite in suites { try taskOf(suite, among: tasks) }
    let selection = try subsets.selection(whole, limit: limit)
    let (configuration, tokenizer) = try startingPoint()
    let printer = ResultPrinter(tasks: tasks, suites: suites, isDetailed: details)
    if training.resume, seeds == 1, FileManager.default.fileExists(atPath: "\(output)/results.json") {
      standardError("'\(output)' is finished already")
      printer.show(try ResultsFile.read("\(output)/results.json"))
      return
    }
    InterruptHandling.install()
    var results: [ResultEntry] = []
    for run in 0..<max(1, seeds) {
      let directory = seeds > 1 ? "\(output)/seed-\(training.seed &+ UInt64(run))" : output
      let resultsPath = "\(directory)/results.json"
      if training.resume, FileManager.default.fileExists(atPath: resultsPath) {
        results += try ResultsFile.read(resultsPath).results
        continue
      }
      var plan = FineTuningPlan(tasks: task, initialCheckpoint: checkpoint, model: configuration)
      plan.lengths = SequenceLengths(inputs: inputLength, targets: targetLength)
      plan.limit = limit
      plan.partialInput = partial
      plan.subsets = selection.chosen.isEmpty ? nil : selection.chosen
      plan.randomSubset = selection.randomCount
      plan.dynamics = dynamicsEvery.map { .updates($0) } ?? (dynamics ? .pass : nil)
      plan.mixture = try mixing.rates()
      plan.settings = try training.settings(FinetuneCommand.defaults)
      plan.settings.seed = training.seed &+ UInt64(run)
      if plan.settings.steps == nil && plan.settings.budgetSeconds == nil { plan.epochs = epochs ?? 3 }
      var job = FineTuningJob(
        plan: plan, tasks: tasks, suites: suites, tokenizer: tokenizer, data: data.root, directory: directory,
        phase: "finetune \(task.joined(separator: "+"))")
      job.selection = selection
      job.answers = answers
      job.strategy = strategy
      job.resuming = training.resume
      results += try job.run()
    }
    if baselines { results += try BaselineScoring(data: data.root).score(tasks: whole, suites: suites) }
    try ResultsFile(results).write(to: "\(output)/results.json")
    printer.show(ResultsFile(results))
  }

  /// One recipe for every task.
  static let defaults: TrainingSettings = {
    var settings = TrainingSettings()
    settings.batchSize = 32
    settings.learningRate = 5e-3
    settings.schedule = "linear"
    settings.warmupSteps = 100
    settings.dropout = 0.1
    settings.evaluationInterval = nil
    settings.checkpointInterval = nil
    return settings
  }()

  private func startingPoint() throws(GraftError) -> (TransformerConfiguration, Tokenizer) {
    if let checkpoint {
      let (_, configuration, tokenizer) = try ModelFolder.open(checkpoint)
      return (configuration, tokenizer)
    }
    guard let tokenizer else {
      throw GraftError(
        .usage, "training from scratch needs a tokenizer",
        hint: "give --tokenizer FILE, or --checkpoint DIR to start from a pretrained model.")
    }
    let loaded = try Tokenizer(contentsOf: tokenizer)
    return (try Resources.preset(backbone, vocabularySize: loaded.vocabulary.size), loaded)
  }
}

extension AnswerMode: ExpressibleByArgument {}
