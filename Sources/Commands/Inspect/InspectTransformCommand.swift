import ArgumentParser
import Experiments
import Records
import StressTesting
import Support
import TaskRegistry

/// `graft inspect transform`
struct InspectTransformCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "transform",
    abstract: "Show what a stress transform does to rows of a task, and where it does not apply.",
    discussion: """
      Without --task it is said for which tasks the transform is. A task with fields of its own names is of a kind that \
      some transforms are for; of the others it is said which names would do.

      Example:
        graft inspect transform negation
        graft inspect transform negation --task snli-dev --data data -n 2
      """)

  /// How many rows the transform is tried on.
  private static let tried = 200

  @Argument(help: "A transform (`graft list transforms`).", completion: .transforms)
  var name: String

  @Option(help: "A task with fixed choices whose rows are changed.", completion: .tasks)
  var task: String?

  @Option(
    name: .customShort("n"),
    help: ArgumentHelp("How many changed rows to show, of \(Self.tried) that are tried.", valueName: "count"))
  var count = 3

  @OptionGroup var source: StressSource

  @Option(
    help: """
      Write the same as JSON to this file, - for standard output: the kinds of task the transform is for and, of a task, \
      changed rows with before and after, and reasons why others are not changed.
      """)
  var json: String?

  func files() -> CommandFiles { CommandFiles(.json(json, keys: ["transform", "kinds"])) }

  func validate() throws {
    guard count >= 0 else { throw ValidationError("-n must not be negative") }
  }

  func run() throws {
    var view = try TransformView(name)
    if let task {
      let task = try source.data.catalog().task(named: task)
      let split = try source.chosenSplit(of: task)
      let maker = try source.maker([name], task) { () throws(GraftError) in
        try source.training(task, for: "words are replaced by any there are")
      }
      view.rows = try TransformView.Rows(
        maker, name, task.examples(split: split, data: source.data.root, limit: Self.tried), split: split, count: count)
    }
    if let json { try JSONOutput.write(view, to: json) }
    if json != "-" { show(view) }
  }

  private func show(_ view: TransformView) {
    fact("transform", "\(view.transform): \(view.summary)")
    for kind in view.kinds { fact("for", "\(kind.kind): \(kind.needs)") }
    if view.needsWordNet { fact("reads", "the WordNet database") }
    guard let rows = view.rows else { return }
    fact("task", "\(rows.task), split \(rows.split), of the kind \(rows.kind)")
    fact(
      "texts", rows.fields.map { $0.role == $0.field ? $0.role : "\($0.role) is \($0.field)" }.joined(separator: ", "))
    fact("applies", "to \(rows.changed) of \(rows.tried) rows")
    for (reason, count) in rows.notApplicable.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
      fact("not to", "\(count): \(reason)")
    }
    for row in rows.examples {
      standardOutput("\n\(row.identifier)")
      for text in row.texts {
        line(text.field, text.before)
        if let after = text.after { line("  becomes", after) }
      }
      line(
        "label",
        row.keepsLabel ? "\(row.label), which stays" : "\(row.label) becomes \(row.expected.joined(separator: " or "))")
      line("prompt", row.prompt)
    }
  }

  private func fact(_ key: String, _ value: String) { standardOutput(padded(key, to: 12) + value) }

  private func line(_ key: String, _ value: String) { standardOutput("  \(padded(key, to: 12))\(value)") }

  private func padded(_ key: String, to width: Int) -> String {
    key + String(repeating: " ", count: max(1, width - key.count))
  }
}
