import ArgumentParser
import Checkpointing
import Corpus
import Experiments
import Foundation
import Inference
import ModelKit
import Records
import Reporting
import Scoring
import Support
import TaskRegistry
import Tokenization
import Training

/// `graft finetune`
struct FinetuneCommand: RecipeCommand, DistributedCommand {
  static let configuration = CommandConfiguration(
    commandName: "finetune",
    abstract: "Fine-tune a checkpoint on tasks by prefix and score it on their evaluation splits.",
    discussion: """
      Trains text to text on the split train of the tasks, all together, each with its prefix; then scores every other \
      split of each task, and the suites. With --untrained the same model is trained from drawn values, which is \
      the baseline for pretraining. The table has a row per task, split and metric, and a column per system; scores up to \
      1 are times 100, with their 95 % bootstrap interval, or of several seeds mean and standard deviation.

      Example:
        graft finetune --checkpoint runs/books --task sst2 --data data --seeds 3 --output runs/sst2
        graft finetune --checkpoint runs/books --mixture glue --skip-absent --data data --output runs/glue
      """)

  @OptionGroup(title: "Model to begin with") var start: StartingPointArguments

  @OptionGroup(title: "Tasks") var selection: TaskSelection

  @Option(parsing: .upToNextOption, help: "Splits of every task that are scored; all but train by default.")
  var split: [String] = []

  @Option(
    parsing: .upToNextOption, help: "Stress suites to evaluate afterwards (`graft list suites`).",
    completion: .suites)
  var suite: [String] = []

  @Option(
    help: """
      The task as which suites are put: by default one that the model is trained on, now or before, if of several the \
      one that the suite names, else one that answers in its labels, else the first that fits; which is said.
      """, completion: .tasks)
  var through: String?

  @Option(help: "The run directory; with several seeds each has its own in it, seed-N.")
  var output: String

  @Option(
    help: """
      Passes over the training examples, unless --steps or --budget is given; auto is 30,000 examples' worth, at least \
      3 and at most 20 (default: 3).
      """)
  var epochs: Passes?

  @Option(
    parsing: .upToNextOption,
    help: """
      Tasks to train on first, together, before --task: many pairs of one task help where another has few. All seeds go \
      on from the one model, which stands in OUTPUT/after.
      """, completion: .tasks)
  var after: [String] = []

  @Option(help: "Passes over the training examples of --after.")
  var afterEpochs = 3.0

  @Option(help: "Independent runs with seeds SEED, SEED+1 …")
  var seeds = 1

  @Option(help: "Training examples per task at most, always the same; results are marked.")
  var limit: Int?

  @Option(
    help: """
      Few-shot: so many training examples of each class, or of the whole task if it has no classes the same for all \
      rows, drawn by the run's seed, for baselines too; results are marked, and a note says where a class has \
      fewer. Unless a number of --epochs, --steps or --budget is given, there are at least \(Self.updatesOfFewShots) \
      updates, by default of \(Self.batchOfFewShots) examples.
      """)
  var shots: Int?

  @Flag(
    help: """
      A decoder (gpt, llama, modern, recurrent, conv-lm, nplm) or a bart also answers by a head for each task, as encoders \
      always do, which reads the text's last token, in modern, conv-lm and nplm the mean of all; it can write no more. Not \
      for t5.
      """)
  var heads = false

  @Option(
    help: """
      How an encoder is shown a task: prompt (the task's words around its texts, as text to text) or segments (the texts \
      alone, two of them apart, as BERT was pretrained); by default segments for one that comes from transformers.
      """)
  var layout: TextLayout?

  @OptionGroup var keeping: SelectionArguments

  @Option(help: "The share of each task's training examples that --select best keeps from training.")
  var selectShare = 0.1

  @Option(
    help: """
      Train so many times with learning rates drawn around --learning-rate (from 0.32 to 3.2 times as high, \
      log-uniform, by the seed alone) and keep the best by what --select best selects by, which it needs. The trials \
      stand in OUTPUT/trial-N.
      """)
  var trials: Int?

