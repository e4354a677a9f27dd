import Checkpointing
import Corpus
import Inference
import ModelKit
import Records
import Reporting
import Support
import TaskRegistry
import Tokenization
import Training

/// One fine-tuning run and its scores: what `graft finetune` does per seed and the quickstart per arm.
public struct FineTuningJob {
  /// What stops it, and where it is told and entered.
  public var surroundings: Surroundings
  /// What is computed.
  public var plan: FineTuningPlan
  /// Trained on together and scored.
  public let tasks: [TaskDefinition]
  /// Scored besides, each as its task.
  public var suites: [RoutedSuite]
  /// Nil for every evaluation split.
  public var splits: [String]?
  var tokenizer: Tokenizer
  var data: DataRoot
  /// The run directory.
  public var directory: String
  /// What the progress lines start with.
  var phase: String
  /// How the model is called in tables; nil for as its plan begins.
  public var system: String?
  /// What is trained on first; nil for nothing.
  public var first: FirstStage?
  /// Which of the training examples are used.
  public var selection = TrainingSelection()
  /// How answers are found for tasks with choices.
  public var answers = AnswerMode.rank
  /// How answers that are written are looked for.
  public var strategy = DecodingOptions.Strategy.greedy
  /// Whether a run in the folder is gone on with.
  public var resuming = false
  /// Whether splits whose data is not here are passed over.
  public var skipsAbsent = false
  /// Of which the run is the best; nil if it is the only one.
  var trials: [TuningTrial]?
  /// What the caller adds to the results afterwards.
  public var unfinished: [String] = []

  /// - Parameters:
  ///   - suites: scored besides, each as its task.
  ///   - splits: of the tasks, scored; nil for every evaluation split.
  ///   - directory: the run directory.
  ///   - phase: what the progress lines start with.
  public init(
    surroundings: Surroundings, plan: FineTuningPlan, tasks: [TaskDefinition], suites: [RoutedSuite] = [],
    splits: [String]? = nil, tokenizer: Tokenizer, data: DataRoot, directory: String, phase: String
  ) {
    (self.surroundings, self.plan, self.tasks, self.suites) = (surroundings, plan, tasks, suites)
    (self.splits, self.tokenizer, self.data) = (splits, tokenizer, data)
    (self.directory, self.phase) = (directory, phase)
  }

  /// The arm of a comparison the run belongs to.
  public static func system(checkpoint: String?) -> String { checkpoint == nil ? "from-scratch" : "pretrained" }

  /// Trains, scores, and writes `results.json` and the predictions into the run directory. Several processes train and
  /// score together, and rank 0 alone writes.
  /// - Throws: as `FineTuning.run`, and errors of scoring.
  public func run() throws(GraftError) -> [ResultEntry] { try trained().results.results }

  /// As `run`, how often each task was seen, where training ended, and the model to ask more.
  public func trained() throws(GraftError) -> (
    results: ResultsFile, state: TrainingState<LoopDetails>, evaluator: Evaluator
  ) {
    let whole = try planAfterFirstStage()
    return try surroundings.run(in: directory, phase: phase) { (reporter) throws(GraftError) in
      let trained = try trained(by: whole, reporter)
      var outcome = RunOutcome(trained.results.results)
      if surroundings.world.isRoot { outcome.selection = try SelectionScore.best(inRun: directory) }
      return (trained, outcome)
    }
  }

  private func trained(by whole: FineTuningPlan, _ reporter: RunReporter) throws(GraftError) -> (
    results: ResultsFile, state: TrainingState<LoopDetails>, evaluator: Evaluator
  ) {
    let trained = try FineTuning.run(
      whole, tasks: tasks, selection: selection, data: data, tokenizer: tokenizer, directory: directory,
      resuming: resuming, arguments: surroundings.arguments, stop: surroundings.stop,
      world: surroundings.world, emit: reporter.handle)
    try reporter.finish()
    let world = surroundings.world
    if world.isRoot { try keepDefinitions() }
    try trained.model.read(with: world)
    let evaluator = Evaluator(
      model: trained.model, codec: trained.codec, lengths: plan.lengths,
      options: AnswerOptions(mode: answers, strategy: strategy))
    var scoring = ModelScoring(
      evaluator: evaluator, data: data,
      system: system ?? Self.system(checkpoint: plan.initialCheckpoint), seed: plan.settings.seed,
      predictionFolder: world.isRoot ? "\(directory)/predictions" : nil, note: surroundings.note)
    scoring.skipsAbsent = skipsAbsent
    scoring.partialInput = plan.partialInput
    scoring.trainedOn = trainedOn
    let scores = try scoring.score(tasks: tasks, splits: splits, suites: suites)
    try world.requireSame("scores", hash: ContentHash.of(JSONFile.line(scores)))
    var results = ResultsFile(scores, mixture: trained.mixture)
    for index in results.results.indices {
      results.results[index].trainingLimit = plan.limit
      results.results[index].shots = plan.shots
    }
    results.nonFinite = trained.state.details.nonFinite.map {
      [NonFiniteUpdates(skipped: $0.skipped, rolledBack: $0.rolledBack, seed: plan.settings.seed)]
    }
    results.trials = trials
    results.unfinished = unfinished.isEmpty ? nil : unfinished
    if world.isRoot {
      try results.write(to: "\(directory)/results.json")
      try writeCard(ofRun: directory)
    }
    return (results, trained.state, evaluator)
  }

  /// Writes the model card of a run of this job anew, of one seed or of several, once something was added to its
  /// scores.
  /// - Throws: as reading the run and writing the card.
  public func writeCard(ofRun directory: String) throws(GraftError) {
    try RunCard(run: directory, tasks: tasks).write()
  }

  /// Copies the definitions that are not Graft's own into the run, which may be moved to where they are not.
  private func keepDefinitions() throws(GraftError) {
    let own = tasks.filter { !BuiltInFiles.isOne($0.path) && !Paths.isWithin($0.path, Resources.tasks) }
    guard !own.isEmpty else { return }
    let folder = "\(directory)/\(RunMemory.definitions)"
    try makeFolder(folder)
    for task in own { try AtomicFile.write(FileContents.read(task.path), to: "\(folder)/\(task.name).yaml") }
  }

  /// What of the training examples was used, as results say it; nil for all.
  private var trainedOn: String? {
    if let count = plan.randomSubset { return "\(count) at random" }
    guard let subsets = plan.subsets else { return nil }
    return subsets.map { "\($0.task) \($0.name) (\($0.count))" }.joined(separator: ", ")
  }
}
