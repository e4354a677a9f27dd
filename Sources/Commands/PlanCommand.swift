import ArgumentParser
import Support

/// `graft plan`
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Say what `graft pretrain` would do with a text and a budget, and why.",
    discussion: """
      Prints the recipe, which `graft pretrain --config FILE` takes, and on standard error how it was chosen: the rate of \
      this machine's matrix products, the size of model for which the budget is best spent, how often the text is read, \
      and the loss that is expected. Nothing is trained.

      Example:
        graft plan --corpus books/ --budget 1h > recipe.yaml
        graft pretrain --config recipe.yaml --corpus books/ --budget 1h --output runs/books
      """)

  @Option(parsing: .upToNextOption, help: "As for `graft pretrain`.")
  var corpus: [String]

  @Option(help: "Wall-clock time (default: 1h).")
  var budget: TimeBudget?

  @Option(help: "Tokens to train on, instead of --budget.")
  var tokens: Quantity?

  @Option(help: "Floating-point operations to train with, instead of --budget.")
  var flops: Quantity?

  @Option(help: "A scaling law to predict the loss by, which `graft scaling-law --output` wrote.")
  var law: String?

  @OptionGroup(title: "Reading") var reading: CorpusReadingArguments
  @OptionGroup(title: "Tasks and data") var data: DataArguments

  func run() throws {
    // A command that is not parsed has no values.
    var command = try PretrainCommand.parse(["--output", "-"])
    (command.corpus, command.tokens, command.flops) = (corpus, tokens, flops)
    (command.reading, command.data) = (reading, data)
    command.training.budget = budget
    guard let plan = try command.planned(given: [], law: law) else { return }
    for reason in plan.reasons { standardError(reason) }
    standardOutput(plan.recipe, terminator: "")
  }
}