  @Option(
    help: """
      Put this much of each target token's probability evenly on all tokens (Szegedy et al. 2016); 0.1 is usual for \
      translation. Not for encoders. Progress lines show the smoothed loss, held-out losses are plain (default: 0).
      """)
  var labelSmoothing: Double?

  @Option(help: "Longest input in tokens; what is longer is cut, and a note says how many of how many.")
  var inputLength = SequenceLengths.standard.inputs

  @Option(help: "Longest target in tokens.")
  var targetLength = SequenceLengths.standard.targets

  @Option(
    help: """
      How answers are found for tasks with choices: rank them by log-probability, or generate a text, which is wrong \
      if it is no choice.
      """)
  var answers = AnswerMode.rank

  @OptionGroup(title: "Decoding") var beam: BeamArguments

  @Flag(inversion: .prefixedNo, help: "Majority and n-gram baselines beside every classification score.")
  var baselines = true

  @Flag(
    inversion: .prefixedNo,
    help: "Say what of each scored split occurs in what the model was trained on, by runs of 13 words.")
  var overlap = true

  @Flag(
    help: "Also show the parts of tasks, and groups of more than 16 values, up to 100, such as the subcases of hans.")
  var details = false

  @Flag(
    help: """
      After every pass, record how probable the right answer of each training example is (`graft cartography` maps \
      it).
      """)
  var dynamics = false

  @Option(help: "The same after every so many updates.")
  var dynamicsEvery: Int?

  @OptionGroup(title: "Adapters") var lora: LoRAArguments
  @OptionGroup(title: "Subsets of the training examples") var subsets: SubsetArguments
  @OptionGroup(title: "Partial input") var partialInput: PartialInputArguments
  @OptionGroup(title: "Training") var training: TrainingArguments
  @OptionGroup(title: "Tasks and data") var data: DataArguments
  @OptionGroup(title: "Recipe") var recipe: RecipeArguments

  func files() -> CommandFiles {
    CommandFiles(
      .run(output, .fineTuning), reading: [start.checkpoint, start.adapter.base, start.tokenizer, recipe.config])
  }

  static let alternatives = [
    TrainingArguments.ends, ["task", "mixture"], ["limit", "shots"], ["subset", "random-subset"],
    ["only-field", "shuffle-words"], ["trials", "after"], ["equal-mixing", "temperature"], ["equal-mixing", "cap"],
  ]

  func settledValues() throws(GraftError) -> [String: [String]] {
    let settings = try settings()
    var values = TrainingArguments.settledValues(settings).merging(start.settledValues) { $1 }
    // A number of passes would be no longer for as long as a few examples need.
    let isFloored = epochs == nil && trainsFewShots(settings)
    values["epochs"] = isFloored ? [] : passes(settings).map { ["\($0)"] } ?? []
    return values
  }

  /// A few examples are learned by many passes.
  private static let updatesOfFewShots = 50

  /// Examples of an update where a few are learned: as many are in few-shot training sets.
  private static let batchOfFewShots = 16

  private func settings() throws(GraftError) -> TrainingSettings {
    var defaults = TrainingSettings.fineTuning
    if shots != nil { defaults.batchSize = Self.batchOfFewShots }
    return try training.settings(defaults, for: .fineTuning)
  }

  /// Whether a few examples are learned, and no number says for how long.
  private func trainsFewShots(_ settings: TrainingSettings) -> Bool {
    if case .count = epochs { return false }
    return shots != nil && passes(settings) != nil
  }

  /// Passes over the training examples; nil where something else ends the run.
  private func passes(_ settings: TrainingSettings) -> Passes? {
    settings.steps == nil && settings.budgetSeconds == nil ? epochs ?? .count(3) : nil
  }

