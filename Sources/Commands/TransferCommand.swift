import ArgumentParser
import Experiments
import Support
import TaskRegistry

/// `graft transfer`
struct TransferCommand: RecipeCommand, DistributedCommand {
  static let configuration = CommandConfiguration(
    commandName: "transfer",
    abstract: "Fine-tune on each of several tasks and evaluate on all of them.",
    discussion: """
      Every task's examples are put to a model as the task it was trained on puts its own, so their prompts need the \
      same fields. Linear models on words and word pairs, of all fields and of each alone, go through the same matrix: \
      what carries over of these was given away by the words. The same command goes on where an earlier one stopped.

      Example:
        graft transfer --checkpoint runs/books --task snli-dev conjnli mpe joci sick --seeds 3 --output runs/transfer
      """)

  @Option(
    parsing: .upToNextOption, help: "Tasks to train on, with choices; models are evaluated on these and on --evaluate.")
  var task: [String]

  @Option(
    parsing: .upToNextOption,
    help: """
      More to evaluate on, as TASK or TASK:SPLIT; a task without a split, here or under --task, is scored on \
      validation, else test.
      """)
  var evaluate: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: """
      How labels of tasks that differ are made coarser, as LABEL=COARSER, after the model has decided; the cell is \
      marked.
      """)
  var collapse = ["neutral=not_entailment", "contradiction=not_entailment"]

  @Option(help: "Models of each task, with seeds SEED, SEED+1 …")
  var seeds = 3

  @Option(help: "Examples of each evaluated set at most.")
  var evaluationLimit: Int?

  @OptionGroup var study: StudyArguments

  var recipe: RecipeArguments { study.recipe }
  static let alternatives = [TrainingArguments.ends]

  func files() -> CommandFiles { study.files(.transfer) }

  func settledValues() throws(GraftError) -> [String: [String]] {
    TrainingArguments.settledValues(try study.settings()).merging(study.start.settledValues) { $1 }
      .merging(["collapse": collapse]) { $1 }
  }

  func run() throws {
    try DataArguments.validate(limit: study.limit)
    try DataArguments.validate(limit: evaluationLimit)
    let seeds = try study.seeds(seeds)
    let output = study.output
    let catalog = try study.data.catalog()
    let tasks = try task.map { try catalog.task(named: $0) }
    for task in tasks where task.choices == nil || !task.splitNames.contains("train") {
      throw GraftError(
        .usage, "task '\(task.name)' has no choices or nothing to train on",
        hint: "give it under --evaluate, or take another.")
    }
    var columns: [TransferMatrix.Column] = []
    let named = task.flatMap { name in
      let splits = evaluate.filter { $0.hasPrefix("\(name):") }
      return splits.isEmpty ? [name] : splits
    }
    for name in named + evaluate {
      let column = try column(name, catalog)
      if !columns.contains(where: { $0.name == column.name }) { columns.append(column) }
    }
    var absent = AbsentData(in: study.data.root)
    for task in tasks { absent.look(for: "train", of: task) }
    for column in columns { absent.look(for: column.split, of: column.task) }
    try absent.require()
    let (plan, tokenizer) = try study.plan(tasks: [])
    let matrix = TransferMatrix(
      tasks: tasks, columns: columns, seeds: seeds, plan: plan,
      tokenizer: tokenizer, data: study.data.root, collapse: try rules(), evaluationLimit: evaluationLimit,
      output: output, surroundings: .process.entering(runsOf: study.output))
    try StudyRun.run(in: output, train: matrix.run, report: matrix.report)
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
    guard let split = task.evaluationSplit else {
      throw GraftError(
        .usage, "task '\(task.name)' has only a training split, and nothing to evaluate on",
        hint: "leave it out, or name a split as \(task.name):SPLIT.")
    }
    return TransferMatrix.Column(task: task, split: split)
  }

  private func rules() throws(GraftError) -> [ByteString: String] {
    var rules: [ByteString: String] = [:]
    for rule in collapse {
      let sides = rule.split(atEach: "=")
      guard sides.count == 2, !sides[0].isEmpty, !sides[1].isEmpty else {
        throw GraftError(
          .usage, "cannot read --collapse '\(rule)'", hint: "write it as neutral=not_entailment.")
      }
      rules[ByteString(sides[0])] = sides[1]
    }
    return rules
  }
}
