import ArgumentParser
import Checkpointing
import Corpus
import Foundation
import Support
import TaskRegistry
import Training

/// `graft transfer`
struct TransferCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transfer",
    abstract: "Fine-tune on each of several tasks and evaluate on all of them.",
    discussion: """
      Every task's examples are put to a model as the task it was trained on puts its own, so their prompts need the \
      same fields. Linear models on words go through the same matrix. The same command goes on where an earlier one \
      stopped.

      Example:
        graft transfer --checkpoint runs/books --task snli-dev conjnli mpe joci sick --seeds 3 --output runs/transfer
      """)

  @OptionGroup var start: StartingPointArguments

  @Option(
    parsing: .upToNextOption, help: "Tasks to train on; models are evaluated on these and on --evaluate.")
  var task: [String]

  @Option(
    parsing: .upToNextOption,
    help:
      "More to evaluate on, as TASK or TASK:SPLIT; a task's split is validation, else test, if none is named."
  )
  var evaluate: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: "How labels of tasks that differ are made coarser, as LABEL=COARSER.")
  var collapse = ["neutral=not_entailment", "contradiction=not_entailment"]

  @Option(help: "The folder of the runs and results.")
  var output: String

  @Option(help: "Models of each task, with seeds SEED, SEED+1 …")
  var seeds = 3

  @Option(help: "Training examples per task at most.")
  var limit: Int?

  @Option(help: "Examples of each evaluated set at most.")
  var evaluationLimit: Int?

  @Option(help: "Longest input in tokens.")
  var inputLength = 128

  @Option(help: "Longest target in tokens.")
  var targetLength = 16

  @OptionGroup var training: TrainingArguments
  @OptionGroup var data: DataArguments

  func run() throws {
    try DataArguments.validate(limit: limit)
    try DataArguments.validate(limit: evaluationLimit)
    guard seeds > 0 else { throw GraftError(.usage, "--seeds must be positive") }
    let catalog = try data.catalog()
    let tasks = try task.map { try catalog.task(named: $0) }
    for task in tasks where task.choices == nil || !task.splitNames.contains("train") {
      throw GraftError(
        .usage, "task '\(task.name)' has no choices or nothing to train on",
        hint: "give it under --evaluate, or take another.")
    }
    var columns: [TransferMatrix.Column] = []
    for name in task + evaluate {
      let column = try column(name, catalog)
      if !columns.contains(where: { $0.name == column.name }) { columns.append(column) }
    }
    let (configuration, tokenizer) = try start.open()
    var plan = FineTuningPlan(tasks: [], initialCheckpoint: start.checkpoint, model: configuration)
    plan.lengths = SequenceLengths(inputs: inputLength, targets: targetLength)
    plan.limit = limit
    plan.settings = try training.settings(FinetuneCommand.defaults)
    if plan.settings.steps == nil && plan.settings.budgetSeconds == nil { plan.settings.steps = 600 }
    let matrix = TransferMatrix(
      tasks: tasks, columns: columns, seeds: (0..<seeds).map { training.seed &+ UInt64($0) }, plan: plan,
      tokenizer: tokenizer, data: data.root, collapse: try rules(), evaluationLimit: evaluationLimit,
      output: output)
    let lock = try RunLock(directory: output)
    defer { withExtendedLifetime(lock) {} }
    InterruptHandling.install()
    try matrix.run()
    let report = try matrix.report()
    try JSONFile.write(report, to: "\(output)/results.json")
    try AtomicFile.write(report.markdown, to: "\(output)/table.md")
    print(report.plainText)
    print(report.remarks)
    print("written: \(output)/table.md, results.json")
  }

  private func column(_ name: String, _ catalog: TaskCatalog) throws(GraftError) -> TransferMatrix.Column {
    let parts = name.split(separator: ":", maxSplits: 1).map(String.init)
    let task = try catalog.task(named: parts.first ?? name)
    if parts.count == 2 {
      guard task.splitNames.contains(parts[1]) else {
        throw .unknownName("split of task '\(task.name)'", parts[1], known: task.splitNames)
      }
      return TransferMatrix.Column(task: task, split: parts[1])
    }
    let split =
      ["validation", "test"].first { task.splitNames.contains($0) } ?? task.splitNames.first { $0 != "train" }
    guard let split else {
      throw GraftError(
        .usage, "task '\(task.name)' has only a training split, and nothing to evaluate on",
        hint: "leave it out, or name a split as \(task.name):SPLIT.")
    }
    return TransferMatrix.Column(task: task, split: split)
  }

  private func rules() throws(GraftError) -> [String: String] {
    var rules: [String: String] = [:]
    for rule in collapse {
      let sides = rule.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
      guard sides.count == 2, !sides[0].isEmpty, !sides[1].isEmpty else {
        throw GraftError(
          .usage, "cannot read --collapse '\(rule)'", hint: "write it as neutral=not_entailment.")
      }
      rules[sides[0]] = sides[1]
    }
    return rules
  }
}