  /// What the flags come to.
  struct Preparation {
    /// Of every seed, without seed and folder.
    var job: FineTuningJob
    var choice: TaskSelection.Choice
    /// The suites with whole prompts.
    var suites: [RoutedSuite]
    var catalog: TaskCatalog
  }

  /// - Parameters:
  ///   - isTrained: whether the data has to be here.
  ///   - origin: the checkpoint whose values are taken.
  ///   - open: the model and its tokenizer.
  func prepared(
    isTrained: Bool = true, origin: String?,
    open: () throws -> (configuration: ModelConfiguration, tokenizer: Tokenizer)
  ) throws -> Preparation {
    try DataArguments.validate(limit: limit)
    try validateShots()
    let settings = try settings()
    let strategy = try beam.strategy()
    let catalog = try data.catalog()
    let partial = try partialInput.partialInput()
    let splits = split.isEmpty ? nil : split
    let choice = try selection.choice(from: catalog, data: data.root, scoring: splits, isRead: isTrained)
    let whole = choice.tasks
    let tasks = try whole.map { try $0.shown(partial) }
    let suites = try suite.map { try catalog.suite(named: $0) }
    var earlier = ModelHistory(tasks: after.map { ModelHistory.Task(name: $0) })
    if let origin { earlier.add(origin) }
    let routed = try SuiteRouting(training: whole, after: earlier, through: through, catalog: catalog)
      .routed(suites, note: standardError)
    if isTrained {
      var absent = AbsentData(in: data.root)
      absent.look(forScoring: [], suites: suites)
      try absent.require()
    }
    let subset = try subsets.selection(whole, limit: limit)
    var (configuration, tokenizer) = try open()
    configuration.lora = try lora.adaptation(of: configuration) ?? configuration.lora
    var plan = FineTuningPlan(tasks: tasks.map(\.name), initialCheckpoint: origin, model: configuration)
    (plan.taskFolders, plan.dataFolder) = data.remembered
    plan.initialBase = origin == nil ? nil : start.adapter.base
    plan.lengths = SequenceLengths(inputs: inputLength, targets: targetLength)
    plan.limit = limit
    plan.shots = shots
    plan.heads = heads ? true : nil
    plan.layout = layout
    plan.labelSmoothing = labelSmoothing
    plan.selectionShare = keeping.select == .best ? selectShare : nil
    plan.mixture = choice.rates
    plan.namedMixture = choice.mixture
    plan.absentTasks = choice.absent.isEmpty ? nil : choice.absent
    plan.partialInput = partial
    plan.subsets = subset.chosen.isEmpty ? nil : subset.chosen
    plan.randomSubset = subset.randomCount
    plan.dynamics = dynamicsEvery.map { .updates($0) } ?? (dynamics ? .pass : nil)
    plan.settings = settings
    plan.settings.patience = keeping.patience
    if case .count(let count) = passes(settings) { plan.epochs = count }
    plan.leastUpdates = trainsFewShots(settings) ? Self.updatesOfFewShots : nil
    var job = FineTuningJob(
      surroundings: .process.entering(runsOf: output), plan: plan, tasks: tasks,
      suites: try routed.map { try $0.shown(partial) },
      splits: splits, tokenizer: tokenizer, data: data.root, directory: output,
      phase: "finetune \(selection.mixture ?? tasks.map(\.name).joined(separator: "+"))")
    job.selection = subset
    job.answers = answers
    job.strategy = strategy
    job.resuming = training.resume
    job.skipsAbsent = selection.skipAbsent
    if !after.isEmpty {
      job.first = FineTuningJob.FirstStage(
        tasks: try after.map { try catalog.task(named: $0) }, epochs: afterEpochs)
    }
    if let trials { _ = try TuningTrials(trials, for: job) }
    return Preparation(job: job, choice: choice, suites: routed, catalog: catalog)
  }

