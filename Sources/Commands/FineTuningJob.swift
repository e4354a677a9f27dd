import Checkpointing
import Corpus
import ModelKit
import Records
import Reporting
import Support
import TaskRegistry
import Tokenization
import Training

/// One fine-tuning run and its scores: what `graft finetune` does per seed and the quickstart per arm.
struct FineTuningJob {
  var plan: FineTuningPlan
  var tasks: [TaskDefinition]
  var suites: [RoutedSuite] = []
  /// Nil for every evaluation split.
  var splits: [String]?
  var tokenizer: Tokenizer
  var data: DataRoot
  var directory: String
  /// What the progress lines start with.
  var phase: String
  var selection = TrainingSelection()
  var answers = AnswerMode.rank
  var strategy = DecodingOptions.Strategy.greedy
  var resuming = false
  /// Whether splits whose data is not here are passed over.
  var skipsAbsent = false
  /// What the caller adds to the results afterwards.
  var unfinished: [String] = []

  /// The arm of a comparison the run belongs to.
  static func system(checkpoint: String?) -> String { checkpoint == nil ? "from-scratch" : "pretrained" }

  /// Trains, scores, and writes `results.json` and the predictions into the run directory.
  func run() throws(GraftError) -> [ResultEntry] { try trained().results.results }

  /// As `run`, how often each task was seen, where training ended, and the model to ask more.
  func trained() throws(GraftError) -> (
    results: ResultsFile, state: TrainingState<LoopDetails>, evaluator: Evaluator
  ) {
    let reporter = RunReporter(phase: phase, directory: directory)
    let trained = try FineTuning.run(
      plan, tasks: tasks, selection: selection, data: data, tokenizer: tokenizer, directory: directory,
      resuming: resuming,
      arguments: CommandLine.arguments, stop: InterruptHandling.stop, emit: reporter.handle)
    try reporter.finish()
    let evaluator = Evaluator(
      model: trained.model, codec: plan.codec(tokenizer), lengths: plan.lengths, strategy: strategy)
    var scoring = ModelScoring(
      evaluator: evaluator, data: data, mode: answers,
      system: Self.system(checkpoint: plan.initialCheckpoint), seed: plan.settings.seed,
      predictionFolder: "\(directory)/predictions")
    scoring.skipsAbsent = skipsAbsent
    scoring.partialInput = plan.partialInput
    scoring.trainedOn = trainedOn
    var results = ResultsFile(
      try scoring.score(tasks: tasks, splits: splits, suites: suites), mixture: trained.mixture)
    for index in results.results.indices {
      results.results[index].trainingLimit = plan.limit
      results.results[index].shots = plan.shots
    }
    results.nonFinite = trained.state.details.nonFinite.map {
      [NonFiniteUpdates(skipped: $0.skipped, rolledBack: $0.rolledBack, seed: plan.settings.seed)]
    }
    results.unfinished = unfinished.isEmpty ? nil : unfinished
    try results.write(to: "\(directory)/results.json")
    return (results, trained.state, evaluator)
  }

  /// What of the training examples was used, as results say it; nil for all.
  private var trainedOn: String? {
    if let count = plan.randomSubset { return "\(count) at random" }
    guard let subsets = plan.subsets else { return nil }
    return subsets.map { "\($0.task) \($0.name) (\($0.count))" }.joined(separator: ", ")
  }
}
