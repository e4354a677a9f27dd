import ArgumentParser
import Experiments
import Support

/// Reads the recipes of a grid through the parsers of their commands.
struct GridReader: GridRecipeReader {
  /// Of the grid, and so of every recipe.
  var data: DataArguments
  /// Where token shards are kept.
  var cache: String
  /// Whether the texts and examples that models are pretrained on are read.
  var readsTexts: Bool
  /// Whether models are fine-tuned, so that the data has to be here.
  var fineTunes: Bool

  var pretrainingAlternatives: [[String]] { PretrainCommand.alternatives }
  var fineTuningAlternatives: [[String]] { FinetuneCommand.alternatives }

  /// Flags that the grid gives itself, with why.
  private static let ofGrid = Dictionary(
    uniqueKeysWithValues: ["data", "tasks", "rendering"].map { ($0, "give it to `graft ablate`, for all of the grid.") }
      + ["seed", "seeds"].map { ($0, "the grid's 'seeds' are those of every recipe.") }
      + [("trials", "a grid trains each model once; vary its 'learning-rate' instead.")]
      + ["output", "cache", "resume", "keep"].map { ($0, "a grid keeps its runs in its --output, and goes on.") })
  private static let ofTables = [
    "baselines", "overlap", "details", "by", "json", "require", "gate", "protocol", "babylm-predictions", "confusion",
    "predictions",
  ]
  private static let ofModels = ["checkpoint", "base", "backbone", "tokenizer"]

  func pretraining(_ recipe: GridRecipe) throws(GraftError) -> PretrainingJob {
    try read(PretrainCommand.self, recipe, ["--output", "-"]) { command in
      command.data = data
      var job = try command.job(cache: cache, readingTasks: readsTexts)
      try job.plan.validate()
      if command.training.saveEvery == nil { job.plan.settings.checkpointInterval = nil }
      return job
    }
  }

  func fineTuning(_ recipe: GridRecipe, from start: PretrainingJob) throws(GraftError) -> FineTuningJob {
    try read(FinetuneCommand.self, recipe, ["--output", "-"]) { command in
      command.data = data
      var job = try command.prepared(isTrained: fineTunes, origin: nil) { (start.plan.model, start.tokenizer) }.job
      if command.training.saveEvery == nil { job.plan.settings.checkpointInterval = nil }
      return job
    }
  }

  func evaluation(_ recipe: GridRecipe) throws(GraftError) -> EvaluationJob {
    try read(EvaluateCommand.self, recipe, ["--checkpoint", "-"]) { command in
      command.data = data
      return try command.job(note: standardError)
    }
  }

  /// Parses a recipe and uses the command it makes.
  /// - Parameter words: what the parser wants besides.
  private func read<Command: ParsableCommand, Result>(
    _ type: Command.Type, _ recipe: GridRecipe, _ words: [String], _ use: (inout Command) throws -> Result
  ) throws(GraftError) -> Result {
    let name = GraftCommand.name(of: type)
    for setting in recipe.settings {
      let reason =
        Self.ofGrid[setting.key]
        ?? (Self.ofTables.contains(setting.key) ? "the grid's tables do not have it." : nil)
        ?? (type != PretrainCommand.self && Self.ofModels.contains(setting.key)
          ? "the models are those of 'pretrain'." : nil)
      if let reason {
        throw GraftError(
          .badData, "'\(setting.key)' is no key of a grid's recipe for `\(name)`", hint: reason,
          location: setting.location)
      }
    }
    let read = try Recipe(
      recipe.settings.map { ($0.key, $0.location, $0.value) }, flags: CommandFlag.all(of: type), command: name)
    do {
      var command: Command
      do {
        command = try type.parse(read.words + words)
      } catch {
        let message = type.message(for: error)
        throw GraftError(.badData, message, location: read.location(of: message))
      }
      return try use(&command)
    } catch let error as GraftError {
      throw read.located(error)
    } catch {
      throw GraftError(.badData, "the recipe cannot be read", cause: error)
    }
  }
}