  func run() throws {
    let made = try prepared(origin: start.origin) { try start.open() }
    let (tasks, routed) = (made.choice.tasks, made.suites)
    let world = made.job.surroundings.world
    let printer = ResultPrinter(
      tasks: made.job.tasks, suites: routed.map(\.definition), isDetailed: details)
    let earlier = try world.onRoot { () throws(GraftError) in try finishedResults() }
    let isFinished = try world.agree(earlier.flatMap { $0 } != nil)
    if isFinished {
      guard let earlier = earlier.flatMap({ $0 }) else { return }
      standardError("'\(output)' is finished already")
      printer.show(earlier)
      return
    }
    InterruptHandling.ignoreClosedPipes()
    if world.isRoot { PartialFile.removeLeftovers(in: output) }
    let firstStage = "\(output)/\(FineTuningJob.firstStageFolder)"
    var results = ResultsFile()
    for run in 0..<max(1, seeds) {
      var job = made.job
      job.plan.settings.seed = training.seed &+ UInt64(run)
      if seeds > 1 { job.directory = "\(output)/seed-\(job.plan.settings.seed)" }
      // The first stage is that of all seeds.
      job.first?.directory = firstStage
      job.first?.seed = training.seed
      job.first?.isThere = run > 0
      let resultsPath = "\(job.directory)/results.json"
      if try world.agree(training.resume && FileManager.default.fileExists(atPath: resultsPath)) {
        try world.onRoot { () throws(GraftError) in results.append(try ResultsFile.readFinite(resultsPath)) }
        continue
      }
      // Of several seeds only the results of all have them.
      if seeds == 1 { job.unfinished = (baselines ? ["baselines"] : []) + (overlap ? ["overlap"] : []) }
      results.append(try trials.map { try TuningTrials($0, for: job).run(job) } ?? job.trained().results)
    }
    guard world.isRoot else { return }
    let splits = made.job.splits
    if baselines {
      let drawn = (0..<UInt64(max(1, seeds))).map { training.seed &+ $0 }
      let scoring = BaselineScoring(
        data: data.root, skipsAbsent: selection.skipAbsent, fewShots: shots.map { ($0, drawn) }, note: standardError)
      results.results += try scoring.score(tasks: tasks, splits: splits, suites: routed)
    }
    if overlap {
      var history = ModelHistory(tasks: tasks.map { ModelHistory.Task(name: $0.name, limit: limit) })
      let first = made.job.first.map { _ in firstStage }
      if let checkpoint = first ?? start.origin { history.add(checkpoint) }
      results.overlaps = try OverlapScoring(
        data: data.root, skipsAbsent: selection.skipAbsent, catalog: made.catalog, history: history,
        note: standardError
      ).score(tasks: tasks, splits: splits, suites: routed)
    }
    try results.write(to: "\(output)/results.json")
    try made.job.writeCard(ofRun: output)
    made.job.surroundings.enterResults(of: output)
    printer.show(results)
    if !made.choice.absent.isEmpty {
      standardOutput("left out, as their data is not here: \(made.choice.absent.joined(separator: ", "))")
    }
  }

  /// The results of a run that is gone on with and has done everything.
  private func finishedResults() throws(GraftError) -> ResultsFile? {
    guard training.resume, seeds == 1, FileManager.default.fileExists(atPath: "\(output)/results.json") else {
      return nil
    }
    let earlier = try ResultsFile.readFinite("\(output)/results.json")
    return earlier.unfinished == nil ? earlier : nil
  }

  private func validateShots() throws(GraftError) {
    guard let shots else { return }
    guard shots >= 1 else {
      throw GraftError(
        .usage, "--shots \(shots) leaves nothing", hint: "give a positive number, or leave it out.")
    }
    guard limit == nil else {
      throw GraftError(
        .usage, "--shots and --limit both cut the training examples", hint: "give one of them.")
    }
  }
}

extension AnswerMode: ExpressibleByArgument {}
extension Passes: ExpressibleByArgument {}
