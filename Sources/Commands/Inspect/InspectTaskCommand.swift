import ArgumentParser
import Inference
import Records
import Support
import TaskRegistry
import Tokenization

/// `graft inspect task`
struct InspectTaskCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "task",
    abstract: "Show a task's or suite's definition and some of its examples as a model gets them.")

  @Argument(help: "A task or suite (`graft list tasks`, `graft list suites`).", completion: .tasksAndSuites)
  var name: String

  @Option(
    name: .customShort("n"),
    help: ArgumentHelp("How many examples, always the same, spread over the split.", valueName: "count"))
  var count = 3

  @Option(help: "The split; by default the first.")
  var split: String?

  @Option(help: "The task a suite is put through; by default the one it names.")
  var through: String?

  @Option(
    help: ArgumentHelp("A tokenizer.json or its directory: token ids are shown too.", valueName: "path"))
  var tokenizer: String?

  @OptionGroup(title: "Tasks and data") var data: DataArguments

  func validate() throws {
    guard count >= 0 else { throw ValidationError("-n must not be negative") }
  }

  func run() throws {
    let catalog = try data.catalog()
    let codec = try tokenizer.map { TextCodec(try Tokenizer(contentsOf: $0)) }
    let examples: [Example]
    if catalog.suiteNames.contains(name) {
      let suite = try catalog.suite(named: name)
      let task = try catalog.task(named: through ?? suite.through)
      describe(
        [
          ("suite", "\(suite.name), version \(suite.version), through task \(task.name)"),
          ("choices", suite.choices.joined(separator: ", ")),
          (
            "collapse",
            suite.collapse.sorted { $0.key < $1.key }.map { "\($0.key) → \($0.value)" }
              .joined(separator: ", ")
          ),
          ("metrics", suite.metricNames.joined(separator: ", ")),
          ("splits", suite.splitNames.joined(separator: ", ")),
          ("definition", suite.definitionHash),
        ] + suite.provenance.sorted { $0.key < $1.key })
      examples = try suite.examples(through: task, split: split, data: data.root, limit: count)
    } else {
      let task = try catalog.task(named: name)
      describe(
        [
          ("task", "\(task.name), version \(task.version)"),
          ("inputs", task.inputs.text),
          ("targets", task.targets.text),
          ("choices", task.choiceTexts.joined(separator: ", ")),
          ("rendering", task.rendering ?? ""),
          ("renderings", task.renderingNames.joined(separator: ", ")),
          ("metrics", task.metricNames.joined(separator: ", ")),
          ("splits", task.splitNames.joined(separator: ", ")),
          ("definition", task.definitionHash),
        ] + task.provenance.sorted { $0.key < $1.key })
      examples = try task.examples(split: split ?? task.splitNames[0], data: data.root, limit: count)
    }
    for example in examples { show(example, codec) }
  }

  private func describe(_ facts: [(key: String, value: String)]) {
    for (key, value) in facts where !value.isEmpty {
      standardOutput("\(key)\(String(repeating: " ", count: max(1, 12 - key.count)))\(value)")
    }
  }

  private func show(_ example: Example, _ codec: TextCodec?) {
    standardOutput("\n\(example.identifier)")
    standardOutput("  inputs   \(example.inputs)")
    if let codec { standardOutput("  ids      \(shown(codec.tokens(example.inputs)))") }
    let label = example.choice.map { " (choice \($0))" } ?? ""
    standardOutput("  targets  \(example.targets)\(label)")
    if let codec { standardOutput("  ids      \(shown(codec.targetTokens(example.targets)))") }
    for text in example.alternatives ?? [] { standardOutput("  or       \(text)") }
    for (index, candidate) in (example.candidates ?? []).enumerated() {
      // Candidates that all answer the same are told apart by what is read before.
      let isTarget = example.candidates?.contains { !$0.targets.isExactly(candidate.targets) } ?? false
      standardOutput("  choice \(index) \(isTarget ? candidate.targets : candidate.inputs)")
    }
    if !example.groups.isEmpty {
      let groups = example.groups.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      standardOutput("  groups   \(groups.joined(separator: " "))")
    }
  }

  private func shown(_ ids: [TokenID]) -> String { ids.map(String.init).joined(separator: " ") }
}
