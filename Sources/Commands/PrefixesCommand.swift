import ArgumentParser
import Corpus
import Experiments
import Families
import Support
import TaskRegistry
import Training

extension PrefixSignal: ExpressibleByArgument {}

/// `graft prefixes`
struct PrefixesCommand: RecipeCommand, DistributedCommand {
  static let configuration = CommandConfiguration(
    commandName: "prefixes",
    abstract: "Measure what a task's prefix is good for: its own words, nonsense, a learned token, or none.",
    discussion: """
      Fine-tunes the same model on the same tasks, mixed equally, once with every kind of prefix and every seed; \
      prints final scores with tests against the natural prefix, and what a model does with one task's examples under \
      another's prefix: how often a freely written answer is a choice of the task (own words), and how often one of \
      the task whose prefix it was (words of the prefix). The same command goes on where an earlier one stopped. \
      Tables, table.md, results.json and the held-out losses, curves.svg, are in --output.

      In place of sst2 in 'sst2 sentence: …' stands with natural the same; nonsense 'sandwiches are nice', another \
      such phrase for the next task; shuffled its letters in another order, always the same; token one special token, \
      the tokenizer's last sentinel, whose vector is learned, the one before it for the next task; none nothing, and \
      the prompt begins with 'sentence:'. With one task a prefix tells nothing, with several it tells which one is \
      meant.

      Example:
        graft prefixes --checkpoint runs/books --task sst2 cola --seeds 5 --steps 600 --output runs/prefixes
      """)

  @Option(
    parsing: .upToNextOption, help: "Tasks with the same choices in every row; one, or several that share a model.")
  var task: [String]

  @Option(
    parsing: .upToNextOption,
    help: "Kinds of prefix: \(PrefixSignal.allCases.map(\.rawValue).joined(separator: ", ")). All by default."
  )
  var signal: [PrefixSignal] = []

  @Option(help: "Models of each kind, with seeds SEED, SEED+1 …")
  var seeds = 5

  @Option(help: "Examples of each task that are read under every task's prefix, at most.")
  var readings = 500

  @OptionGroup var study: StudyArguments

  var recipe: RecipeArguments { study.recipe }
  static let alternatives = [TrainingArguments.ends]

  func files() -> CommandFiles { study.files(.laboratory) }

  func settledValues() throws(GraftError) -> [String: [String]] {
    TrainingArguments.settledValues(try settings()).merging(study.start.settledValues) { $1 }
      .merging(["signal": PrefixSignal.allCases.map(\.rawValue)]) { $1 }
  }

  private func settings() throws(GraftError) -> TrainingSettings {
    var settings = try study.settings()
    settings.evaluation =
      study.training.evaluateEvery ?? .updates(Self.evaluationInterval(steps: settings.steps ?? 600))
    return settings
  }

  /// About twelve points of a curve, but no measurement after so few updates that measuring takes longer than training:
  /// the end is always measured.
  static func evaluationInterval(steps: Int) -> Int { max(25, steps / 12) }

  func run() throws {
    try DataArguments.validate(limit: study.limit)
    try DataArguments.validate(limit: readings)
    let seeds = try study.seeds(seeds)
    let output = study.output
    let catalog = try study.data.catalog()
    let tasks = try task.map { try catalog.task(named: $0) }
    var absent = AbsentData(in: study.data.root)
    for task in tasks {
      guard task.choices != nil, let split = task.evaluationSplit else {
        throw GraftError(
          .usage, "task '\(task.name)' has no choices or no split to evaluate on",
          hint: "the laboratory is for tasks with the same choices in every row.")
      }
      absent.look(for: "train", of: task)
      absent.look(for: split, of: task)
    }
    try absent.require()
    var (plan, tokenizer) = try study.plan(tasks: task)
    guard try plan.model.traits().writes else {
      throw GraftError(
        .usage, "an encoder answers by a head of each task, whatever the prefix says",
        hint: "take a t5 or gpt model.")
    }
    plan.mixture = MixtureRates(isEqual: true)
    plan.settings = try settings()
    // Each signal once, in the order of the table.
    let signals = PrefixSignal.allCases.filter { signal.isEmpty || signal.contains($0) }
    let laboratory = PrefixLaboratory(
      tasks: tasks, signals: signals, seeds: seeds, plan: plan,
      tokenizer: tokenizer, data: study.data.root, readingLimit: readings, output: output,
      surroundings: .process.entering(runsOf: study.output))
    for signal in signals { _ = try signal.prefixes(tasks, tokenizer: tokenizer) }
    try StudyRun.run(in: output, train: laboratory.run, report: laboratory.report)
  }
}
