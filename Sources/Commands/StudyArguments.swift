import ArgumentParser
import Corpus
import Experiments
import Support
import Tokenization
import Training

/// Flags of commands that fine-tune one model after another by one recipe.
struct StudyArguments: ParsableArguments {
  @OptionGroup(title: "Model to begin with") var start: StartingPointArguments

  @Option(help: "The folder of the runs and results; one of another recipe is refused.")
  var output: String

  @Option(help: "Training examples per task at most.")
  var limit: Int?

  @Option(help: "Longest input in tokens.")
  var inputLength = SequenceLengths.standard.inputs

  @Option(help: "Longest target in tokens.")
  var targetLength = 16

  @OptionGroup(title: "Training") var training: TrainingArguments
  @OptionGroup(title: "Tasks and data") var data: DataArguments
  @OptionGroup(title: "Recipe") var recipe: RecipeArguments

  func files(_ kind: StudyKind) -> CommandFiles {
    CommandFiles(.study(output, kind), reading: [start.checkpoint, start.adapter.base, start.tokenizer, recipe.config])
  }

  /// How every model is trained: for 600 updates unless flags say otherwise.
  func settings() throws(GraftError) -> TrainingSettings {
    var settings = try training.settings(TrainingSettings.fineTuning, for: .fineTuning)
    if settings.steps == nil, settings.budgetSeconds == nil { settings.steps = 600 }
    return settings
  }

  /// So many seeds from `--seed` on.
  /// - Throws: `.usage` for none.
  func seeds(_ count: Int) throws(GraftError) -> [UInt64] {
    guard count > 0 else { throw GraftError(.usage, "--seeds must be positive") }
    return (0..<count).map { training.seed &+ UInt64($0) }
  }

  /// What every model is trained by, and the tokenizer.
  /// - Throws: as `StartingPointArguments.open`, and `.usage` for settings that make no sense.
  func plan(tasks: [String]) throws -> (plan: FineTuningPlan, tokenizer: Tokenizer) {
    let settings = try settings()
    let (configuration, tokenizer) = try start.open()
    var plan = FineTuningPlan(tasks: tasks, initialCheckpoint: start.origin, model: configuration)
    plan.initialBase = start.adapter.base
    plan.lengths = SequenceLengths(inputs: inputLength, targets: targetLength)
    plan.limit = limit
    plan.settings = settings
    return (plan, tokenizer)
  }
}
